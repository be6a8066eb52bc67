#include "anebench/ops/compressed.h"

#include <bit>
#include <cstring>
#include <utility>

namespace anebench::ops {

void for_each_block_run(std::span<const std::int64_t> dims, std::span<const std::int64_t> grid,
                        const std::function<void(std::size_t, std::size_t, std::size_t)>& body) {
  for (const std::int64_t dim : dims) {
    if (dim == 0) return;
  }
  // The innermost dimension that is cut at all; what lies inside it belongs to the run.
  std::size_t cut = dims.size() - 1;
  while (cut > 0 && grid[cut] == 1) --cut;
  std::size_t run = static_cast<std::size_t>(dims[cut] / grid[cut]);
  for (std::size_t d = cut + 1; d < dims.size(); ++d) run *= static_cast<std::size_t>(dims[d]);

  std::vector<std::int64_t> index(cut, 0);
  std::size_t first = 0;
  while (true) {
    std::size_t block = 0;
    for (std::size_t d = 0; d < cut; ++d) {
      block = block * static_cast<std::size_t>(grid[d]) +
              static_cast<std::size_t>(index[d] / (dims[d] / grid[d]));
    }
    block *= static_cast<std::size_t>(grid[cut]);
    for (std::int64_t i = 0; i < grid[cut]; ++i, first += run) {
      body(first, run, block + static_cast<std::size_t>(i));
    }
    std::size_t d = cut;
    while (d > 0 && ++index[d - 1] == dims[d - 1]) index[--d] = 0;
    if (d == 0) return;
  }
}

void copy_element(mil::DataType type, std::span<const std::byte> source, std::size_t from,
                  std::span<std::byte> target, std::size_t to) {
  if (mil::is_sub_byte(type)) {
    std::int64_t element = 0;
    load_integers(type, source, from, std::span(&element, 1));
    store_integers(type, target, to, std::span(&element, 1));
    return;
  }
  const auto width = static_cast<std::size_t>(mil::bit_width(type)) / 8;
  std::memcpy(target.data() + to * width, source.data() + from * width, width);
}

std::size_t count_bits(std::span<const std::byte> bits, std::size_t count) {
  std::size_t set = 0;
  for (const std::byte byte : bits.first(count / 8)) {
    set += static_cast<std::size_t>(std::popcount(std::to_integer<std::uint8_t>(byte)));
  }
  for (std::size_t i = count / 8 * 8; i < count; ++i) set += bit_at(bits, i) ? 1 : 0;
  return set;
}

Result<Tensor> scatter(const Tensor& values, std::span<const std::byte> mask,
                       const mil::Shape& shape) {
  ANEBENCH_ASSIGN(out, Tensor::create(mil::Type::tensor(values.data_type(), shape)));
  const std::size_t set = count_bits(mask, out.element_count());
  if (set != values.element_count()) {
    return fail(ErrorCode::verification_error, "the mask has {} bits set for {} values", set,
                values.element_count());
  }
  const std::span<std::byte> target = out.mutable_bytes();
  std::size_t next = 0;
  for (std::size_t i = 0; i < out.element_count(); ++i) {
    if (bit_at(mask, i)) copy_element(values.data_type(), values.bytes(), next++, target, i);
  }
  return out;
}

Result<Tensor> gather(const Tensor& dense, std::span<const std::byte> mask) {
  const std::size_t set = count_bits(mask, dense.element_count());
  ANEBENCH_ASSIGN(
      out, Tensor::create(mil::Type::tensor(dense.data_type(), {static_cast<std::int64_t>(set)})));
  const std::span<std::byte> target = out.mutable_bytes();
  std::size_t next = 0;
  for (std::size_t i = 0; i < dense.element_count(); ++i) {
    if (bit_at(mask, i)) copy_element(dense.data_type(), dense.bytes(), i, target, next++);
  }
  return out;
}

}  // namespace anebench::ops
