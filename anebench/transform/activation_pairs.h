// Where a program's activations can be int8: which operations meet the rules for integer
// arithmetic, and the scales that their inputs get.
//
// An operation (conv, linear, or matmul with one constant operand) computes in integers where its
// weight is int8 with zero point 0, its activation is an fp16 tensor with a scale that is known
// beforehand, and no sum of products can leave 32 bits. `quantize` and `dequantize` then stand
// between the activation and the operation; other users of the activation keep it as it is. In a
// chain each layer's input pair is the previous layer's output pair.
//
// References the function, which must outlive the result. Pure; thread-safe.
// Source of the rules: the MIL specification §5 and the chip model's on W8A8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/mil/program.h"
#include "anebench/mil/resolver.h"
#include "anebench/weights/quantize.h"

namespace anebench::transform {

// The largest magnitude of each value, by its name in the function.
using ActivationRanges = std::map<std::string, double, std::less<>>;

enum class ActivationOutcome : std::uint8_t {
  quantized,
  already_quantized,  // comes from a dequantize
  nested,             // in a block of a loop or branch, where ranges cannot be observed
  computed_operands,  // both operands are computed, or both constant
  no_int8_weight,     // the weight was left as it is, or has zero points
  not_half,           // fp32: integers stand in for fp16 only
  sums_too_large,     // more products than 32 bits hold
  no_range,           // nobody said how large it gets
  no_finite_range,    // it became infinite or NaN, or its scale leaves fp16
  always_zero,
};
// A sentence without a full stop: "its range is not known".
std::string_view to_string(ActivationOutcome outcome);

struct ActivationResult {
  std::string function;
  // "conv 'y'".
  std::string operation;
  // The activation's name; empty for operations in nested blocks and of two computed operands.
  std::string value;
  ActivationOutcome outcome = ActivationOutcome::quantized;
  double range = 0;
  double scale = 0;
};

// An operation whose input is to be quantized.
struct ActivationSite {
  std::size_t operation = 0;  // index into the function's operations
  std::string_view parameter;
  std::string_view value;
};

struct ActivationPlan {
  std::vector<ActivationSite> sites;
  // By the value's name.
  std::map<std::string_view, double> scales;
  // One for each operation that could compute in integers, in program order.
  std::vector<ActivationResult> results;
};

// `int8_weights` are the names of constants that become (or are) int8 with zero point 0.
// `ranges` may be null: then every range counts as known, for finding out which are needed.
ActivationPlan plan_activations(const mil::Function& function,
                                const std::set<std::string_view>& int8_weights,
                                const ActivationRanges* ranges, weights::ScaleForm form);

// Puts `quantize` and `dequantize` behind each value that the plan names and lets its operations
// read their result. `function` has the operations of the one that was planned, in their order.
void insert_pairs(const ActivationPlan& plan, mil::Function& function);

// Whether integer products may stand in for those of a constexpr operation's result: int8 with zero
// point 0, and one scale or one for each index of `output_axis`, along which nothing is summed.
// `resolver` may be null where no constant lies in a file.
bool is_int8_for_products(const mil::Operation& operation, std::size_t output_axis,
                          const mil::BlobResolver* resolver);

}  // namespace anebench::transform
