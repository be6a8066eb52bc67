// What the cases of one experiment on one device share: the device, the reference that judges its
// outputs, the settings, and the identity that every record of the run carries.
//
//   ANEBENCH_ASSIGN(context, make_context({.experiment = "int8", .arguments = {"int8"}, .qos = 0},
//                                         device, settings));
//   record::Record planned = plan_record(*context, spec, "w8a8");
//
// Immutable after it was made; cases hold it by shared pointer.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/device.h"
#include "anebench/experiments/filter.h"
#include "anebench/experiments/settings.h"
#include "anebench/programs/benchmark_program.h"
#include "anebench/record/record.h"

namespace anebench::experiments {

// Quality-of-service classes of the specification's experiments: what Apple's frameworks ask for by
// default, and the one that real-time work asks for.
inline constexpr int kDefaultQos = 21;
inline constexpr int kRealTimeQos = 0;

struct ExperimentIdentity {
  std::string experiment;  // "peak"
  // How to start it, with the options of its own: {"peak", "1", "64", "--relu"}.
  std::vector<std::string> arguments;
  // Of the specification; the settings' takes its place.
  int qos = 0;
};

struct Context {
  ExperimentIdentity identity;
  std::string run;  // random
  std::shared_ptr<device::Device> device;
  std::shared_ptr<device::Device> reference;
  Settings settings;
  int qos = 0;
  record::Device device_record;

  device::CompileOptions compile_options() const;
  // What programs must hold for this device: nothing reads the values where nothing computes.
  programs::Content content() const {
    return device->info().has_outputs ? programs::Content::complete : programs::Content::structure;
  }
};

using ContextPointer = std::shared_ptr<const Context>;

// Opens the reference and measures the device's peaks. Errors: theirs.
Result<ContextPointer> make_context(ExperimentIdentity identity,
                                    std::shared_ptr<device::Device> device, Settings settings);

// The record of a case before it runs: identity, device, program, repro. Its id covers every
// parameter that changes the work or its conditions: those of `parameters`, which the experiment
// adds, and the program as it was asked for (--quick may shorten it; the record's program then says
// what ran). `selection` are the parameters that tell the case apart in its experiment.
// Errors: a program that cannot be built.
Result<record::Record> plan_record(const Context& context, const programs::ProgramSpec& requested,
                                   std::string variant, const CaseParameters& selection,
                                   const CaseParameters& parameters = {});

// The same for a case whose program is described already, or that sums others up.
record::Record plan_record(const Context& context, record::Program program, std::string variant,
                           const CaseParameters& selection, const CaseParameters& parameters);

// The program's arguments that run the case again.
std::vector<std::string> case_arguments(const Context& context, const CaseParameters& selection);
// The same as one line for a shell.
std::string command_line(const std::vector<std::string>& arguments);

// What records say of a program.
record::Program describe_program(const programs::BenchmarkProgram& benchmark);

}  // namespace anebench::experiments
