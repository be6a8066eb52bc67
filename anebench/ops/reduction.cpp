// Reductions along axes. Floating point is summed up in double and rounded once; integers are exact
// and wrap around. Functions whose value is no integer (a mean, a logarithm) truncate it toward
// zero where the input has integers.
#include "anebench/ops/reduction.h"

#include <cmath>
#include <type_traits>

#include "anebench/ops/elementwise.h"
#include "anebench/ops/extremum.h"
#include "anebench/ops/families.h"
#include "anebench/ops/shapes.h"
#include "anebench/ops/signature.h"

namespace anebench::ops {
namespace {

using mil::Opset;

// For each dimension of x, whether it is reduced.
Result<std::vector<bool>> reduced_axes(const Arguments& arguments, std::size_t rank) {
  if (rank == 0) return arguments.error("x", "is a scalar; it must have a dimension to reduce");
  if (!arguments.has("axes")) return std::vector<bool>(rank, true);
  ANEBENCH_ASSIGN(axes, axes_of(arguments, "axes", rank));
  std::vector<bool> reduced(rank, false);
  for (const std::size_t axis : axes) reduced[axis] = true;
  return reduced;
}

Result<std::vector<mil::Type>> infer_reduction(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(reduced, reduced_axes(arguments, x.rank()));
  ANEBENCH_ASSIGN(keep_dims, arguments.boolean_or("keep_dims", false));
  return std::vector<mil::Type>{
      mil::Type::tensor(x.data_type(), reduced_shape(x.shape(), reduced, keep_dims))};
}

using Doubles = Reduced<double>;
using Integers = Reduced<std::int64_t>;

struct Sum {
  static double apply(const Doubles& x) {
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += x[i];
    return sum;
  }
  static std::int64_t apply(const Integers& x) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum = wrapping_add(sum, x[i]);
    return sum;
  }
};
struct Product {
  static double apply(const Doubles& x) {
    double product = 1;
    for (std::size_t i = 0; i < x.size(); ++i) product *= x[i];
    return product;
  }
  static std::int64_t apply(const Integers& x) {
    std::int64_t product = 1;
    for (std::size_t i = 0; i < x.size(); ++i) product = wrapping_multiply(product, x[i]);
    return product;
  }
};
struct L1Norm {
  static double apply(const Doubles& x) {
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += std::fabs(x[i]);
    return sum;
  }
  static std::int64_t apply(const Integers& x) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      sum = x[i] < 0 ? wrapping_subtract(sum, x[i]) : wrapping_add(sum, x[i]);
    }
    return sum;
  }
};
struct SumOfSquares {
  static double apply(const Doubles& x) {
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * x[i];
    return sum;
  }
  static std::int64_t apply(const Integers& x) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      sum = wrapping_add(sum, wrapping_multiply(x[i], x[i]));
    }
    return sum;
  }
};
struct Greatest {
  static double apply(const Doubles& x) {
    double greatest = kFirstOfGreatest<double>;
    for (std::size_t i = 0; i < x.size(); ++i) greatest = greater_of(greatest, x[i]);
    return greatest;
  }
};
struct Least {
  static double apply(const Doubles& x) {
    double least = kFirstOfLeast<double>;
    for (std::size_t i = 0; i < x.size(); ++i) least = lesser_of(least, x[i]);
    return least;
  }
};
struct Mean {
  static double apply(const Doubles& x) { return Sum::apply(x) / static_cast<double>(x.size()); }
};
struct L2Norm {
  static double apply(const Doubles& x) { return std::sqrt(SumOfSquares::apply(x)); }
};
struct LogSum {
  static double apply(const Doubles& x) { return std::log(Sum::apply(x)); }
};
// With the greatest element taken out, so that no exponential overflows.
struct LogSumExp {
  static double apply(const Doubles& x) {
    const double greatest = Greatest::apply(x);
    if (!std::isfinite(greatest)) return greatest;
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += std::exp(x[i] - greatest);
    return greatest + std::log(sum);
  }
};

template <typename Op, typename T>
void reduce(OpContext& context, const Tensor& x, const ReductionOffsets& offsets, Tensor& out) {
  const std::vector<T> elements = elements_of<T>(x);
  std::vector<T> results(offsets.kept.size());
  context.parallel_for(results.size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      results[i] = Op::apply(Reduced<T>(elements, offsets.kept[i], offsets.along));
    }
  });
  if constexpr (std::is_same_v<T, double>) {
    if (mil::is_integer(out.data_type())) {
      for (double& result : results) result = std::trunc(result);
    }
  }
  store_elements(out.data_type(), out.mutable_bytes(), 0, std::span<const T>(results));
}

template <typename Op>
Result<std::vector<Tensor>> evaluate_reduction(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(types, infer_reduction(arguments));
  ANEBENCH_ASSIGN(reduced, reduced_axes(arguments, x.rank()));
  ANEBENCH_ASSIGN(out, Tensor::create(types.front()));
  const ReductionOffsets offsets = reduction_offsets(x.dims(), reduced);
  constexpr bool kHasIntegers = requires(const Integers& elements) { Op::apply(elements); };
  if constexpr (kHasIntegers) {
    if (mil::is_integer(x.data_type())) {
      reduce<Op, std::int64_t>(context, x, offsets, out);
      return std::vector<Tensor>{std::move(out)};
    }
  }
  reduce<Op, double>(context, x, offsets, out);
  return std::vector<Tensor>{std::move(out)};
}

constexpr Parameter kReduction[] = {
    kNumberX,
    optional_parameter("axes", kInt32, "all axes"),
    kKeepDims,
};
constexpr Version kReductionVersions[] = {{Opset::ios13, kReduction}};

template <typename Op, int kOperationsPerElement>
constexpr Definition reduction(std::string_view name) {
  return {.name = name,
          .family = "reduction",
          .versions = kReductionVersions,
          .infer = infer_reduction,
          .evaluate = evaluate_reduction<Op>,
          .count_operations = count_each_input<kOperationsPerElement>};
}

constexpr Definition kReductionDefinitions[] = {
    reduction<L1Norm, 2>("reduce_l1_norm"), reduction<L2Norm, 2>("reduce_l2_norm"),
    reduction<LogSum, 1>("reduce_log_sum"), reduction<LogSumExp, 4>("reduce_log_sum_exp"),
    reduction<Greatest, 1>("reduce_max"),   reduction<Mean, 1>("reduce_mean"),
    reduction<Least, 1>("reduce_min"),      reduction<Product, 1>("reduce_prod"),
    reduction<Sum, 1>("reduce_sum"),        reduction<SumOfSquares, 2>("reduce_sum_square"),
};

}  // namespace

mil::Shape reduced_shape(const mil::Shape& shape, const std::vector<bool>& reduced,
                         bool keep_dims) {
  mil::Shape result;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (!reduced[d]) {
      result.push_back(shape[d]);
    } else if (keep_dims) {
      result.push_back(mil::Dim(1));
    }
  }
  return result;
}

ReductionOffsets reduction_offsets(std::span<const std::int64_t> dims,
                                   const std::vector<bool>& reduced) {
  ReductionOffsets offsets{.kept = {0}, .along = {0}};
  // From the innermost dimension outward: each multiplies what is there, outer indices last.
  std::size_t stride = 1;
  for (std::size_t d = dims.size(); d-- > 0;) {
    std::vector<std::size_t>& list = reduced[d] ? offsets.along : offsets.kept;
    const auto size = static_cast<std::size_t>(dims[d]);
    const std::size_t count = list.size();
    list.resize(count * size);
    for (std::size_t i = count; i < list.size(); ++i) {
      list[i] = list[i - count] + stride;
    }
    stride *= size;
  }
  return offsets;
}

std::span<const Definition> reduction_family() { return kReductionDefinitions; }

}  // namespace anebench::ops
