// Judges the whole output of a program on a device against the reference.
//
//   * bit-exact executables: every value equal;
//   * devices that round every op (DeviceInfo::rounds_every_op): each op, fed the reference's
//     inputs, within its own bound (op_check.h);
//   * other devices: a signal-to-noise ratio.
// Source: the measurement specification, §4.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/compare.h"
#include "anebench/device/device.h"
#include "anebench/device/loaded_program.h"
#include "anebench/programs/benchmark_program.h"
#include "anebench/record/record.h"

namespace anebench::experiments {

// A comparison and what was asked of it.
struct OutputCheck {
  device::Comparison comparison;
  bool passed = false;
  std::string what;       // what was compared
  std::string tolerance;  // what was demanded
  std::string reason;     // why it failed
};

struct OutputDemand {
  bool needs_bits = false;  // the executable promises the reference's bits
  double snr_db = 0;        // of devices that promise nothing
  // How the output is called in sentences: "the whole output".
  std::string name = "the whole output";
};

// Compiles, loads and runs the program on poisoned outputs.
Result<device::LoadedProgram> run_poisoned(device::Device& device, const mil::Program& program,
                                           const std::shared_ptr<weights::WeightFiles>& weights,
                                           const std::vector<mil::Value>& inputs,
                                           const device::CompileOptions& options);

// Runs the benchmark on both devices. Errors: the check could not be made; a wrong output is a
// check that did not pass.
Result<OutputCheck> check_outputs(device::Device& device, device::Device& reference,
                                  const programs::BenchmarkProgram& benchmark,
                                  const device::CompileOptions& options,
                                  const OutputDemand& demand);

// As the record has it.
record::Check to_record(const OutputCheck& check);

}  // namespace anebench::experiments
