// Ops that put a tensor's elements in another order: transposition, reversal, windows, and the
// exchanges between space, depth and batch.
//
// Source of the semantics: coremltools' documentation of each op. Which sub-block goes to which
// channel is pinned by the tests: depth_to_space and space_to_depth number channels by position
// first, pixel_shuffle and pixel_unshuffle by channel first, as PyTorch does.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/shapes.h"
#include "anebench/ops/signature.h"
#include "anebench/ops/strided_view.h"

namespace anebench::ops {
namespace {

using mil::Dim;
using mil::Opset;

using Dims = std::vector<std::int64_t>;

// --- transpose --------------------------------------------------------------------------------

Result<std::vector<std::size_t>> permutation_of(const Arguments& arguments, std::size_t rank) {
  ANEBENCH_ASSIGN(permutation, axes_of(arguments, "perm", rank));
  if (permutation.size() != rank) {
    return arguments.error(
        "perm", fmt::format("has {} numbers for {} dimensions", permutation.size(), rank));
  }
  return permutation;
}

Result<std::vector<mil::Type>> infer_transpose(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(permutation, permutation_of(arguments, x.rank()));
  mil::Shape shape;
  for (const std::size_t d : permutation) shape.push_back(x.shape()[d]);
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

Result<std::vector<Tensor>> evaluate_transpose(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(permutation, permutation_of(context.arguments(), x.rank()));
  const StridedView view = StridedView::of(x.dims()).permuted(permutation);
  ANEBENCH_ASSIGN(out, gather(context, x, view, view.dims));
  return std::vector<Tensor>{std::move(out)};
}

// --- reverse, reverse_sequence ----------------------------------------------------------------

// Walks dimension d of a view backwards.
void reverse_dimension(StridedView& view, std::size_t d) {
  if (view.dims[d] == 0) return;
  view.offset += (view.dims[d] - 1) * view.strides[d];
  view.strides[d] = -view.strides[d];
}

Result<std::vector<std::size_t>> reversed_axes(const Arguments& arguments, std::size_t rank) {
  if (arguments.has("axes")) return axes_of(arguments, "axes", rank);
  std::vector<std::size_t> all;
  for (std::size_t d = 0; d < rank; ++d) all.push_back(d);
  return all;
}

Result<std::vector<mil::Type>> infer_reverse(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_TRY(reversed_axes(arguments, x.rank()));
  return std::vector<mil::Type>{std::move(x)};
}

Result<std::vector<Tensor>> evaluate_reverse(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(axes, reversed_axes(context.arguments(), x.rank()));
  if (x.element_count() == 0) return std::vector<Tensor>{std::move(x)};
  StridedView view = StridedView::of(x.dims());
  for (const std::size_t axis : axes) reverse_dimension(view, axis);
  ANEBENCH_ASSIGN(out, gather(context, x, view, view.dims));
  return std::vector<Tensor>{std::move(out)};
}

struct SequenceAxes {
  std::size_t sequence = 0;
  std::size_t batch = 0;
};

Result<SequenceAxes> sequence_axes(const Arguments& arguments, std::size_t rank) {
  SequenceAxes axes;
  if (arguments.has("seq_axis")) {
    ANEBENCH_ASSIGN(sequence, arguments.axis("seq_axis", rank));
    axes.sequence = sequence;
  }
  if (arguments.has("batch_axis")) {
    ANEBENCH_ASSIGN(batch, arguments.axis("batch_axis", rank));
    axes.batch = batch;
  }
  if (rank == 0 || axes.sequence == axes.batch) {
    return arguments.error("seq_axis", fmt::format("is {}, and so is batch_axis; a sequence runs "
                                                   "along another dimension than the batch",
                                                   axes.sequence));
  }
  return axes;
}

Result<std::vector<mil::Type>> infer_reverse_sequence(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(lengths, arguments.tensor_type("lengths"));
  ANEBENCH_ASSIGN(axes, sequence_axes(arguments, x.rank()));
  const Dim batches = x.shape()[axes.batch];
  const bool fits = lengths.rank() == 1 && (!batches.is_known() || !lengths.shape()[0].is_known() ||
                                            lengths.shape()[0] == batches);
  if (!fits) {
    return arguments.error("lengths", fmt::format("is {}, wants one number for each of {} "
                                                  "sequences",
                                                  to_string(lengths), batches.size()));
  }
  return std::vector<mil::Type>{std::move(x)};
}

Result<std::vector<Tensor>> evaluate_reverse_sequence(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(lengths, context.tensor("lengths"));
  ANEBENCH_TRY(infer_reverse_sequence(arguments));
  ANEBENCH_ASSIGN(axes, sequence_axes(arguments, x.rank()));
  Tensor out = x;
  const std::vector<std::int64_t> counts = lengths.to_integers();
  for (std::size_t batch = 0; batch < counts.size(); ++batch) {
    if (counts[batch] < 0 || counts[batch] > x.dims()[axes.sequence]) {
      return arguments.error("lengths", fmt::format("holds {} for sequences of {} elements",
                                                    counts[batch], x.dims()[axes.sequence]));
    }
    if (x.element_count() == 0) continue;
    StridedView target = StridedView::of(x.dims());
    target.offset = static_cast<std::int64_t>(batch) * target.strides[axes.batch];
    target.dims[axes.batch] = 1;
    target.dims[axes.sequence] = counts[batch];
    StridedView source = target;
    reverse_dimension(source, axes.sequence);
    ANEBENCH_ASSIGN(reversed, gather(context, x, source, source.dims));
    ANEBENCH_TRY(scatter(context, out, target, reversed));
  }
  return std::vector<Tensor>{std::move(out)};
}

// --- sliding_windows --------------------------------------------------------------------------

struct Windows {
  std::size_t axis = 0;
  std::int64_t size = 0;
  std::int64_t stride = 1;

  std::int64_t count(std::int64_t elements) const { return (elements - size) / stride + 1; }
};

Result<Windows> windows_of(const Arguments& arguments, const mil::Shape& x) {
  ANEBENCH_ASSIGN(axis, arguments.axis("axis", x.size()));
  ANEBENCH_ASSIGN(size, arguments.integer("size"));
  ANEBENCH_ASSIGN(stride, arguments.integer_or("stride", 1));
  if (stride < 1) return arguments.error("stride", fmt::format("is {}", stride));
  if (size < 1 || (x[axis].is_known() && size > x[axis].size())) {
    return arguments.error(
        "size", fmt::format("is {} for a dimension of {}", size, to_string(mil::Shape{x[axis]})));
  }
  return Windows{axis, size, stride};
}

Result<std::vector<mil::Type>> infer_sliding_windows(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(windows, windows_of(arguments, x.shape()));
  mil::Shape shape = x.shape();
  Dim& along = shape[windows.axis];
  if (along.is_known()) along = windows.count(along.size());
  shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(windows.axis) + 1, windows.size);
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

Result<std::vector<Tensor>> evaluate_sliding_windows(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(windows, windows_of(context.arguments(), x.type().shape()));
  StridedView view = StridedView::of(x.dims());
  const auto inner = static_cast<std::ptrdiff_t>(windows.axis) + 1;
  const std::int64_t step = view.strides[windows.axis];
  view.dims[windows.axis] = windows.count(x.dims()[windows.axis]);
  // One window needs no step, and its stride may be absurd.
  view.strides[windows.axis] = view.dims[windows.axis] < 2 ? 0 : step * windows.stride;
  view.dims.insert(view.dims.begin() + inner, windows.size);
  view.strides.insert(view.strides.begin() + inner, step);
  ANEBENCH_ASSIGN(out, gather(context, x, view, view.dims));
  return std::vector<Tensor>{std::move(out)};
}

// --- Space, depth and channels ----------------------------------------------------------------

// The factor of both spatial dimensions. Its square stays below 2^62.
Result<std::int64_t> factor_of(const Arguments& arguments, std::string_view parameter) {
  ANEBENCH_ASSIGN(factor, arguments.integer(parameter));
  if (factor < 1 || factor > 0x7fffffff) {
    return arguments.error(parameter, fmt::format("is {}", factor));
  }
  return factor;
}

// dim / factor, which must come out even.
Result<Dim> divided(const Arguments& arguments, std::string_view parameter, Dim dim,
                    std::int64_t factor) {
  if (!dim.is_known()) return dim;
  if (dim.size() % factor != 0) {
    return arguments.error(parameter,
                           fmt::format("makes {}, which does not divide {}", factor, dim.size()));
  }
  return Dim(dim.size() / factor);
}

Result<Dim> times(const Arguments& arguments, std::string_view parameter, Dim dim,
                  std::int64_t factor) {
  const auto product = multiplied(dim, factor);
  if (!product)
    return arguments.error(parameter, fmt::format("makes {} of {}", factor, dim.size()));
  return *product;
}

Result<std::vector<mil::Type>> infer_to_space(const Arguments& arguments,
                                              std::string_view parameter) {
  ANEBENCH_ASSIGN(x, image_type(arguments));
  ANEBENCH_ASSIGN(factor, factor_of(arguments, parameter));
  const mil::Shape& s = x.shape();
  ANEBENCH_ASSIGN(channels, divided(arguments, parameter, s[1], factor * factor));
  ANEBENCH_ASSIGN(height, times(arguments, parameter, s[2], factor));
  ANEBENCH_ASSIGN(width, times(arguments, parameter, s[3], factor));
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), {s[0], channels, height, width})};
}

Result<std::vector<mil::Type>> infer_to_channels(const Arguments& arguments,
                                                 std::string_view parameter) {
  ANEBENCH_ASSIGN(x, image_type(arguments));
  ANEBENCH_ASSIGN(factor, factor_of(arguments, parameter));
  const mil::Shape& s = x.shape();
  ANEBENCH_ASSIGN(channels, times(arguments, parameter, s[1], factor * factor));
  ANEBENCH_ASSIGN(height, divided(arguments, parameter, s[2], factor));
  ANEBENCH_ASSIGN(width, divided(arguments, parameter, s[3], factor));
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), {s[0], channels, height, width})};
}

Result<std::vector<mil::Type>> infer_depth_to_space(const Arguments& arguments) {
  return infer_to_space(arguments, "block_size");
}
Result<std::vector<mil::Type>> infer_pixel_shuffle(const Arguments& arguments) {
  return infer_to_space(arguments, "upscale_factor");
}
Result<std::vector<mil::Type>> infer_space_to_depth(const Arguments& arguments) {
  return infer_to_channels(arguments, "block_size");
}
Result<std::vector<mil::Type>> infer_pixel_unshuffle(const Arguments& arguments) {
  return infer_to_channels(arguments, "downscale_factor");
}

// The six dimensions that x is split into, and their order in the output.
struct Rearrangement {
  Dims split;
  std::array<std::size_t, 6> permutation;
};

Result<std::vector<Tensor>> evaluate_rearrangement(OpContext& context, InferFunction infer,
                                                   std::string_view parameter,
                                                   Rearrangement (*plan)(const Dims&,
                                                                         std::int64_t)) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(types, infer(context.arguments()));
  ANEBENCH_ASSIGN(factor, factor_of(context.arguments(), parameter));
  const auto [split, permutation] = plan(x.dims(), factor);
  ANEBENCH_ASSIGN(out, rearrange(context, x, split, permutation, sizes(types.front().shape())));
  return std::vector<Tensor>{std::move(out)};
}

Result<std::vector<Tensor>> evaluate_depth_to_space(OpContext& context) {
  return evaluate_rearrangement(
      context, infer_depth_to_space, "block_size", [](const Dims& d, std::int64_t f) {
        return Rearrangement{{d[0], f, f, d[1] / f / f, d[2], d[3]}, {0, 3, 4, 1, 5, 2}};
      });
}

Result<std::vector<Tensor>> evaluate_pixel_shuffle(OpContext& context) {
  return evaluate_rearrangement(
      context, infer_pixel_shuffle, "upscale_factor", [](const Dims& d, std::int64_t f) {
        return Rearrangement{{d[0], d[1] / f / f, f, f, d[2], d[3]}, {0, 1, 4, 2, 5, 3}};
      });
}

Result<std::vector<Tensor>> evaluate_space_to_depth(OpContext& context) {
  return evaluate_rearrangement(
      context, infer_space_to_depth, "block_size", [](const Dims& d, std::int64_t f) {
        return Rearrangement{{d[0], d[1], d[2] / f, f, d[3] / f, f}, {0, 3, 5, 1, 2, 4}};
      });
}

Result<std::vector<Tensor>> evaluate_pixel_unshuffle(OpContext& context) {
  return evaluate_rearrangement(
      context, infer_pixel_unshuffle, "downscale_factor", [](const Dims& d, std::int64_t f) {
        return Rearrangement{{d[0], d[1], d[2] / f, f, d[3] / f, f}, {0, 1, 3, 5, 2, 4}};
      });
}

// --- Definitions ------------------------------------------------------------------------------

constexpr Parameter kTranspose13[] = {kAnyX, constant_parameter("perm", kInt32)};
constexpr Parameter kTranspose17[] = {kAnyXSinceIos17, constant_parameter("perm", kInt32)};
constexpr Version kTransposeVersions[] = {{Opset::ios13, kTranspose13},
                                          {Opset::ios17, kTranspose17}};
constexpr Parameter kReverse13[] = {kAnyX, optional_parameter("axes", kInt32, "all dimensions")};
constexpr Parameter kReverse17[] = {kAnyXSinceIos17,
                                    optional_parameter("axes", kInt32, "all dimensions")};
constexpr Version kReverseVersions[] = {{Opset::ios13, kReverse13}, {Opset::ios17, kReverse17}};
constexpr Parameter kReverseSequence13[] = {kAnyX,
                                            {.name = "lengths", .types = kInt32},
                                            optional_parameter("seq_axis", kInt32, "0"),
                                            optional_parameter("batch_axis", kInt32, "0")};
constexpr Parameter kReverseSequence17[] = {
    kAnyXSinceIos17,
    {.name = "lengths", .types = kIndicesSinceIos17, .type_variable = "U"},
    optional_parameter("seq_axis", kInt32, "0"),
    optional_parameter("batch_axis", kInt32, "0")};
constexpr Version kReverseSequenceVersions[] = {{Opset::ios13, kReverseSequence13},
                                                {Opset::ios17, kReverseSequence17}};
constexpr Parameter kSlidingWindows13[] = {kNumberX, constant_parameter("axis", kInt32),
                                           constant_parameter("size", kInt32),
                                           optional_parameter("stride", kInt32, "1")};
constexpr Parameter kSlidingWindows17[] = {kAnyXSinceIos17, constant_parameter("axis", kInt32),
                                           constant_parameter("size", kInt32),
                                           optional_parameter("stride", kInt32, "1")};
constexpr Version kSlidingWindowsVersions[] = {{Opset::ios13, kSlidingWindows13},
                                               {Opset::ios17, kSlidingWindows17}};
constexpr Parameter kBlockSize[] = {kFloatX, constant_parameter("block_size", kInt32)};
constexpr Version kBlockSizeVersions[] = {{Opset::ios13, kBlockSize}};
constexpr Parameter kPixelShuffle[] = {kFloatX, constant_parameter("upscale_factor", kInt32)};
constexpr Version kPixelShuffleVersions[] = {{Opset::ios13, kPixelShuffle}};
constexpr Parameter kPixelUnshuffle[] = {kFloatX, constant_parameter("downscale_factor", kUint32)};
constexpr Version kPixelUnshuffleVersions[] = {{Opset::ios16, kPixelUnshuffle}};

constexpr Definition kTensorRearrangeDefinitions[] = {
    define("tensor_transformation", "depth_to_space", kBlockSizeVersions, infer_depth_to_space,
           evaluate_depth_to_space),
    define("tensor_transformation", "pixel_shuffle", kPixelShuffleVersions, infer_pixel_shuffle,
           evaluate_pixel_shuffle),
    define("tensor_transformation", "pixel_unshuffle", kPixelUnshuffleVersions,
           infer_pixel_unshuffle, evaluate_pixel_unshuffle),
    define("tensor_transformation", "reverse", kReverseVersions, infer_reverse, evaluate_reverse),
    define("tensor_transformation", "reverse_sequence", kReverseSequenceVersions,
           infer_reverse_sequence, evaluate_reverse_sequence),
    define("tensor_transformation", "sliding_windows", kSlidingWindowsVersions,
           infer_sliding_windows, evaluate_sliding_windows),
    define("tensor_transformation", "space_to_depth", kBlockSizeVersions, infer_space_to_depth,
           evaluate_space_to_depth),
    define("tensor_transformation", "transpose", kTransposeVersions, infer_transpose,
           evaluate_transpose),
};

}  // namespace

std::span<const Definition> tensor_rearrange_family() { return kTensorRearrangeDefinitions; }

}  // namespace anebench::ops
