// space_to_batch and batch_to_space: blocks of an image's positions to and from the batch, as
// TensorFlow's ops of these names do (position within the block outermost, then the batch).
#include <fmt/format.h>

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

// Padding or cropping of a spatial dimension.
struct Margin {
  std::int64_t before = 0;
  std::int64_t after = 0;
};

struct Blocks {
  std::array<std::int64_t, 2> shape{};
  std::array<Margin, 2> margins{};

  std::int64_t count() const { return shape[0] * shape[1]; }
};

// `margins` names the parameter, [2, 2].
Result<Blocks> blocks_of(const Arguments& arguments, std::string_view margins) {
  ANEBENCH_ASSIGN(shape, arguments.integers("block_shape"));
  ANEBENCH_ASSIGN(numbers, arguments.integers(margins));
  ANEBENCH_ASSIGN(type, arguments.tensor_type(margins));
  if (shape.size() != 2 || shape[0] < 1 || shape[1] < 1) {
    return arguments.error("block_shape", "wants two positive numbers");
  }
  if (type.shape() != mil::Shape{2, 2}) {
    return arguments.error(margins,
                           fmt::format("has the shape {}, wants [2, 2]", to_string(type.shape())));
  }
  Blocks blocks;
  for (std::size_t d = 0; d < 2; ++d) {
    blocks.shape[d] = shape[d];
    blocks.margins[d] = {numbers[2 * d], numbers[2 * d + 1]};
    if (blocks.margins[d].before < 0 || blocks.margins[d].after < 0) {
      return arguments.error(margins, "holds a negative number");
    }
  }
  return blocks;
}

tl::unexpected<Error> too_large(const Arguments& arguments, const mil::Type& x) {
  return arguments.error("block_shape", fmt::format("makes x {} too large", to_string(x)));
}

Result<std::vector<mil::Type>> infer_space_to_batch(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, image_type(arguments));
  ANEBENCH_ASSIGN(blocks, blocks_of(arguments, "paddings"));
  const auto batch = multiplied(x.shape()[0], blocks.count());
  if (!batch) return too_large(arguments, x);
  mil::Shape shape{*batch, x.shape()[1]};
  for (std::size_t d = 0; d < 2; ++d) {
    const Dim size = x.shape()[2 + d];
    if (!size.is_known()) {
      shape.push_back(size);
      continue;
    }
    // A size close to 2^63 exists in no tensor; the sum below must not overflow all the same.
    if (size.size() > std::int64_t{1} << 62) return too_large(arguments, x);
    const std::int64_t padded = size.size() + blocks.margins[d].before + blocks.margins[d].after;
    if (padded % blocks.shape[d] != 0) {
      return arguments.error("block_shape", fmt::format("holds {}, which does not divide the "
                                                        "padded size {}",
                                                        blocks.shape[d], padded));
    }
    shape.push_back(padded / blocks.shape[d]);
  }
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

Result<std::vector<Tensor>> evaluate_space_to_batch(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(types, infer_space_to_batch(context.arguments()));
  ANEBENCH_ASSIGN(blocks, blocks_of(context.arguments(), "paddings"));
  const std::vector<std::int64_t> out = sizes(types.front().shape());
  const std::int64_t height = out[2] * blocks.shape[0];
  const std::int64_t width = out[3] * blocks.shape[1];
  ANEBENCH_ASSIGN(padded, Tensor::create(mil::Type::tensor(
                              x.data_type(), {x.dims()[0], x.dims()[1], height, width})));
  StridedView inside = StridedView::of(padded.dims());
  inside.offset = blocks.margins[0].before * width + blocks.margins[1].before;
  inside.dims = x.dims();
  ANEBENCH_TRY(scatter(context, padded, inside, x));
  const std::array split{x.dims()[0],     x.dims()[1], out[2],
                         blocks.shape[0], out[3],      blocks.shape[1]};
  const std::array<std::size_t, 6> permutation{3, 5, 0, 1, 2, 4};
  ANEBENCH_ASSIGN(result, rearrange(context, padded, split, permutation, out));
  return std::vector<Tensor>{std::move(result)};
}

Result<std::vector<mil::Type>> infer_batch_to_space(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, image_type(arguments));
  ANEBENCH_ASSIGN(blocks, blocks_of(arguments, "crops"));
  Dim batch = x.shape()[0];
  if (batch.is_known()) {
    if (batch.size() % blocks.count() != 0) {
      return arguments.error("block_shape", fmt::format("makes {} positions, which do not divide "
                                                        "the batch of {}",
                                                        blocks.count(), batch.size()));
    }
    batch = batch.size() / blocks.count();
  }
  mil::Shape shape{batch, x.shape()[1]};
  for (std::size_t d = 0; d < 2; ++d) {
    const auto whole = multiplied(x.shape()[2 + d], blocks.shape[d]);
    if (!whole) return too_large(arguments, x);
    if (!whole->is_known()) {
      shape.push_back(*whole);
      continue;
    }
    const std::int64_t left = whole->size() - blocks.margins[d].before - blocks.margins[d].after;
    if (left < 0) {
      return arguments.error("crops", fmt::format("cut more than the {} positions", whole->size()));
    }
    shape.push_back(left);
  }
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

Result<std::vector<Tensor>> evaluate_batch_to_space(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(types, infer_batch_to_space(context.arguments()));
  ANEBENCH_ASSIGN(blocks, blocks_of(context.arguments(), "crops"));
  const std::vector<std::int64_t> out = sizes(types.front().shape());
  const std::array split{blocks.shape[0], blocks.shape[1], out[0],
                         x.dims()[1],     x.dims()[2],     x.dims()[3]};
  const std::array<std::size_t, 6> permutation{2, 3, 4, 0, 5, 1};
  const std::array whole_dims{out[0], out[1], x.dims()[2] * blocks.shape[0],
                              x.dims()[3] * blocks.shape[1]};
  ANEBENCH_ASSIGN(whole, rearrange(context, x, split, permutation, whole_dims));
  StridedView inside = StridedView::of(whole.dims());
  inside.offset = blocks.margins[0].before * whole.dims()[3] + blocks.margins[1].before;
  inside.dims = out;
  ANEBENCH_ASSIGN(result, gather(context, whole, inside, out));
  return std::vector<Tensor>{std::move(result)};
}

constexpr Parameter kBlockShape = {.name = "block_shape", .types = kInt32, .constant = true};
constexpr Parameter kSpaceToBatch[] = {
    kFloatX, kBlockShape, {.name = "paddings", .types = kInt32, .constant = true}};
constexpr Version kSpaceToBatchVersions[] = {{Opset::ios13, kSpaceToBatch}};
constexpr Parameter kBatchToSpace[] = {
    kFloatX, kBlockShape, {.name = "crops", .types = kInt32, .constant = true}};
constexpr Version kBatchToSpaceVersions[] = {{Opset::ios13, kBatchToSpace}};

constexpr Definition kTensorBatchesDefinitions[] = {
    {.name = "batch_to_space",
     .family = "tensor_transformation",
     .versions = kBatchToSpaceVersions,
     .infer = infer_batch_to_space,
     .evaluate = evaluate_batch_to_space},
    {.name = "space_to_batch",
     .family = "tensor_transformation",
     .versions = kSpaceToBatchVersions,
     .infer = infer_space_to_batch,
     .evaluate = evaluate_space_to_batch},
};

}  // namespace

std::span<const Definition> tensor_batches_family() { return kTensorBatchesDefinitions; }

}  // namespace anebench::ops
