// constexpr_sparse_to_dense: weights with most elements zero, stored as a bit mask and the rest.
#include <fmt/format.h>

#include "anebench/ops/compressed.h"
#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/packed_shape.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;

// iOS 16: the mask is a vector of bytes beside a shape; iOS 18: the mask has the shape itself.

Result<mil::Shape> dense_shape(const Arguments& arguments) {
  if (has_packed_shape(arguments)) return packed_shape(arguments, "mask", 1);
  ANEBENCH_ASSIGN(mask, known_tensor(arguments, "mask"));
  return to_shape(mask.dims);
}

Result<std::vector<mil::Type>> infer_sparse_to_dense(const Arguments& arguments) {
  ANEBENCH_ASSIGN(data, known_tensor(arguments, "nonzero_data"));
  if (data.dims.size() != 1) return arguments.error("nonzero_data", "is no vector");
  ANEBENCH_ASSIGN(shape, dense_shape(arguments));
  return std::vector<mil::Type>{mil::Type::tensor(data.data_type, std::move(shape))};
}

Result<std::vector<Tensor>> evaluate_sparse_to_dense(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(types, infer_sparse_to_dense(arguments));
  ANEBENCH_ASSIGN(data, context.tensor("nonzero_data"));
  ANEBENCH_ASSIGN(mask, context.tensor("mask"));
  ANEBENCH_ASSIGN(out, scatter(data, mask.bytes(), types.front().shape()), arguments.describe());
  if (has_packed_shape(arguments)) {
    for (std::size_t i = out.element_count(); i < mask.bytes().size() * 8; ++i) {
      if (bit_at(mask.bytes(), i)) return arguments.error("mask", "has padding bits that are set");
    }
  }
  return std::vector<Tensor>{std::move(out)};
}

constexpr TypeSet kValues16 = kFloats | kBytes;
constexpr Parameter kSparseToDense16[] = {
    {.name = "nonzero_data", .types = kValues16, .type_variable = "T", .constant = true},
    {.name = "mask", .types = {DataType::uint8}, .constant = true},
    {.name = "shape", .types = kUint32, .constant = true, .lenient_types = kInt32},
};
constexpr Parameter kSparseToDense18[] = {
    {.name = "nonzero_data",
     .types = kValues16 | TypeSet{DataType::int4, DataType::uint4},
     .type_variable = "T",
     .constant = true},
    {.name = "mask", .types = {DataType::uint1}, .constant = true},
};
constexpr Version kSparseToDenseVersions[] = {{Opset::ios16, kSparseToDense16},
                                              {Opset::ios18, kSparseToDense18}};

constexpr Definition kConstexprSparseDefinitions[] = {
    {.name = "constexpr_sparse_to_dense",
     .family = "constexpr",
     .versions = kSparseToDenseVersions,
     .infer = infer_sparse_to_dense,
     .evaluate = evaluate_sparse_to_dense,
     .is_constexpr = true},
};

}  // namespace

std::span<const Definition> constexpr_sparse_family() { return kConstexprSparseDefinitions; }

}  // namespace anebench::ops
