#include "anebench/experiments/output_check.h"

#include <fmt/format.h>

#include <cmath>

#include "anebench/experiments/op_check.h"

namespace anebench::experiments {

using device::Comparison;
using device::LoadedProgram;

Result<LoadedProgram> run_poisoned(device::Device& device, const mil::Program& program,
                                   const std::shared_ptr<weights::WeightFiles>& weights,
                                   const std::vector<mil::Value>& inputs,
                                   const device::CompileOptions& options) {
  ANEBENCH_ASSIGN(loaded, LoadedProgram::open(device, program, weights, options));
  ANEBENCH_TRY(loaded.set_inputs(inputs));
  loaded.poison_outputs();
  ANEBENCH_TRY(loaded.evaluate());
  return loaded;
}

Result<OutputCheck> check_outputs(device::Device& device, device::Device& reference,
                                  const programs::BenchmarkProgram& benchmark,
                                  const device::CompileOptions& options,
                                  const OutputDemand& demand) {
  OutputCheck check;
  if (!demand.needs_bits && device.info().rounds_every_op) {
    ANEBENCH_ASSIGN(ops, check_each_op(device, reference, benchmark.program, benchmark.weights,
                                       benchmark.inputs, options));
    check.comparison = ops.worst;
    check.what = fmt::format("each of the {} ops of {}, fed the reference's inputs",
                             ops.checked_ops, demand.name);
    check.tolerance = "ulp16 + K*2^-24*sum|w*x|";
    check.passed = ops.passed;
    check.reason = ops.reason;
    return check;
  }
  ANEBENCH_ASSIGN(
      expected,
      run_poisoned(reference, benchmark.program, benchmark.weights, benchmark.inputs, options),
      "reference");
  ANEBENCH_ASSIGN(actual, run_poisoned(device, benchmark.program, benchmark.weights,
                                       benchmark.inputs, options));
  check.comparison = device::compare(expected.output(0).type(), expected.output(0).bytes(),
                                     actual.output(0).bytes());
  const Comparison& c = check.comparison;
  check.what = demand.name;
  check.tolerance =
      demand.needs_bits ? "every value equal" : fmt::format("at least {} dB", demand.snr_db);
  check.passed =
      demand.needs_bits ? c.bit_identical : c.snr_db >= demand.snr_db && c.special_mismatches == 0;
  if (!check.passed) {
    check.reason =
        fmt::format("{} of {} values differ, {:.1f} dB", c.mismatches, c.compared_values, c.snr_db);
  }
  return check;
}

record::Check to_record(const OutputCheck& check) {
  record::Check result;
  const Comparison& c = check.comparison;
  result.reference = fmt::format("reference device (double arithmetic): {}", check.what);
  result.result = check.passed ? "passed" : "failed";
  result.reason = check.reason;
  result.tolerance = check.tolerance;
  result.max_absolute_error = c.max_absolute_error;
  result.max_relative_error = c.max_relative_error;
  if (std::isfinite(c.snr_db)) result.snr_db = c.snr_db;
  result.bit_identical = c.bit_identical;
  result.distinct_values = c.distinct_values;
  result.compared_values = c.compared_values;
  return result;
}

}  // namespace anebench::experiments
