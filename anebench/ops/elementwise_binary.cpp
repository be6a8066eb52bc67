// Functions of two elements, with broadcasting. Floating point in double, rounded once; integers
// exact, wrapping around in the output's width.
#include <fmt/format.h>

#include <cmath>
#include <functional>

#include "anebench/ops/broadcast.h"
#include "anebench/ops/elementwise.h"
#include "anebench/ops/extremum.h"
#include "anebench/ops/families.h"
#include "anebench/ops/shapes.h"
#include "anebench/ops/signature.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;

Result<mil::Shape> broadcast_operands(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(y, arguments.tensor_type("y"));
  auto shape = broadcast(x.shape(), y.shape());
  if (!shape) {
    return arguments.error("y", fmt::format("{} does not broadcast with x {}", to_string(y.shape()),
                                            to_string(x.shape())));
  }
  return *std::move(shape);
}

Result<std::vector<mil::Type>> infer_arithmetic(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(shape, broadcast_operands(arguments));
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

Result<std::vector<mil::Type>> infer_truth(const Arguments& arguments) {
  ANEBENCH_ASSIGN(shape, broadcast_operands(arguments));
  return std::vector<mil::Type>{mil::Type::tensor(DataType::boolean, std::move(shape))};
}

// Each op for doubles and for integers. Division by an integer zero gives 0, as numpy does.
struct Add {
  static double apply(double a, double b) { return a + b; }
  static std::int64_t apply(std::int64_t a, std::int64_t b) { return wrapping_add(a, b); }
};
struct Subtract {
  static double apply(double a, double b) { return a - b; }
  static std::int64_t apply(std::int64_t a, std::int64_t b) { return wrapping_subtract(a, b); }
};
struct Multiply {
  static double apply(double a, double b) { return a * b; }
  static std::int64_t apply(std::int64_t a, std::int64_t b) { return wrapping_multiply(a, b); }
};
struct Divide {
  static double apply(double a, double b) { return a / b; }
  static std::int64_t apply(std::int64_t a, std::int64_t b) { return b == 0 ? 0 : a / b; }
};
struct FloorDivide {
  static double apply(double a, double b) { return std::floor(a / b); }
  static std::int64_t apply(std::int64_t a, std::int64_t b) {
    if (b == 0) return 0;
    return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
  }
};
// Has the divisor's sign.
struct Modulo {
  static double apply(double a, double b) {
    const double rest = std::fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  }
  static std::int64_t apply(std::int64_t a, std::int64_t b) {
    if (b == 0) return 0;
    const std::int64_t rest = a % b;
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  }
};
struct Power {
  static double apply(double a, double b) { return std::pow(a, b); }
  // By squaring, modulo 2^64; a negative exponent gives the fraction truncated toward zero.
  static std::int64_t apply(std::int64_t base, std::int64_t exponent) {
    if (exponent < 0) {
      if (base != 1 && base != -1) return 0;
      exponent = exponent % 2 == 0 ? 2 : 1;
    }
    std::int64_t result = 1;
    for (; exponent != 0; exponent /= 2) {
      if (exponent % 2 != 0) result = wrapping_multiply(result, base);
      base = wrapping_multiply(base, base);
    }
    return result;
  }
};
struct Maximum {
  static double apply(double a, double b) { return greater_of(a, b); }
  static std::int64_t apply(std::int64_t a, std::int64_t b) { return a > b ? a : b; }
};
struct Minimum {
  static double apply(double a, double b) { return lesser_of(a, b); }
  static std::int64_t apply(std::int64_t a, std::int64_t b) { return a < b ? a : b; }
};
template <typename Predicate>
struct Truth {
  template <typename T>
  static T apply(T a, T b) {
    return Predicate()(a, b) ? T{1} : T{0};
  }
};
// A byte other than 0 and 1 may stand for true.
struct LogicalXor {
  template <typename T>
  bool operator()(T a, T b) const {
    return (a != T{0}) != (b != T{0});
  }
};

// T is what the elements are computed in: double or int64.
template <typename Op, typename T>
void apply(OpContext& context, const Tensor& x, const Tensor& y, Tensor& out) {
  const std::vector<T> a = elements_of<T>(x);
  const std::vector<T> b = elements_of<T>(y);
  const std::span<std::byte> bytes = out.mutable_bytes();
  const BroadcastRows rows(x.dims(), y.dims(), out.dims());
  // Rows are cut into pieces, so that one long row is spread over the threads too.
  const std::size_t pieces = (rows.length() + kElementChunk - 1) / kElementChunk;
  context.parallel_for(rows.count() * pieces, [&](std::size_t begin, std::size_t end) {
    std::array<T, kElementChunk> storage;
    for (std::size_t piece = begin; piece < end; ++piece) {
      const std::size_t row = piece / pieces;
      const std::size_t first = piece % pieces * kElementChunk;
      const auto [row_a, row_b] = rows.offsets(row);
      const T* left = a.data() + row_a + first * rows.step_a();
      const T* right = b.data() + row_b + first * rows.step_b();
      const std::size_t count = std::min(kElementChunk, rows.length() - first);
      for (std::size_t i = 0; i < count; ++i) {
        storage[i] = Op::apply(left[i * rows.step_a()], right[i * rows.step_b()]);
      }
      store_elements(out.data_type(), bytes, row * rows.length() + first,
                     std::span<const T>(storage.data(), count));
    }
  });
}

template <typename Op, InferFunction kInfer>
Result<std::vector<Tensor>> evaluate_binary(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(y, context.tensor("y"));
  ANEBENCH_ASSIGN(types, kInfer(context.arguments()));
  ANEBENCH_ASSIGN(out, Tensor::create(types.front()));
  if (out.element_count() == 0) return std::vector<Tensor>{std::move(out)};
  if (mil::is_floating_point(x.data_type())) {
    apply<Op, double>(context, x, y, out);
  } else {
    apply<Op, std::int64_t>(context, x, y, out);
  }
  return std::vector<Tensor>{std::move(out)};
}

constexpr Parameter kNumbers[] = {
    kNumberX,
    {.name = "y", .types = kFloatsAndInt32, .type_variable = "T"},
};
constexpr Parameter kBools[] = {
    {.name = "x", .types = kBool, .type_variable = "T"},
    {.name = "y", .types = kBool, .type_variable = "T"},
};
constexpr Version kNumbersVersions[] = {{Opset::ios13, kNumbers}};
constexpr Version kBoolsVersions[] = {{Opset::ios13, kBools}};

template <typename Op>
constexpr Definition arithmetic(std::string_view name) {
  return {.name = name,
          .family = "elementwise_binary",
          .versions = kNumbersVersions,
          .infer = infer_arithmetic,
          .evaluate = evaluate_binary<Op, infer_arithmetic>,
          .count_operations = count_each<1>};
}

template <typename Predicate>
constexpr Definition truth(std::string_view name, std::span<const Version> versions) {
  return {.name = name,
          .family = "elementwise_binary",
          .versions = versions,
          .infer = infer_truth,
          .evaluate = evaluate_binary<Truth<Predicate>, infer_truth>,
          .count_operations = count_each<1>};
}

constexpr Definition kElementwiseBinaryDefinitions[] = {
    arithmetic<Add>("add"),
    truth<std::equal_to<>>("equal", kNumbersVersions),
    arithmetic<FloorDivide>("floor_div"),
    truth<std::greater<>>("greater", kNumbersVersions),
    truth<std::greater_equal<>>("greater_equal", kNumbersVersions),
    truth<std::less<>>("less", kNumbersVersions),
    truth<std::less_equal<>>("less_equal", kNumbersVersions),
    truth<std::logical_and<>>("logical_and", kBoolsVersions),
    truth<std::logical_or<>>("logical_or", kBoolsVersions),
    truth<LogicalXor>("logical_xor", kBoolsVersions),
    arithmetic<Maximum>("maximum"),
    arithmetic<Minimum>("minimum"),
    arithmetic<Modulo>("mod"),
    arithmetic<Multiply>("mul"),
    truth<std::not_equal_to<>>("not_equal", kNumbersVersions),
    arithmetic<Power>("pow"),
    arithmetic<Divide>("real_div"),
    arithmetic<Subtract>("sub"),
};

}  // namespace

std::span<const Definition> elementwise_binary_family() { return kElementwiseBinaryDefinitions; }

}  // namespace anebench::ops
