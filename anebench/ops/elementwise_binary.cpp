// Functions of two elements, with broadcasting. Floating point in double, rounded once; integers
// exact, wrapping around in the output's width.
#include <fmt/format.h>

#include <type_traits>

#include "anebench/ops/broadcast.h"
#include "anebench/ops/elementwise.h"
#include "anebench/ops/families.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {
namespace {

using mil::Opset;

Result<std::vector<mil::Type>> infer_broadcast(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(y, arguments.tensor_type("y"));
  auto shape = broadcast(x.shape(), y.shape());
  if (!shape) {
    return arguments.error("y", fmt::format("{} does not broadcast with x {}", to_string(y.shape()),
                                            to_string(x.shape())));
  }
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), *std::move(shape))};
}

Result<double> count_one(const Arguments& /*arguments*/, std::span<const mil::Type> outputs) {
  return count_per_element(outputs, 1);
}

// Each op for doubles and for integers; those go through unsigned arithmetic, where overflow wraps.
struct Add {
  static double apply(double a, double b) { return a + b; }
  static std::int64_t apply(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  }
};
struct Multiply {
  static double apply(double a, double b) { return a * b; }
  static std::int64_t apply(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
  }
};

template <typename T>
std::vector<T> elements_of(const Tensor& tensor) {
  if constexpr (std::is_same_v<T, double>)
    return tensor.to_doubles();
  else
    return tensor.to_integers();
}

void store(mil::DataType type, std::span<std::byte> bytes, std::size_t first,
           std::span<const double> values) {
  store_doubles(type, bytes, first, values);
}
void store(mil::DataType type, std::span<std::byte> bytes, std::size_t first,
           std::span<const std::int64_t> values) {
  store_integers(type, bytes, first, values);
}

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
      store(out.data_type(), bytes, row * rows.length() + first,
            std::span<const T>(storage.data(), count));
    }
  });
}

template <typename Op>
Result<std::vector<Tensor>> evaluate_arithmetic(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(y, context.tensor("y"));
  ANEBENCH_ASSIGN(types, infer_broadcast(context.arguments()));
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
    {.name = "x", .types = kFloatsAndInt32, .type_variable = "T"},
    {.name = "y", .types = kFloatsAndInt32, .type_variable = "T"},
};
constexpr Version kNumbersVersions[] = {{Opset::ios13, kNumbers}};

constexpr Definition arithmetic(std::string_view name, EvaluateFunction evaluate) {
  return {.name = name,
          .family = "elementwise_binary",
          .versions = kNumbersVersions,
          .infer = infer_broadcast,
          .evaluate = evaluate,
          .count_operations = count_one};
}

constexpr Definition kDefinitions[] = {
    arithmetic("add", evaluate_arithmetic<Add>),
    arithmetic("mul", evaluate_arithmetic<Multiply>),
};

}  // namespace

std::span<const Definition> elementwise_binary_family() { return kDefinitions; }

}  // namespace anebench::ops
