#include "anebench/ops/slices.h"

#include <fmt/format.h>

#include <optional>

#include "anebench/ops/shapes.h"

namespace anebench::ops {
namespace {

std::size_t product(std::span<const std::int64_t> dims) {
  std::size_t result = 1;
  for (const std::int64_t dim : dims) result *= static_cast<std::size_t>(dim);
  return result;
}

// Makes indices non-negative and finds those outside.
class IndexReader {
 public:
  static Result<IndexReader> create(const Arguments& arguments) {
    ANEBENCH_ASSIGN(is_strict, arguments.boolean_or("validate_indices", false));
    return IndexReader(is_strict);
  }

  std::int64_t read(std::int64_t index, std::int64_t size) {
    const std::int64_t wrapped = index < 0 ? index + size : index;
    // The strict form, of iOS 17, knows no negative indices.
    const bool is_inside = wrapped >= 0 && wrapped < size && !(is_strict_ && index < 0);
    if (is_inside) return wrapped;
    if (!bad_index_) bad_index_ = {index, size};
    return kOutside;
  }
  // After the last read.
  Result<void> check(const Arguments& arguments) const {
    if (!is_strict_ || !bad_index_) return {};
    return arguments.error(
        "indices", fmt::format("has {}, outside [0, {})", bad_index_->first, bad_index_->second));
  }

 private:
  explicit IndexReader(bool is_strict) : is_strict_(is_strict) {}
  bool is_strict_;
  std::optional<std::pair<std::int64_t, std::int64_t>> bad_index_;
};

}  // namespace

Result<Slices> slices_of_axis(const Arguments& arguments, std::span<const std::int64_t> dims,
                              const Tensor& indices, std::size_t axis, std::size_t batch_dims) {
  ANEBENCH_ASSIGN(reader, IndexReader::create(arguments));
  const std::size_t batches = product(dims.first(batch_dims));
  const std::size_t outer = product(dims.subspan(batch_dims, axis - batch_dims));
  const std::int64_t size = dims[axis];
  Slices slices{.first = {}, .length = product(dims.subspan(axis + 1))};
  const std::vector<std::int64_t> all = indices.to_integers();
  const std::size_t count = product(std::span(indices.dims()).subspan(batch_dims));
  slices.first.reserve(batches * outer * count);
  for (std::size_t batch = 0; batch < batches; ++batch) {
    for (std::size_t block = batch * outer; block < (batch + 1) * outer; ++block) {
      for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t index = reader.read(all[batch * count + i], size);
        const std::int64_t row = static_cast<std::int64_t>(block) * size + index;
        slices.first.push_back(index == kOutside ? kOutside
                                                 : row * static_cast<std::int64_t>(slices.length));
      }
    }
  }
  ANEBENCH_TRY(reader.check(arguments));
  return slices;
}

Result<Slices> slices_along_axis(const Arguments& arguments, std::span<const std::int64_t> dims,
                                 const Tensor& indices, std::size_t axis) {
  ANEBENCH_ASSIGN(reader, IndexReader::create(arguments));
  const AxisSplit split = split_at(indices.dims(), axis);
  const auto inner = static_cast<std::int64_t>(split.inner);
  const std::vector<std::int64_t> all = indices.to_integers();
  Slices slices;
  slices.first.reserve(all.size());
  for (std::size_t e = 0; e < all.size(); ++e) {
    const auto block = static_cast<std::int64_t>(e / (split.channels * split.inner));
    const auto column = static_cast<std::int64_t>(e % split.inner);
    const std::int64_t index = reader.read(all[e], dims[axis]);
    slices.first.push_back(index == kOutside ? kOutside
                                             : (block * dims[axis] + index) * inner + column);
  }
  ANEBENCH_TRY(reader.check(arguments));
  return slices;
}

Result<Slices> slices_by_coordinates(const Arguments& arguments, std::span<const std::int64_t> dims,
                                     const Tensor& indices, std::size_t batch_dims) {
  ANEBENCH_ASSIGN(reader, IndexReader::create(arguments));
  const std::vector<std::int64_t>& index_dims = indices.dims();
  const auto depth = static_cast<std::size_t>(index_dims.back());
  const std::size_t count =
      product(std::span(index_dims).subspan(batch_dims, index_dims.size() - 1 - batch_dims));
  const std::size_t batches = product(dims.first(batch_dims));
  const std::span<const std::int64_t> addressed = dims.subspan(batch_dims, depth);
  Slices slices{.first = {}, .length = product(dims.subspan(batch_dims + depth))};
  const std::vector<std::int64_t> all = indices.to_integers();
  slices.first.reserve(batches * count);
  for (std::size_t tuple = 0; tuple < batches * count; ++tuple) {
    auto place = static_cast<std::int64_t>(tuple / count);
    bool is_inside = true;
    for (std::size_t d = 0; d < depth; ++d) {
      const std::int64_t index = reader.read(all[tuple * depth + d], addressed[d]);
      is_inside = is_inside && index != kOutside;
      place = place * addressed[d] + index;
    }
    slices.first.push_back(is_inside ? place * static_cast<std::int64_t>(slices.length) : kOutside);
  }
  ANEBENCH_TRY(reader.check(arguments));
  return slices;
}

Result<std::size_t> axis_or_first(const Arguments& arguments, std::size_t rank) {
  if (arguments.has("axis")) return arguments.axis("axis", rank);
  if (rank == 0) return arguments.error("axis", "names a dimension of a scalar");
  return std::size_t{0};
}

Result<std::size_t> batch_dims_of(const Arguments& arguments, std::size_t x_rank,
                                  std::size_t indices_rank) {
  ANEBENCH_ASSIGN(given, arguments.integer_or("batch_dims", 0));
  if (given < 0 || given >= static_cast<std::int64_t>(x_rank) ||
      given > static_cast<std::int64_t>(indices_rank)) {
    return arguments.error("batch_dims",
                           fmt::format("is {} for ranks {} and {}", given, x_rank, indices_rank));
  }
  return static_cast<std::size_t>(given);
}

Result<void> check_alike_but_axis(const Arguments& arguments, const mil::Type& x,
                                  const mil::Type& indices, std::size_t axis) {
  if (x.rank() != indices.rank()) {
    return arguments.error("indices",
                           fmt::format("has rank {}, wants {}", indices.rank(), x.rank()));
  }
  for (std::size_t d = 0; d < x.rank(); ++d) {
    if (d == axis || mil::compatible(x.shape()[d], indices.shape()[d])) continue;
    return arguments.error("indices",
                           fmt::format("is {}; all dimensions but {} must be those of {}",
                                       to_string(indices), axis, to_string(x)));
  }
  return {};
}

}  // namespace anebench::ops
