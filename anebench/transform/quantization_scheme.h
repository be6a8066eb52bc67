// The ways in which requantize.h stores weights: which operation expands them again, from which
// opset on, and how a tensor is turned into its parameters.
//
//   ANEBENCH_ASSIGN(scheme, find_scheme("lut4"));
//   ANEBENCH_ASSIGN(stored, store_weight(*scheme, weight.type(), values, {.output = 0, .input = 1},
//                                        mil::Opset::ios18));
//   // constexpr_lut_to_dense with stored.parameters, stored.bytes bytes, stored.error.snr_db
//
// Pure functions over constant data; thread-safe.
// Source of the operations' forms: the MIL specification, chapter on the quantization family.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/weights/quantize.h"

namespace anebench::transform {

enum class SchemeKind : std::uint8_t {
  affine,     // constexpr_affine_dequantize, int8, symmetric
  blockwise,  // constexpr_blockwise_shift_scale, int4, symmetric
  lookup,     // constexpr_lut_to_dense
  sparse,     // constexpr_sparse_to_dense
};

struct QuantizationScheme {
  std::string_view name;
  std::string_view description;
  SchemeKind kind = SchemeKind::affine;
  // Of the first opset whose language can express it.
  mil::Opset since = mil::Opset::ios16;
  // Of a stored element.
  int bits = 8;
  // affine: one scale for the tensor, not one for each output channel.
  bool is_per_tensor = false;
  weights::ScaleForm scale_form = weights::ScaleForm::any;
  // sparse: the share of zeros.
  double sparsity = 0;
  // Whether quantize and dequantize are put around activations.
  bool has_activations = false;
};

// Input channels that share a scale in blockwise schemes.
inline constexpr std::int64_t kQuantizationBlock = 32;

std::span<const QuantizationScheme> quantization_schemes();
// Errors: not_found, with all names.
Result<const QuantizationScheme*> find_scheme(std::string_view name);

// The dimensions of a weight that are its output channels and what is summed over.
struct WeightAxes {
  std::size_t output = 0;
  std::size_t input = 1;
  friend auto operator<=>(const WeightAxes&, const WeightAxes&) = default;
};

// A constexpr operation without its names.
struct StoredWeight {
  std::string op_type;
  std::vector<std::pair<std::string, mil::Value>> parameters;
  // The form of iOS 16 has its parameters in attributes, that of iOS 18 in inputs.
  bool in_attributes = true;
  std::int64_t bytes = 0;
  weights::QuantizationError error;
};

// Why a blockwise scheme cannot be used for a weight of that shape; empty where it can.
std::string block_problem(const mil::Shape& shape, const WeightAxes& axes);

// `type` is a tensor of fp16 or fp32 of rank 2 or more, `values` its elements; `opset` is that of
// the function and has the scheme. Errors: those of weights/quantize.h.
Result<StoredWeight> store_weight(const QuantizationScheme& scheme, const mil::Type& type,
                                  std::span<const float> values, const WeightAxes& axes,
                                  mil::Opset opset);

}  // namespace anebench::transform
