// Kernels of the reductions of fp16 and fp32 along neighbouring dimensions. Sums are in double, and
// where no order can change them the results are the reference's in every bit.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <utility>

#include "anebench/device/cpu/float_lines.h"
#include "anebench/device/cpu/kernel.h"
#include "anebench/ops/shapes.h"

namespace anebench::device::cpu {
namespace {

// Beyond loading an element: an estimate, for sharing out work.
constexpr double kReduceNs = 0.5;

double identity_term(float value) { return static_cast<double>(value); }
double square_term(float value) { return static_cast<double>(value) * static_cast<double>(value); }

double reduce_sum(std::span<float> x) { return sum_of(x, identity_term); }
double reduce_mean(std::span<float> x) { return reduce_sum(x) / static_cast<double>(x.size()); }
double reduce_sum_square(std::span<float> x) { return sum_of(x, square_term); }
double reduce_l2_norm(std::span<float> x) { return std::sqrt(reduce_sum_square(x)); }
double reduce_l1_norm(std::span<float> x) {
  return sum_of(x, [](float value) { return static_cast<double>(std::fabs(value)); });
}
double reduce_log_sum(std::span<float> x) { return std::log(reduce_sum(x)); }
double reduce_max(std::span<float> x) { return static_cast<double>(greatest_of(x)); }
double reduce_min(std::span<float> x) { return static_cast<double>(least_of(x)); }
double reduce_log_sum_exp(std::span<float> x) {
  const double greatest = reduce_max(x);
  if (!std::isfinite(greatest)) return greatest;
  return greatest + std::log(exponentials(x, static_cast<float>(greatest)));
}

// When a reduction's value, before it is rounded, is the reference's.
enum class Exactness : std::uint8_t {
  always,
  // Where the sum of the elements is exact.
  as_sum,
  never,
};

// `kReduce` may change the line. Preconditions of all: not empty.
template <double (*kReduce)(std::span<float>), Exactness kExactness>
Result<KernelChoice> plan_reduction(const KernelRequest& request) {
  const ValueId x = request.value("x");
  if (x == kNone) return KernelChoice::none("the tensor is a literal");
  const mil::Type& type = request.type(x);
  if (!is_fp16_or_fp32(type.data_type())) {
    return KernelChoice::none("only fp16 and fp32 have a kernel");
  }
  std::vector<bool> reduced(type.rank(), true);
  if (request.arguments().has("axes")) {
    ANEBENCH_ASSIGN(axes, ops::axes_of(request.arguments(), "axes", type.rank()));
    reduced.assign(type.rank(), false);
    for (const std::size_t axis : axes) reduced[axis] = true;
  }
  const auto lines = FloatLines::along(ops::sizes(type.shape()), reduced);
  if (!lines) return KernelChoice::none("dimensions that are no neighbours");
  if (lines->length == 0) return KernelChoice::none("empty tensors");
  KernelPlan plan{.name = std::string(request.arguments().definition().name),
                  .inputs = {x},
                  .scratch_bytes = lines->scratch_bytes(request.threads),
                  .is_exact = kExactness == Exactness::always ||
                              (kExactness == Exactness::as_sum &&
                               is_sum_exact(type.data_type(), lines->length))};
  plan.make = [lines = *lines, data_type = type.data_type()](
                  const KernelOperands& at) -> Result<std::unique_ptr<TensorOperation>> {
    return make_operation([=, from = at.inputs[0], to = at.outputs[0], scratch = at.scratch](
                              const Memory& memory, ThreadPool& pool) {
      std::byte* out = memory.write(to);
      for_each_lines(
          lines, data_type, memory.read(from), memory.write(scratch), pool, kReduceNs,
          [&](std::size_t line, std::size_t count, std::size_t /*origin*/, float* floats) {
            std::array<double, FloatLines::kGathered> results;
            for (std::size_t j = 0; j < count; ++j) {
              results[j] = kReduce({floats + j * lines.length, lines.length});
            }
            store_doubles(data_type, out, line, {results.data(), count});
          });
    });
  };
  return plan;
}

constexpr KernelEntry kReductionKernels[] = {
    {"reduce_l1_norm", plan_reduction<reduce_l1_norm, Exactness::as_sum>},
    {"reduce_l2_norm", plan_reduction<reduce_l2_norm, Exactness::never>},
    {"reduce_log_sum", plan_reduction<reduce_log_sum, Exactness::as_sum>},
    {"reduce_log_sum_exp", plan_reduction<reduce_log_sum_exp, Exactness::never>},
    {"reduce_max", plan_reduction<reduce_max, Exactness::always>},
    {"reduce_mean", plan_reduction<reduce_mean, Exactness::as_sum>},
    {"reduce_min", plan_reduction<reduce_min, Exactness::always>},
    {"reduce_sum", plan_reduction<reduce_sum, Exactness::as_sum>},
    {"reduce_sum_square", plan_reduction<reduce_sum_square, Exactness::never>},
};

}  // namespace

std::span<const KernelEntry> reduction_kernels() { return kReductionKernels; }

}  // namespace anebench::device::cpu
