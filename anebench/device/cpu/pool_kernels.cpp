// Kernels of the pools of fp16 and fp32: each output row first takes the rows of its windows
// together, which is a loop over neighbours, then the columns.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "anebench/device/cpu/float_elements.h"
#include "anebench/device/cpu/kernel.h"
#include "anebench/device/cpu/parallel.h"
#include "anebench/ops/pool.h"
#include "anebench/ops/shapes.h"

namespace anebench::device::cpu {
namespace {

using ops::PoolWindow;

// How elements are taken together; `finish` gets the numbers of the window's elements within the
// input and within the padded input.
struct PoolMaximum {
  static constexpr float kStart = -std::numeric_limits<float>::infinity();
  static float element(float x) { return x; }
  // NaN stays.
  static float join(float a, float b) { return b > a || b != b ? b : a; }
  static float finish(float value, std::int64_t /*elements*/, std::int64_t /*padded*/) {
    return value;
  }
};
struct PoolSum {
  static constexpr float kStart = 0;
  static float element(float x) { return x; }
  static float join(float a, float b) { return a + b; }
};
struct PoolMeanOfInput : PoolSum {
  static float finish(float value, std::int64_t elements, std::int64_t /*padded*/) {
    return value / static_cast<float>(elements);
  }
};
struct PoolMeanOfPadded : PoolSum {
  static float finish(float value, std::int64_t /*elements*/, std::int64_t padded) {
    return value / static_cast<float>(padded);
  }
};
struct PoolRootOfSquares : PoolSum {
  static float element(float x) { return x * x; }
  static float finish(float value, std::int64_t /*elements*/, std::int64_t /*padded*/) {
    return std::sqrt(value);
  }
};

template <typename Pool>
class PoolOperation final : public TensorOperation {
 public:
  PoolOperation(ops::PoolWindows windows, std::size_t planes, mil::DataType type,
                const KernelOperands& at)
      : windows_(std::move(windows)), planes_(planes), type_(type), at_(at) {}

  Result<void> run(const Memory& memory, ThreadPool& pool) const override {
    const auto& [zs, ys, xs] = windows_.along;
    const std::size_t plane = plane_elements();
    const std::size_t row = row_elements();
    auto* scratch = reinterpret_cast<float*>(memory.write(at_.scratch));
    const std::byte* in = memory.read(at_.inputs[0]);
    std::byte* out = memory.write(at_.outputs[0]);
    const std::size_t out_plane = zs.size() * ys.size() * xs.size();
    const double plane_ns = static_cast<double>(plane) + 3 * static_cast<double>(out_plane);
    parallel_ranges(pool, planes_, grain_of(plane_ns),
                    [&](std::size_t begin, std::size_t end, int worker) {
                      float* own = scratch + static_cast<std::size_t>(worker) * (plane + 2 * row);
                      for (std::size_t i = begin; i < end; ++i) {
                        load_floats(type_, in, i * plane, {own, plane});
                        pool_plane(own, own + plane, out, i * out_plane);
                      }
                    });
    return {};
  }

  static std::size_t scratch_bytes(const ops::PoolWindows& windows, std::size_t threads) {
    const auto size = [&](std::size_t d) { return static_cast<std::size_t>(windows.in[d]); };
    const std::size_t row = std::max(size(2), windows.along[2].size());
    return saturating_product({threads, size(0) * size(1) * size(2) + 2 * row, sizeof(float)});
  }

 private:
  std::size_t plane_elements() const {
    return static_cast<std::size_t>(windows_.in[0] * windows_.in[1] * windows_.in[2]);
  }
  std::size_t row_elements() const {
    return std::max(static_cast<std::size_t>(windows_.in[2]), windows_.along[2].size());
  }

  // `rows` are two: one to join the input's rows, one for the output.
  void pool_plane(const float* plane, float* rows, std::byte* out, std::size_t first) const {
    const auto& [zs, ys, xs] = windows_.along;
    const auto width = static_cast<std::size_t>(windows_.in[2]);
    float* const results = rows + row_elements();
    for (const PoolWindow& z : zs) {
      for (const PoolWindow& y : ys) {
        std::fill_n(rows, width, Pool::kStart);
        for (std::int64_t i = z.first; i < z.last; ++i) {
          for (std::int64_t j = y.first; j < y.last; ++j) {
            const float* row = plane + (i * windows_.in[1] + j) * windows_.in[2];
            for (std::size_t k = 0; k < width; ++k) {
              rows[k] = Pool::join(rows[k], Pool::element(row[k]));
            }
          }
        }
        const std::int64_t covered = (z.last - z.first) * (y.last - y.first);
        for (std::size_t i = 0; i < xs.size(); ++i) {
          const PoolWindow& x = xs[i];
          float value = Pool::kStart;
          for (std::int64_t k = x.first; k < x.last; ++k) value = Pool::join(value, rows[k]);
          results[i] =
              Pool::finish(value, covered * (x.last - x.first), z.padded * y.padded * x.padded);
        }
        store_floats(type_, out, first, {results, xs.size()});
        first += xs.size();
      }
    }
  }

  ops::PoolWindows windows_;
  std::size_t planes_;
  mil::DataType type_;
  KernelOperands at_;
};

template <typename Pool>
Result<KernelChoice> plan_pool(const KernelRequest& request) {
  const ValueId x = request.value("x");
  if (x == kNone) return KernelChoice::none("the tensor is a literal");
  const mil::Type& type = request.type(x);
  if (!is_fp16_or_fp32(type.data_type())) {
    return KernelChoice::none("only fp16 and fp32 have a kernel");
  }
  const std::vector<std::int64_t> in = ops::sizes(type.shape());
  ANEBENCH_ASSIGN(windows, ops::pool_windows(request.arguments(), in,
                                             ops::sizes(request.output_type().shape())));
  if (type.element_count() == 0 || request.output_type().element_count() == 0) {
    return KernelChoice::none("empty tensors");
  }
  KernelPlan plan{.name = std::string(request.arguments().definition().name),
                  .inputs = {x},
                  .scratch_bytes = PoolOperation<Pool>::scratch_bytes(windows, request.threads)};
  plan.make = [windows = std::move(windows), planes = static_cast<std::size_t>(in[0] * in[1]),
               data_type = type.data_type()](
                  const KernelOperands& at) -> Result<std::unique_ptr<TensorOperation>> {
    return std::make_unique<PoolOperation<Pool>>(windows, planes, data_type, at);
  };
  return plan;
}

Result<KernelChoice> plan_avg_pool(const KernelRequest& request) {
  ANEBENCH_ASSIGN(excludes, request.arguments().boolean_or("exclude_padding_from_average", false));
  return excludes ? plan_pool<PoolMeanOfInput>(request) : plan_pool<PoolMeanOfPadded>(request);
}

constexpr KernelEntry kPoolKernels[] = {{"avg_pool", plan_avg_pool},
                                        {"l2_pool", plan_pool<PoolRootOfSquares>},
                                        {"max_pool", plan_pool<PoolMaximum>}};

}  // namespace

std::span<const KernelEntry> pool_kernels() { return kPoolKernels; }

}  // namespace anebench::device::cpu
