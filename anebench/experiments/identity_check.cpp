#include "anebench/experiments/identity_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "anebench/device/compare.h"
#include "anebench/device/loaded_program.h"
#include "anebench/programs/catalogue.h"

namespace anebench::experiments {

Result<std::vector<std::byte>> identity_output(device::Device& reference,
                                               const programs::ProgramSpec& spec) {
  programs::ProgramSpec last_layer = spec;
  last_layer.set("depth", std::int64_t{1});
  ANEBENCH_ASSIGN(benchmark, programs::build(last_layer));
  ANEBENCH_ASSIGN(loaded,
                  device::LoadedProgram::open(reference, benchmark.program, benchmark.weights, {}));
  ANEBENCH_TRY(loaded.set_inputs(benchmark.inputs));
  ANEBENCH_TRY(loaded.evaluate());
  const auto bytes = loaded.output(0).bytes();
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

record::Check judge_identity(const mil::Type& type, std::span<const std::byte> expected,
                             std::span<const std::byte> actual, double tolerance) {
  const device::Comparison c = device::compare(type, expected, actual);
  record::Check check;
  check.reference =
      "the reference's output of the last layer: the identities before it change no "
      "fp16 value; every value compared";
  check.max_absolute_error = c.max_absolute_error;
  check.max_relative_error = c.max_relative_error;
  if (std::isfinite(c.snr_db)) check.snr_db = c.snr_db;
  check.tolerance = fmt::format("every value within {:.4g}", tolerance);
  check.bit_identical = c.bit_identical;
  check.distinct_values = c.distinct_values;
  check.compared_values = c.compared_values;
  check.result = "passed";
  if (c.special_mismatches > 0 || !(c.max_absolute_error <= tolerance)) {
    check.result = "failed";
    check.reason = fmt::format(
        "{} of {} values differ from the reference's, by up to {:.4g}; {} are infinite or no "
        "number where the reference's are not",
        c.mismatches, c.compared_values, c.max_absolute_error, c.special_mismatches);
  }
  return check;
}

record::Check combine_checks(const record::Check& one, const record::Check& other) {
  record::Check both = one.result == "failed" ? one : other;
  both.max_absolute_error = std::max(one.max_absolute_error, other.max_absolute_error);
  both.max_relative_error = std::max(one.max_relative_error, other.max_relative_error);
  both.snr_db = one.snr_db && other.snr_db ? std::min(one.snr_db, other.snr_db)
                                           : (one.snr_db ? one.snr_db : other.snr_db);
  both.bit_identical = one.bit_identical && other.bit_identical;
  both.distinct_values = std::min(one.distinct_values, other.distinct_values);
  both.compared_values = one.compared_values + other.compared_values;
  return both;
}

std::vector<double> values_of(const mil::Type& type, std::span<const std::byte> bytes) {
  const auto count = static_cast<std::size_t>(type.element_count().value_or(0));
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = mil::packed_element_as_double(type.data_type(), bytes, i);
  }
  return values;
}

}  // namespace anebench::experiments
