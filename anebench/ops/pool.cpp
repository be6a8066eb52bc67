// Pools over 1, 2 or 3 spatial dimensions.
//
// Source of the semantics: coremltools' documentation; a window that ceil_mode lets run beyond the
// padded input counts only what lies within it, as PyTorch has it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "anebench/ops/context.h"
#include "anebench/ops/convolution_geometry.h"
#include "anebench/ops/extremum.h"
#include "anebench/ops/families.h"
#include "anebench/ops/pool.h"
#include "anebench/ops/shapes.h"
#include "anebench/ops/signature.h"

namespace anebench::ops {
namespace {

using mil::Dim;
using mil::Opset;

struct Pool {
  ConvolutionGeometry geometry;
  std::vector<std::int64_t> kernel;
  bool ceil_mode = false;
};

Result<Pool> pool_of(const Arguments& arguments, std::size_t spatial_rank) {
  Pool pool;
  ANEBENCH_ASSIGN(geometry, convolution_geometry(arguments, spatial_rank));
  ANEBENCH_ASSIGN(kernel, arguments.integers("kernel_sizes"));
  ANEBENCH_ASSIGN(ceil_mode, arguments.boolean_or("ceil_mode", false));
  if (kernel.size() != spatial_rank) {
    return arguments.error("kernel_sizes",
                           fmt::format("has {} numbers, wants {}", kernel.size(), spatial_rank));
  }
  for (const std::int64_t size : kernel) {
    if (size < 1 || size > kMaxGeometry) {
      return arguments.error("kernel_sizes", fmt::format("holds {}", size));
    }
  }
  if (ceil_mode) {
    if (spatial_rank > 2) {
      return arguments.error("ceil_mode", "is set, but there are more than 2 spatial dimensions");
    }
    if (geometry.pad_type == PadType::same || geometry.pad_type == PadType::same_lower) {
      return arguments.error("ceil_mode", "is set beside a pad_type that fixes the output's size");
    }
    for (const Padding& pad : geometry.custom) {
      if (pad.before != pad.after) {
        return arguments.error("pad", "is not symmetric, which ceil_mode asks for");
      }
    }
  }
  pool.geometry = std::move(geometry);
  pool.kernel = std::move(kernel);
  pool.ceil_mode = ceil_mode;
  return pool;
}

// Positions along a dimension; nothing where the window is larger than the padded input.
std::optional<std::int64_t> window_count(const Pool& pool, std::size_t d, std::int64_t size) {
  auto out = pool.geometry.output_size(d, size, pool.kernel[d]);
  if (!out || !pool.ceil_mode) return out;
  const Padding pad = pool.geometry.padding(d, size, pool.kernel[d]);
  const std::int64_t stride = pool.geometry.strides[d];
  // One more window where something is left over, unless it would begin in the padding after.
  if ((size + pad.before + pad.after - pool.kernel[d]) % stride == 0) return out;
  const bool begins_outside = *out * stride >= size + pad.before && pad.before + pad.after > 0;
  return begins_outside ? *out : *out + 1;
}

Result<std::vector<mil::Type>> infer_pool(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  const std::size_t most = arguments.definition().name == "l2_pool" ? 4 : 5;
  if (x.rank() < 3 || x.rank() > most) {
    return arguments.error("x", fmt::format("has rank {}, wants 3 to {}", x.rank(), most));
  }
  ANEBENCH_ASSIGN(pool, pool_of(arguments, x.rank() - 2));
  mil::Shape shape{x.shape()[0], x.shape()[1]};
  for (std::size_t d = 0; d < pool.kernel.size(); ++d) {
    const Dim size = x.shape()[2 + d];
    if (!size.is_known()) {
      shape.push_back(size);
      continue;
    }
    const auto out = window_count(pool, d, size.size());
    if (!out) {
      return arguments.error("kernel_sizes", fmt::format("holds {} for a padded input of {}",
                                                         pool.kernel[d], size.size()));
    }
    shape.push_back(*out);
  }
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

// One operation for each element of each window.
Result<double> count_pool(const Arguments& arguments, std::span<const mil::Type> outputs) {
  ANEBENCH_ASSIGN(kernel, arguments.integers("kernel_sizes"));
  double window = 1;
  for (const std::int64_t size : kernel) window *= static_cast<double>(size);
  return count_per_element(outputs, window);
}

// The ways to reduce a window; each starts anew for every window.
struct MaximumOfInput {
  double value = kFirstOfGreatest<double>;
  void add(double x) { value = greater_of(value, x); }
  double result(std::int64_t /*elements*/, std::int64_t /*padded*/) const { return value; }
};
struct RootOfSquares {
  double value = 0;
  void add(double x) { value += x * x; }
  double result(std::int64_t /*elements*/, std::int64_t /*padded*/) const {
    return std::sqrt(value);
  }
};
struct MeanOfInput {
  double value = 0;
  void add(double x) { value += x; }
  double result(std::int64_t elements, std::int64_t /*padded*/) const {
    return value / static_cast<double>(elements);
  }
};
struct MeanOfPadded {
  double value = 0;
  void add(double x) { value += x; }
  double result(std::int64_t /*elements*/, std::int64_t padded) const {
    return value / static_cast<double>(padded);
  }
};

template <typename Reduction>
double reduce_window(const double* plane, std::span<const std::int64_t, 3> in, const PoolWindow& z,
                     const PoolWindow& y, const PoolWindow& x) {
  Reduction reduction;
  for (std::int64_t i = z.first; i < z.last; ++i) {
    for (std::int64_t j = y.first; j < y.last; ++j) {
      const double* row = plane + (i * in[1] + j) * in[2];
      for (std::int64_t k = x.first; k < x.last; ++k) reduction.add(row[k]);
    }
  }
  return reduction.result((z.last - z.first) * (y.last - y.first) * (x.last - x.first),
                          z.padded * y.padded * x.padded);
}

template <typename Reduction>
Result<std::vector<Tensor>> evaluate_pool(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(types, infer_pool(context.arguments()));
  ANEBENCH_ASSIGN(out, Tensor::create(types.front()));
  if (out.element_count() == 0) return std::vector<Tensor>{std::move(out)};
  ANEBENCH_ASSIGN(windows, pool_windows(context.arguments(), x.dims(), out.dims()));
  const std::array<std::int64_t, 3>& in = windows.in;
  const auto& [zs, ys, xs] = windows.along;
  const std::vector<double> values = x.to_doubles();
  const std::span<std::byte> target = out.mutable_bytes();
  const auto plane_size = static_cast<std::size_t>(in[0] * in[1] * in[2]);
  const std::size_t rows_per_plane = zs.size() * ys.size();
  const auto planes = static_cast<std::size_t>(x.dims()[0] * x.dims()[1]);
  context.parallel_for(planes * rows_per_plane, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      const double* plane = values.data() + row / rows_per_plane * plane_size;
      const PoolWindow& z = zs[row % rows_per_plane / ys.size()];
      const PoolWindow& y = ys[row % ys.size()];
      for (std::size_t i = 0; i < xs.size(); ++i) {
        const double result = reduce_window<Reduction>(plane, in, z, y, xs[i]);
        store_doubles(out.data_type(), target, row * xs.size() + i, {&result, 1});
      }
    }
  });
  return std::vector<Tensor>{std::move(out)};
}

Result<std::vector<Tensor>> evaluate_avg_pool(OpContext& context) {
  ANEBENCH_ASSIGN(excludes, context.arguments().boolean_or("exclude_padding_from_average", false));
  return excludes ? evaluate_pool<MeanOfInput>(context) : evaluate_pool<MeanOfPadded>(context);
}

constexpr Parameter kKernelSizes = constant_parameter("kernel_sizes", kInt32);
constexpr Parameter kPoolPadType = constant_parameter("pad_type", kString);
constexpr Parameter kPool[] = {kFloatX,  kKernelSizes,
                               kStrides, kPoolPadType,
                               kPad,     optional_parameter("ceil_mode", kBool, "false")};
// avg_pool's defaults are those of its kin, but its signature does not list them.
constexpr Parameter kAvgPool[] = {
    optional_parameter("exclude_padding_from_average", kBool, "false"),
    kFloatX,
    kKernelSizes,
    unlisted(kStrides),
    kPoolPadType,
    unlisted(kPad),
    unlisted(optional_parameter("ceil_mode", kBool, "false"))};
constexpr Version kPoolVersions[] = {{Opset::ios13, kPool}};
constexpr Version kAvgPoolVersions[] = {{Opset::ios13, kAvgPool}};

constexpr Definition kPoolDefinitions[] = {
    define("pool", "avg_pool", kAvgPoolVersions, infer_pool, evaluate_avg_pool, count_pool),
    define("pool", "l2_pool", kPoolVersions, infer_pool, evaluate_pool<RootOfSquares>, count_pool),
    define("pool", "max_pool", kPoolVersions, infer_pool, evaluate_pool<MaximumOfInput>,
           count_pool),
};

}  // namespace

Result<PoolWindows> pool_windows(const Arguments& arguments, std::span<const std::int64_t> in,
                                 std::span<const std::int64_t> out) {
  const std::size_t spatial = in.size() - 2;
  ANEBENCH_ASSIGN(pool, pool_of(arguments, spatial));
  PoolWindows windows;
  windows.along.fill({PoolWindow{0, 1, 1}});
  for (std::size_t d = 0; d < spatial; ++d) {
    const std::int64_t size = in[2 + d];
    const Padding pad = pool.geometry.padding(d, size, pool.kernel[d]);
    windows.in[3 - spatial + d] = size;
    std::vector<PoolWindow>& along = windows.along[3 - spatial + d];
    along.resize(static_cast<std::size_t>(out[2 + d]));
    for (std::size_t o = 0; o < along.size(); ++o) {
      const std::int64_t begin =
          static_cast<std::int64_t>(o) * pool.geometry.strides[d] - pad.before;
      const std::int64_t end = begin + pool.kernel[d];
      along[o] = {std::clamp<std::int64_t>(begin, 0, size), std::clamp<std::int64_t>(end, 0, size),
                  std::max<std::int64_t>(0, std::min(end, size + pad.after) - begin)};
    }
  }
  return windows;
}

std::span<const Definition> pool_family() { return kPoolDefinitions; }

}  // namespace anebench::ops
