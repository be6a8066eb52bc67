// Kernels of the pools of fp16 and fp32: each output row first takes the rows of its windows
// together, which is a loop over neighbours, then the columns. Sums are in double, so that those of
// fp16 are the reference's in every bit although they are taken in another order.
#include <algorithm>
#include <cmath>
#include <memory>
#include <type_traits>
#include <utility>

#include "anebench/device/cpu/float_elements.h"
#include "anebench/device/cpu/kernel.h"
#include "anebench/device/cpu/parallel.h"
#include "anebench/ops/extremum.h"
#include "anebench/ops/pool.h"
#include "anebench/ops/shapes.h"

namespace anebench::device::cpu {
namespace {

using ops::PoolWindow;

// How elements are taken together, in a Number; `finish` gets the numbers of the window's elements
// within the input and within the padded input.
struct PoolMaximum {
  using Number = float;
  static constexpr float kStart = ops::kFirstOfGreatest<float>;
  static float element(float x) { return x; }
  static float join(float a, float b) { return ops::greater_of(a, b); }
  static float finish(float value, std::int64_t /*elements*/, std::int64_t /*padded*/) {
    return value;
  }
  static bool is_exact(mil::DataType /*type*/, std::size_t /*most*/) { return true; }
};
struct PoolSum {
  using Number = double;
  static constexpr double kStart = 0;
  static double element(float x) { return static_cast<double>(x); }
  static double join(double a, double b) { return a + b; }
  // Of windows of at most so many elements.
  static bool is_exact(mil::DataType type, std::size_t most) { return is_sum_exact(type, most); }
};
struct PoolMeanOfInput : PoolSum {
  static double finish(double value, std::int64_t elements, std::int64_t /*padded*/) {
    return value / static_cast<double>(elements);
  }
};
struct PoolMeanOfPadded : PoolSum {
  static double finish(double value, std::int64_t /*elements*/, std::int64_t padded) {
    return value / static_cast<double>(padded);
  }
};
struct PoolRootOfSquares : PoolSum {
  static double element(float x) { return static_cast<double>(x) * static_cast<double>(x); }
  static double finish(double value, std::int64_t /*elements*/, std::int64_t /*padded*/) {
    return std::sqrt(value);
  }
  // Squares have twice as many bits.
  static bool is_exact(mil::DataType /*type*/, std::size_t /*most*/) { return false; }
};

// Elements that the largest window covers.
std::size_t largest_window(const ops::PoolWindows& windows) {
  std::size_t elements = 1;
  for (const std::vector<PoolWindow>& along : windows.along) {
    std::int64_t most = 0;
    for (const PoolWindow& window : along) most = std::max(most, window.last - window.first);
    elements *= static_cast<std::size_t>(most);
  }
  return elements;
}

template <typename Pool>
class PoolOperation final : public TensorOperation {
 public:
  PoolOperation(ops::PoolWindows windows, std::size_t planes, mil::DataType type,
                const KernelOperands& at)
      : windows_(std::move(windows)), planes_(planes), type_(type), at_(at) {}

  Result<void> run(const Memory& memory, ThreadPool& pool) const override {
    const auto& [zs, ys, xs] = windows_.along;
    const std::size_t plane = plane_elements(windows_);
    const std::size_t rows = 2 * row_elements(windows_);
    auto* scratch = reinterpret_cast<Number*>(memory.write(at_.scratch));
    const std::byte* in = memory.read(at_.inputs[0]);
    std::byte* out = memory.write(at_.outputs[0]);
    const std::size_t out_plane = zs.size() * ys.size() * xs.size();
    const double plane_ns = static_cast<double>(plane) + 3 * static_cast<double>(out_plane);
    parallel_ranges(
        pool, planes_, grain_of(plane_ns), [&](std::size_t begin, std::size_t end, int worker) {
          Number* own = scratch + static_cast<std::size_t>(worker) * thread_numbers(windows_);
          auto* elements = reinterpret_cast<float*>(own + rows);
          for (std::size_t i = begin; i < end; ++i) {
            load_floats(type_, in, i * plane, {elements, plane});
            pool_plane(elements, own, out, i * out_plane);
          }
        });
    return {};
  }

  static std::size_t scratch_bytes(const ops::PoolWindows& windows, std::size_t threads) {
    return saturating_product({threads, thread_numbers(windows), sizeof(Number)});
  }

 private:
  using Number = typename Pool::Number;

  static std::size_t plane_elements(const ops::PoolWindows& windows) {
    return static_cast<std::size_t>(windows.in[0] * windows.in[1] * windows.in[2]);
  }
  static std::size_t row_elements(const ops::PoolWindows& windows) {
    return std::max(static_cast<std::size_t>(windows.in[2]), windows.along[2].size());
  }
  // What one thread works with: two rows, then the plane's elements as floats.
  static std::size_t thread_numbers(const ops::PoolWindows& windows) {
    constexpr std::size_t kFloats = sizeof(Number) / sizeof(float);
    return 2 * row_elements(windows) + (plane_elements(windows) + kFloats - 1) / kFloats;
  }

  // `rows` are two: one to join the input's rows, one for the output.
  void pool_plane(const float* plane, Number* rows, std::byte* out, std::size_t first) const {
    const auto& [zs, ys, xs] = windows_.along;
    const auto width = static_cast<std::size_t>(windows_.in[2]);
    Number* const results = rows + row_elements(windows_);
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
          Number value = Pool::kStart;
          for (std::int64_t k = x.first; k < x.last; ++k) value = Pool::join(value, rows[k]);
          results[i] =
              Pool::finish(value, covered * (x.last - x.first), z.padded * y.padded * x.padded);
        }
        if constexpr (std::is_same_v<Number, float>) {
          store_floats(type_, out, first, {results, xs.size()});
        } else {
          store_doubles(type_, out, first, {results, xs.size()});
        }
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
                  .scratch_bytes = PoolOperation<Pool>::scratch_bytes(windows, request.threads),
                  .is_exact = Pool::is_exact(type.data_type(), largest_window(windows))};
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
