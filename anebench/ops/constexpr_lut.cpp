// constexpr_lut_to_dense and constexpr_lut_to_sparse: weights stored as indices into tables.
#include <fmt/format.h>

#include <bit>
#include <optional>

#include "anebench/ops/compressed.h"
#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/packed_shape.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;

// --- iOS 16: byte vector of packed indices, one table, a shape -------------------------------

std::optional<DataType> index_type(std::int64_t table_size) {
  switch (table_size) {
    case 2: return DataType::uint1;
    case 4: return DataType::uint2;
    case 16: return DataType::uint4;
    case 64: return DataType::uint6;
    case 256: return DataType::uint8;
    default: return std::nullopt;
  }
}

Result<std::vector<mil::Type>> infer_packed(const Arguments& arguments) {
  ANEBENCH_ASSIGN(lut, known_tensor(arguments, "lut"));
  const auto index = index_type(lut.element_count);
  if (!index) {
    return arguments.error(
        "lut", fmt::format("has {} entries, wants 2, 4, 16, 64 or 256", lut.element_count));
  }
  if (lut.dims.size() != 1) {
    // [1, 1, 16] in the classic quantization probe: one table all the same.
    if (lut.dims.empty() || lut.dims.back() != lut.element_count) {
      return arguments.error("lut", "is no vector");
    }
    ANEBENCH_TRY(
        arguments.bend("lut-shape", fmt::format("parameter 'lut' is {}, the iOS 16 form wants [{}]",
                                                to_string(to_shape(lut.dims)), lut.element_count)));
  }
  ANEBENCH_ASSIGN(shape, packed_shape(arguments, "indices", mil::bit_width(*index)));
  return std::vector<mil::Type>{mil::Type::tensor(lut.data_type, std::move(shape))};
}

Result<std::vector<Tensor>> evaluate_packed(OpContext& context) {
  ANEBENCH_ASSIGN(types, infer_packed(context.arguments()));
  ANEBENCH_ASSIGN(indices, context.tensor("indices"));
  ANEBENCH_ASSIGN(lut, context.tensor("lut"));
  ANEBENCH_ASSIGN(out, Tensor::create(types.front()));
  const DataType index = *index_type(static_cast<std::int64_t>(lut.element_count()));
  const std::span<std::byte> target = out.mutable_bytes();
  for (std::size_t i = 0; i < out.element_count(); ++i) {
    const auto entry = mil::packed_element_as_int(index, indices.bytes(), i);
    copy_element(lut.data_type(), lut.bytes(), static_cast<std::size_t>(entry), target, i);
  }
  return std::vector<Tensor>{std::move(out)};
}

// --- iOS 18: typed indices, a grid of tables, entries that may be vectors ---------------------

struct Palette {
  std::vector<std::int64_t> dims;  // of the indices
  std::vector<std::int64_t> grid;  // tables along each dimension
  std::int64_t entries = 0;
  std::int64_t vector_length = 1;
  std::size_t vector_axis = 0;
  std::vector<std::int64_t> out_dims;
  DataType data_type = DataType::fp16;
};

Result<Palette> palette(const Arguments& arguments, std::span<const std::int64_t> dims,
                        DataType index) {
  ANEBENCH_ASSIGN(lut, known_tensor(arguments, "lut"));
  const std::size_t rank = dims.size();
  if (rank == 0) return arguments.error("indices", "is a scalar");
  if (lut.dims.size() != rank + 2) {
    return arguments.error(
        "lut", fmt::format("has rank {}, wants the indices' rank {} and 2", lut.dims.size(), rank));
  }
  Palette result{.dims = {dims.begin(), dims.end()},
                 .grid = {lut.dims.begin(), lut.dims.end() - 2},
                 .entries = lut.dims[rank],
                 .vector_length = lut.dims[rank + 1],
                 .out_dims = {dims.begin(), dims.end()},
                 .data_type = lut.data_type};
  for (std::size_t d = 0; d < rank; ++d) {
    if (result.grid[d] == 0 || dims[d] % result.grid[d] != 0) {
      return arguments.error("lut", fmt::format("has {} tables along dimension {} of {} indices",
                                                result.grid[d], d, dims[d]));
    }
  }
  if (result.entries != std::int64_t{1} << mil::bit_width(index)) {
    return arguments.error(
        "lut", fmt::format("has {} entries for {} indices", result.entries, to_string(index)));
  }
  if (result.vector_length == 0) return arguments.error("lut", "has vectors of length 0");
  if (arguments.has("vector_axis")) {
    ANEBENCH_ASSIGN(axis, arguments.axis("vector_axis", rank));
    result.vector_axis = axis;
  } else if (result.vector_length > 1) {
    return arguments.error("vector_axis", "is missing; the table's entries are vectors");
  }
  const auto length = checked_multiply(dims[result.vector_axis], result.vector_length);
  if (!length) return arguments.error("lut", "makes a dimension too large");
  result.out_dims[result.vector_axis] = *length;
  return result;
}

Result<Palette> dense_palette(const Arguments& arguments) {
  ANEBENCH_ASSIGN(indices, known_tensor(arguments, "indices"));
  return palette(arguments, indices.dims, indices.data_type);
}

Result<std::vector<mil::Type>> infer_lut_to_dense(const Arguments& arguments) {
  if (has_packed_shape(arguments)) return infer_packed(arguments);
  ANEBENCH_ASSIGN(found, dense_palette(arguments));
  return std::vector<mil::Type>{mil::Type::tensor(found.data_type, to_shape(found.out_dims))};
}

// out[.., a·V + v, ..] = lut[table of the element][index of the element][v].
Result<Tensor> look_up(const Palette& palette, const Tensor& indices, const Tensor& lut) {
  ANEBENCH_ASSIGN(out,
                  Tensor::create(mil::Type::tensor(palette.data_type, to_shape(palette.out_dims))));
  const std::span<std::byte> target = out.mutable_bytes();
  const auto entries = static_cast<std::size_t>(palette.entries);
  const auto length = static_cast<std::size_t>(palette.vector_length);
  // Elements inside the vector axis: the distance between a vector's elements in the output.
  const std::size_t inner = split_at(palette.dims, palette.vector_axis).inner;
  for_each_block_run(
      palette.dims, palette.grid, [&](std::size_t first, std::size_t count, std::size_t table) {
        for (std::size_t i = first; i < first + count; ++i) {
          const auto index = static_cast<std::size_t>(
              mil::packed_element_as_int(indices.data_type(), indices.bytes(), i));
          const std::size_t from = (table * entries + index) * length;
          const std::size_t to = i / inner * inner * length + i % inner;
          for (std::size_t v = 0; v < length; ++v) {
            copy_element(palette.data_type, lut.bytes(), from + v, target, to + v * inner);
          }
        }
      });
  return out;
}

Result<std::vector<Tensor>> evaluate_lut_to_dense(OpContext& context) {
  if (has_packed_shape(context.arguments())) return evaluate_packed(context);
  ANEBENCH_ASSIGN(found, dense_palette(context.arguments()));
  ANEBENCH_ASSIGN(indices, context.tensor("indices"));
  ANEBENCH_ASSIGN(lut, context.tensor("lut"));
  ANEBENCH_ASSIGN(out, look_up(found, indices, lut));
  return std::vector<Tensor>{std::move(out)};
}

// --- iOS 18, sparse ---------------------------------------------------------------------------

Result<Palette> sparse_palette(const Arguments& arguments) {
  ANEBENCH_ASSIGN(mask, known_tensor(arguments, "indices_mask"));
  ANEBENCH_ASSIGN(indices, known_tensor(arguments, "indices_nonzero_data"));
  if (indices.dims.size() != 1) return arguments.error("indices_nonzero_data", "is no vector");
  return palette(arguments, mask.dims, indices.data_type);
}

Result<std::vector<mil::Type>> infer_lut_to_sparse(const Arguments& arguments) {
  ANEBENCH_ASSIGN(found, sparse_palette(arguments));
  ANEBENCH_ASSIGN(indices, known_tensor(arguments, "indices_nonzero_data"));
  const auto values = checked_multiply(indices.element_count, found.vector_length);
  if (!values) return arguments.error("lut", "makes too many values");
  return std::vector<mil::Type>{
      mil::Type::tensor(DataType::uint1, to_shape(found.out_dims)),
      mil::Type::tensor(found.data_type, {*values}),
  };
}

// Each bit repeated along the vector axis.
Result<Tensor> widen_mask(const Palette& palette, const Tensor& mask) {
  ANEBENCH_ASSIGN(out,
                  Tensor::create(mil::Type::tensor(DataType::uint1, to_shape(palette.out_dims))));
  const std::span<std::byte> target = out.mutable_bytes();
  const auto length = static_cast<std::size_t>(palette.vector_length);
  const std::size_t inner = split_at(palette.dims, palette.vector_axis).inner;
  for (std::size_t i = 0; i < mask.element_count(); ++i) {
    if (!bit_at(mask.bytes(), i)) continue;
    const std::size_t to = i / inner * inner * length + i % inner;
    for (std::size_t v = 0; v < length; ++v) {
      target[(to + v * inner) / 8] |= static_cast<std::byte>(1u << ((to + v * inner) % 8));
    }
  }
  return out;
}

Result<std::vector<Tensor>> evaluate_lut_to_sparse(OpContext& context) {
  ANEBENCH_ASSIGN(found, sparse_palette(context.arguments()));
  ANEBENCH_ASSIGN(mask, context.tensor("indices_mask"));
  ANEBENCH_ASSIGN(nonzero, context.tensor("indices_nonzero_data"));
  ANEBENCH_ASSIGN(lut, context.tensor("lut"));
  ANEBENCH_ASSIGN(indices, scatter(nonzero, mask.bytes(), mask.type().shape()),
                  context.arguments().describe());
  ANEBENCH_ASSIGN(dense, look_up(found, indices, lut));
  ANEBENCH_ASSIGN(wide_mask, widen_mask(found, mask));
  ANEBENCH_ASSIGN(values, gather(dense, wide_mask.bytes()));
  return std::vector<Tensor>{std::move(wide_mask), std::move(values)};
}

constexpr TypeSet kEntries = kFloats | kBytes;
constexpr TypeSet kLutIndices{DataType::uint1, DataType::uint2, DataType::uint3,
                              DataType::uint4, DataType::uint6, DataType::uint8};
constexpr Parameter kLut = {
    .name = "lut", .types = kEntries, .type_variable = "T", .constant = true};
constexpr Parameter kVectorAxis = {
    .name = "vector_axis", .types = kInt32, .optional = true, .constant = true};
constexpr Parameter kLutToDense16[] = {
    {.name = "indices", .types = {DataType::uint8}, .constant = true},
    kLut,
    {.name = "shape", .types = kUint32, .constant = true, .lenient_types = kInt32},
};
constexpr Parameter kLutToDense18[] = {
    {.name = "indices", .types = kLutIndices, .type_variable = "IndicesT", .constant = true},
    kLut,
    kVectorAxis,
};
constexpr Parameter kLutToSparse18[] = {
    {.name = "indices_mask", .types = {DataType::uint1}, .constant = true},
    {.name = "indices_nonzero_data",
     .types = kLutIndices,
     .type_variable = "IndicesT",
     .constant = true},
    kLut,
    kVectorAxis,
};
constexpr Version kLutToDenseVersions[] = {{Opset::ios16, kLutToDense16},
                                           {Opset::ios18, kLutToDense18}};
constexpr Version kLutToSparseVersions[] = {{Opset::ios18, kLutToSparse18}};

constexpr Definition kConstexprLutDefinitions[] = {
    {.name = "constexpr_lut_to_dense",
     .family = "constexpr",
     .versions = kLutToDenseVersions,
     .infer = infer_lut_to_dense,
     .evaluate = evaluate_lut_to_dense,
     .is_constexpr = true},
    {.name = "constexpr_lut_to_sparse",
     .family = "constexpr",
     .versions = kLutToSparseVersions,
     .infer = infer_lut_to_sparse,
     .evaluate = evaluate_lut_to_sparse,
     .is_constexpr = true},
};

}  // namespace

std::span<const Definition> constexpr_lut_family() { return kConstexprLutDefinitions; }

}  // namespace anebench::ops
