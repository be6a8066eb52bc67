// What two versions of a model compute on the same inputs, value by value: what quantization cost,
// at the outputs and layer by layer.
//
//   const auto structure = transform::diff_programs(a.program, b.program, resolvers);
//   ANEBENCH_ASSIGN(diff, diff_values(*reference, {a.program, a.weights}, {b.program, b.weights},
//                                     structure.functions.front(), inputs));
//   fmt::print("{:.1f} dB\n", diff.outputs.front().comparison->snr_db);
//
// Both run whole on the device, with every matched value (transform/match.h) as an output. A
// value's difference includes all that came before it. Where an operation itself changed, it is
// also run alone after the change on the values from before, which is what this one change cost.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/compare.h"
#include "anebench/device/device.h"
#include "anebench/mil/program.h"
#include "anebench/transform/match.h"
#include "anebench/transform/program_diff.h"
#include "anebench/weights/weight_files.h"

namespace anebench::experiments {

struct ModelVersion {
  const mil::Program& program;
  std::shared_ptr<weights::WeightFiles> weights;
};

struct ValueDifference {
  std::string name_before;
  std::string name_after;
  // What computes it before; empty for outputs.
  std::string op_type;
  transform::MatchKind match = transform::MatchKind::by_name;
  // The operation itself changed: its type, its weights, its parameters.
  bool is_changed = false;
  // Absent where it cannot be compared; then why not.
  std::optional<device::Comparison> comparison;
  std::string reason;
  // Of the changed operation alone.
  std::optional<device::Comparison> alone;
};

struct ValueDiff {
  // The function's outputs, in its order before.
  std::vector<ValueDifference> outputs;
  // Results of matched operations, in program order before.
  std::vector<ValueDifference> layers;
};

// The function's inputs without states, in its order.
std::vector<mil::NamedType> inputs_of(const mil::Function& function);

// `structure` is the difference of the function that is run. `inputs`: values of the inputs_of(the
// function before), in that order. Each goes to the input after that was matched, rounded to its
// type. Errors: no such function; inputs that are not matched; the device's own.
Result<ValueDiff> diff_values(device::Device& device, const ModelVersion& before,
                              const ModelVersion& after, const transform::FunctionDiff& structure,
                              const std::vector<mil::Value>& inputs,
                              const device::CompileOptions& options = {});

// The lowest signal-to-noise ratio of an output that could be compared, in dB: infinite where all
// are equal, minus infinite where infinities or NaNs differ. Nothing where none could be.
std::optional<double> lowest_output_snr(const ValueDiff& diff);

}  // namespace anebench::experiments
