// One program of a case on its way from a plan to a filled record: built, compiled, loaded,
// checked, measured. Each step that fails says so in the record's outcome and the steps after it do
// nothing, so that a refusal or a crash of one program never ends the run.
//
//   Subject subject(planned_record);
//   build(context, subject, spec);
//   load(context, subject);
//   check(checker, subject);
//   measure_alone(context, subject, reporter);
//
// Belongs to one thread; must not outlive the context's device.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "anebench/device/loaded_program.h"
#include "anebench/experiments/chain_check.h"
#include "anebench/experiments/context.h"
#include "anebench/measure/measure.h"
#include "anebench/programs/benchmark_program.h"
#include "anebench/record/record.h"
#include "anebench/runner/reporter.h"

namespace anebench::experiments {

struct Subject {
  explicit Subject(record::Record planned) : record(std::move(planned)) {}

  record::Record record;
  std::optional<programs::BenchmarkProgram> benchmark;
  std::optional<device::LoadedProgram> loaded;

  bool is_ready() const { return loaded.has_value() && record.outcome.state == record::State::ok; }
};

// Builds the program, as far as the device needs it, and describes it in the record.
void build(const Context& context, Subject& subject, const programs::ProgramSpec& spec);
// Compiles, loads, makes surfaces, writes the inputs: time.compile, time.load, memory.resident.
void load(const Context& context, Subject& subject);
void load(const Context& context, Subject& subject, const device::CompileOptions& options);
// Takes the outcome of a check: a wrong output, or a check that could not be made, ends the
// subject.
void record_check(Subject& subject, Result<record::Check> checked);
// The check of a device that computes nothing.
record::Check check_without_outputs();
// Judges a chain's outputs against the reference, where the device has any.
void check(const Context& context, ChainChecker& checker, Subject& subject);

// Canary, progress, cancellation and environment of a measurement on the context's device.
measure::Hooks measure_hooks(const Context& context, runner::Reporter& reporter);

// Measures the subject on its own.
void measure_alone(const Context& context, Subject& subject, runner::Reporter& reporter);

// Writes a comparison into the subject's record: its own figures, ratio.<baseline> (95 %), the pair
// and both series; where the comparison was made at another level, ratio.<baseline>.joint at that
// one. `baseline_name` names the series. A comparison that failed becomes the outcome.
void record_pair(const Context& context, const record::Record& baseline,
                 const std::string& baseline_name, const measure::PairResult& result,
                 Subject& subject);

// Measures both interleaved; the baseline's record is only read. Both must be ready.
measure::PairResult measure_against(const Context& context, Subject& baseline,
                                    const std::string& baseline_name, Subject& subject,
                                    runner::Reporter& reporter);
// The same where either may not be ready: a subject without its baseline is measured alone.
void measure_beside(const Context& context, Subject& baseline, Subject& subject,
                    const std::string& baseline_name, runner::Reporter& reporter);

}  // namespace anebench::experiments
