// The formats in which a benchmark program stores the weight of a 1x1 convolution, and the
// operation that expands each: a const, or a constexpr operation.
//
//   const WeightFormat* format = find_weight_format("u4b32");
//   ANEBENCH_TRY(append_weight(builder, *format, WeightValues::scaled(512, false),
//                              {.name = "w_000", .out = 512, .in = 512, .rng = rng}, add));
//
// What is stored is drawn from `rng`: the numbers of the published programs, or numbers of mean 0
// that keep the variance of activations, so that deep chains stay finite. Pure functions;
// thread-safe.
// Source: the experiments' specification, `probe` and `int8`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "anebench/base/function_ref.h"
#include "anebench/base/result.h"
#include "anebench/base/rng.h"
#include "anebench/mil/builder.h"
#include "anebench/programs/program_parts.h"

namespace anebench::programs {

// The operation that makes the dense weight.
enum class WeightOperation : std::uint8_t {
  dense,         // const
  affine,        // constexpr_affine_dequantize
  blockwise,     // constexpr_blockwise_shift_scale
  lookup,        // constexpr_lut_to_dense, iOS 18 form
  lookup_ios16,  // the same, iOS 16 form
  sparse,        // constexpr_sparse_to_dense
};

struct WeightFormat {
  std::string_view name;  // "fp16", "w8", "u4b32", "lut4", …
  std::string_view description;
  WeightOperation operation = WeightOperation::dense;
  // Of the stored codes, indices or values.
  mil::DataType data_type = mil::DataType::fp16;
  // Input channels that share a scale; 0: all of them; negative: one scale for the tensor.
  std::int64_t block = 0;
  // False where strict verification must refuse the program.
  bool is_valid = true;

  // Stored bits of an element, scales of blocks and masks included.
  double bits() const;
};

// In the order of the probe's table.
std::span<const WeightFormat> weight_formats();
// Null where unknown.
const WeightFormat* find_weight_format(std::string_view name);

class WeightValues {
 public:
  // The published probe: codes over their type's whole range in steps of 0.01, fp16 values uniform
  // in ±0.05.
  static WeightValues published_probe();
  // The published chains (fp16 and int8 only): codes over the whole range in steps of 2^-3, fp16
  // values −0.500, −0.499, … 0.499.
  static WeightValues published_chain();
  // For convolutions of `channels` inputs: mean 0, and the variance at which outputs vary as much
  // as inputs (twice that where a relu halves it). fp16 and 8-bit weights are the same integers
  // times 2^-k (initialisation.h).
  static WeightValues scaled(std::int64_t channels, bool relu);

  // Stored codes are uniform in low…high and mean (code − zero)·scale.
  struct Codes {
    int low = 0;
    int high = 0;
    int zero = 0;
    double scale = 0;
  };
  Codes codes(const WeightFormat& format) const;
  void fill_dense(Rng& rng, std::span<std::uint16_t> halves) const;
  // The half of a weight that is not zero.
  void fill_nonzero(Rng& rng, std::span<std::uint16_t> halves) const;
  // Entry j of a table of `entries`.
  double table_entry(int j, int entries) const;

 private:
  enum class Scheme : std::uint8_t { published_probe, published_chain, scaled };
  WeightValues(Scheme scheme, std::int64_t channels, bool relu)
      : scheme_(scheme), channels_(channels), has_relu_(relu) {}
  // The standard deviation of scaled weights.
  double deviation() const;

  Scheme scheme_;
  std::int64_t channels_;
  bool has_relu_;
};

struct WeightRequest {
  std::string name;  // of the dense value
  std::int64_t out = 0;
  std::int64_t in = 0;
  Rng rng;
};

// Stores a constant's bytes; `role` tells the constants of one weight apart: "weight", "scale",
// "zp", "lut", "mask".
using AddConstant =
    FunctionRef<Result<mil::Value>(std::string_view role, const mil::Type& type, FillBytes fill)>;

// Appends the operation whose output `request.name` is the dense fp16 weight [out, in, 1, 1].
// Errors: invalid_argument where the input channels do not divide into the format's blocks.
Result<void> append_weight(mil::Builder& builder, const WeightFormat& format,
                           const WeightValues& values, const WeightRequest& request,
                           AddConstant add);

}  // namespace anebench::programs
