#include "anebench/ops/matrix_product.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <type_traits>

#include "anebench/ops/broadcast.h"
#include "anebench/ops/multiply_accumulate.h"
#include "anebench/ops/strided_view.h"

namespace anebench::ops {
namespace {

// Columns of one pass: their sums stay in registers and the first-level cache.
constexpr std::size_t kColumnTile = 256;

template <typename T>
std::vector<T> factors_of(const Tensor& tensor) {
  if constexpr (std::is_same_v<T, double>) {
    return tensor.to_doubles();
  } else {
    const std::vector<std::int64_t> integers = tensor.to_integers();
    return {integers.begin(), integers.end()};
  }
}

void store(mil::DataType type, std::span<std::byte> bytes, std::size_t first,
           std::span<const double> values) {
  store_doubles(type, bytes, first, values);
}
void store(mil::DataType type, std::span<std::byte> bytes, std::size_t first,
           std::span<const std::uint64_t> values) {
  std::array<std::int64_t, kColumnTile> integers;
  std::ranges::transform(values, integers.begin(),
                         [](std::uint64_t value) { return static_cast<std::int64_t>(value); });
  store_integers(type, bytes, first, std::span(integers).first(values.size()));
}

// T is what is computed in: double, or uint64 for integers that wrap around.
template <typename T>
void multiply(OpContext& context, const Tensor& a, const Tensor& b, const Tensor* bias,
              Tensor& out) {
  const std::vector<T> left = factors_of<T>(a);
  const std::vector<T> right = factors_of<T>(b);
  const std::vector<T> added = bias == nullptr ? std::vector<T>{} : factors_of<T>(*bias);
  const auto last = [](const Tensor& tensor, std::size_t from_end) {
    return static_cast<std::size_t>(tensor.dims()[tensor.rank() - from_end]);
  };
  const std::size_t rows = last(out, 2);
  const std::size_t columns = last(out, 1);
  const std::size_t depth = last(a, 1);
  const auto batch_of = [](const Tensor& tensor) {
    return std::span(tensor.dims()).first(tensor.rank() - 2);
  };
  const BroadcastRows batches(batch_of(a), batch_of(b), batch_of(out));
  const std::size_t tiles = (columns + kColumnTile - 1) / kColumnTile;
  const std::span<std::byte> target = out.mutable_bytes();
  // Rows innermost, so that neighbouring tasks share the columns of b.
  context.parallel_for(batches.count() * batches.length() * tiles * rows, [&](std::size_t begin,
                                                                              std::size_t end) {
    std::array<T, kColumnTile> storage;
    for (std::size_t task = begin; task < end; ++task) {
      const std::size_t row = task % rows;
      const std::size_t first = task / rows % tiles * kColumnTile;
      const std::size_t batch = task / rows / tiles;
      const std::size_t at = batch % batches.length();
      const auto [batch_a, batch_b] = batches.offsets(batch / batches.length());
      const std::size_t matrix_a = batch_a + at * batches.step_a();
      const std::size_t matrix_b = batch_b + at * batches.step_b();
      const std::span<T> sums(storage.data(), std::min(kColumnTile, columns - first));
      std::ranges::fill(sums, T{0});
      if (depth != 0) {
        multiply_accumulate<T>(std::span(left).subspan((matrix_a * rows + row) * depth, depth),
                               right.data() + matrix_b * depth * columns + first, columns, sums);
      }
      for (std::size_t i = 0; i < sums.size() && !added.empty(); ++i) {
        sums[i] += added[first + i];
      }
      store(out.data_type(), target, (batch * rows + row) * columns + first,
            std::span<const T>(sums));
    }
  });
}

}  // namespace

Result<Tensor> matrix_product(OpContext& context, const Tensor& a, const Tensor& b,
                              const Tensor* bias, mil::DataType type,
                              std::span<const std::int64_t> out_dims) {
  ANEBENCH_ASSIGN(out, Tensor::create(mil::Type::tensor(type, to_shape(out_dims))));
  if (out.element_count() == 0) return out;
  const bool is_real = mil::is_floating_point(a.data_type()) ||
                       mil::is_floating_point(b.data_type()) ||
                       (bias != nullptr && mil::is_floating_point(bias->data_type()));
  if (is_real) {
    multiply<double>(context, a, b, bias, out);
  } else {
    multiply<std::uint64_t>(context, a, b, bias, out);
  }
  return out;
}

Result<Tensor> transposed(OpContext& context, const Tensor& x) {
  std::vector<std::size_t> permutation(x.rank());
  std::iota(permutation.begin(), permutation.end(), std::size_t{0});
  std::swap(permutation[x.rank() - 1], permutation[x.rank() - 2]);
  const StridedView view = StridedView::of(x.dims()).permuted(permutation);
  return gather(context, x, view, view.dims);
}

}  // namespace anebench::ops
