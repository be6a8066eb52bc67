// Quantizes real tensors into the forms that MIL's constexpr operations expand again: affine,
// blockwise, lookup tables, sparse, fp16. For making weights; deterministic on every platform.
//
//   ANEBENCH_ASSIGN(q, quantize_affine(values, {512, 256, 1, 1},
//                                      {.data_type = DataType::int8, .axis = 0}));
//   // constexpr_affine_dequantize(quantized_data = q.data, scale = q.scale,
//   //                             zero_point = q.zero_point, axis = q.axis)
//   fmt::print("{:.1f} dB\n", q.error.snr_db);
//
// Input: row-major floats, as many as the shape has elements, all finite. Results are packed tensor
// values. Errors: invalid_argument for empty and non-finite input, values too large for fp16
// results, counts that do not fit the shape, unknown dimensions, and options that the operation
// cannot express. All functions are pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/type.h"
#include "anebench/mil/value.h"

namespace anebench::weights {

// Of the expanded tensor, as the operation expands it, against the input.
struct QuantizationError {
  double max_abs = 0;
  double root_mean_square = 0;
  // 10·log10(Σ input² / Σ difference²); infinite where they are equal.
  double snr_db = 0;
};
// Precondition: equal lengths.
QuantizationError quantization_error(std::span<const float> original,
                                     std::span<const float> restored);

// --- Scales --------------------------------------------------------------------------------------

// Which numbers a scale may be.
enum class ScaleForm : std::uint8_t {
  // All of its type.
  any,
  // m·2^e with m ≤ 16: times an 8-bit code it has no more than fp16's 11 bits, so that
  // dequantization rounds nothing and integers may stand in for it (docs/cpu-device.md). Costs
  // 1 dB at most; more where the scale would lie below fp16's smallest step.
  exact,
  // The same with m = 1. Costs 6 dB at most.
  power_of_two,
};

// The smallest scale of that form at which no value up to `largest` in magnitude exceeds
// `highest_code` steps; 1 where `largest` is 0. Infinite where the type has none so large.
// Preconditions: `largest` is finite and not negative; `type` is fp16 or fp32.
double symmetric_scale(double largest, std::int64_t highest_code, ScaleForm form,
                       mil::DataType type);

// --- Affine: value ≈ (data − zero_point) · scale -------------------------------------------------

// How the range is chosen. Symmetric: the largest magnitude is the largest code, zero is the middle
// code. Asymmetric: smallest and largest value (and always zero) span all codes.
enum class RangeMode : std::uint8_t { symmetric, asymmetric };

struct AffineOptions {
  // int8, uint8, int4, uint4. (constexpr_affine_dequantize itself knows the 8-bit types only.)
  mil::DataType data_type = mil::DataType::int8;
  RangeMode range = RangeMode::symmetric;
  // One scale for each index of this dimension; nothing: one for the tensor.
  std::optional<int> axis = std::nullopt;
  // fp16 or fp32.
  mil::DataType scale_type = mil::DataType::fp16;
  // Of symmetric ranges; asymmetric ones take `any`.
  ScaleForm scale_form = ScaleForm::any;
};

struct AffineTensor {
  mil::Value data;
  // Scalar, or a vector along the axis. Rounded up to its type, so that no value saturates: each
  // value is restored to within scale/2, plus the rounding to the scale's type.
  mil::Value scale;
  // Of the data's type and the scale's shape.
  mil::Value zero_point;
  // 0 where there is one scale for the tensor.
  int axis = 0;
  QuantizationError error;
};
Result<AffineTensor> quantize_affine(std::span<const float> values, const mil::Shape& shape,
                                     const AffineOptions& options);

// --- Blockwise: value ≈ scale[block] · (data − offset[block]) ------------------------------------

struct BlockwiseOptions {
  // int4, uint4, int8, uint8.
  mil::DataType data_type = mil::DataType::int4;
  RangeMode range = RangeMode::symmetric;
  // Elements of a block along each dimension; each must divide the dimension; 0: the whole of it.
  // {1, 32, 0, 0}: each output channel, 32 input channels together.
  std::vector<std::int64_t> block_shape = {};
  // fp16 or fp32.
  mil::DataType scale_type = mil::DataType::fp16;
};

struct BlockwiseTensor {
  mil::Value data;
  mil::Value scale;
  // Of the data's type and the scale's shape; nothing where all offsets are 0.
  std::optional<mil::Value> offset;
  QuantizationError error;
};
Result<BlockwiseTensor> quantize_blockwise(std::span<const float> values, const mil::Shape& shape,
                                           const BlockwiseOptions& options);

// --- Lookup tables: value ≈ lut[group][index] ----------------------------------------------------

struct LutOptions {
  // 1, 2, 3, 4, 6 or 8.
  int bits = 4;
  // Tables by k-means in one dimension (k_means.h; without loss where a group has no more distinct
  // values than the table), or equally spaced from smallest to largest.
  enum class Method : std::uint8_t { k_means, uniform } method = Method::k_means;
  // Channels of `axis` that share a table; nothing: one table for the tensor.
  std::optional<std::int64_t> group_size = std::nullopt;
  int axis = 0;
  // fp16 or fp32.
  mil::DataType lut_type = mil::DataType::fp16;
};

struct LutTensor {
  // uint1 … uint8, of the tensor's shape.
  mil::Value indices;
  // [groups along each dimension…, 2^bits, 1], ascending in each table.
  mil::Value lut;
  QuantizationError error;
};
Result<LutTensor> quantize_lut(std::span<const float> values, const mil::Shape& shape,
                               const LutOptions& options);

// The form of iOS 16: indices packed into a uint8 vector, one table, the shape as uint32 values.
// Errors: unsupported for several tables and for 3 bits, which that form lacks.
struct Ios16Lut {
  mil::Value indices;
  mil::Value lut;
  mil::Value shape;
};
Result<Ios16Lut> to_ios16(const LutTensor& tensor);

// --- Sparse: the values of largest magnitude, the others 0 ---------------------------------------

struct SparseOptions {
  // The share of elements that become 0, 0 … 1, rounded down to whole elements. Of equal
  // magnitudes the later element goes first. Elements that are 0 in value_type are never kept.
  double sparsity = 0.5;
  // fp16 or fp32.
  mil::DataType value_type = mil::DataType::fp16;
};

struct SparseTensor {
  // uint1, of the tensor's shape.
  mil::Value mask;
  // A vector, as many as the mask has ones.
  mil::Value nonzero_data;
  QuantizationError error;
};
Result<SparseTensor> quantize_sparse(std::span<const float> values, const mil::Shape& shape,
                                     const SparseOptions& options);

// The form of iOS 16: the mask packed into a uint8 vector, the shape as uint32 values.
// Errors: unsupported for dimensions beyond uint32.
struct Ios16Sparse {
  mil::Value mask;
  mil::Value nonzero_data;
  mil::Value shape;
};
Result<Ios16Sparse> to_ios16(const SparseTensor& tensor);

// --- fp16 ----------------------------------------------------------------------------------------

struct HalfTensor {
  mil::Value data;
  QuantizationError error;
};
// Each value rounded once; infinity and NaN are allowed and left out of the error.
Result<HalfTensor> to_fp16(std::span<const float> values, const mil::Shape& shape);

}  // namespace anebench::weights
