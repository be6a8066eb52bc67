// Evaluation of ops that treat each element alone, in double, rounded once to the output's type.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "anebench/ops/context.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {

// Elements of one conversion step: the working set stays in the first-level cache.
inline constexpr std::size_t kElementChunk = 1024;

// Calls body(begin, end) for pieces of [0, count), each at most kElementChunk long, spread over the
// context's threads. Pieces begin at multiples of kElementChunk, so that sub-byte tensors are never
// written to within one byte by two threads.
template <typename Body>
void for_each_chunk(OpContext& context, std::size_t count, const Body& body) {
  const std::size_t chunks = (count + kElementChunk - 1) / kElementChunk;
  context.parallel_for(chunks, [&](std::size_t begin, std::size_t end) {
    for (std::size_t chunk = begin; chunk < end; ++chunk) {
      body(chunk * kElementChunk, std::min(count, (chunk + 1) * kElementChunk));
    }
  });
}

// Elements as T, double or std::int64_t: what the ops compute in.
inline void load_elements(mil::DataType type, std::span<const std::byte> bytes, std::size_t first,
                          std::span<double> out) {
  load_doubles(type, bytes, first, out);
}
inline void load_elements(mil::DataType type, std::span<const std::byte> bytes, std::size_t first,
                          std::span<std::int64_t> out) {
  load_integers(type, bytes, first, out);
}
inline void store_elements(mil::DataType type, std::span<std::byte> bytes, std::size_t first,
                           std::span<const double> values) {
  store_doubles(type, bytes, first, values);
}
inline void store_elements(mil::DataType type, std::span<std::byte> bytes, std::size_t first,
                           std::span<const std::int64_t> values) {
  store_integers(type, bytes, first, values);
}
template <typename T>
std::vector<T> elements_of(const Tensor& tensor) {
  std::vector<T> values(tensor.element_count());
  load_elements(tensor.data_type(), tensor.bytes(), 0, std::span<T>(values));
  return values;
}

// The inference of ops with an input `x` and other parameters that are scalars, which it checks.
Result<std::vector<mil::Type>> infer_scalars(const Arguments& arguments);

// The count of ops that do so many operations for each element of their output. A function such as
// exp counts as one operation.
template <int kOperationsPerElement>
Result<double> count_each(const Arguments& /*arguments*/, std::span<const mil::Type> outputs) {
  return count_per_element(outputs, kOperationsPerElement);
}

// Two's complement arithmetic: overflow wraps around.
constexpr std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
constexpr std::int64_t wrapping_subtract(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
constexpr std::int64_t wrapping_multiply(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

// out[i] = function(x[i], i); `type` is the output's, T what is computed in.
template <typename T = double, typename Function>
Result<std::vector<Tensor>> map_indexed(OpContext& context, const Tensor& x, mil::DataType type,
                                        const Function& function) {
  ANEBENCH_ASSIGN(out, Tensor::create(mil::Type::tensor(type, x.type().shape())));
  const std::span<std::byte> target = out.mutable_bytes();
  for_each_chunk(context, x.element_count(), [&](std::size_t begin, std::size_t end) {
    std::array<T, kElementChunk> storage;
    const std::span<T> values(storage.data(), end - begin);
    load_elements(x.data_type(), x.bytes(), begin, values);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = function(values[i], begin + i);
    store_elements(type, target, begin, std::span<const T>(values));
  });
  return std::vector<Tensor>{std::move(out)};
}

// out[i] = function(x[i]).
template <typename T = double, typename Function>
Result<std::vector<Tensor>> map_elements(OpContext& context, const Tensor& x, mil::DataType type,
                                         const Function& function) {
  return map_indexed<T>(context, x, type,
                        [&](T value, std::size_t /*index*/) { return function(value); });
}

// Element i as a plain function of the input `x`: evaluation of the simple unary ops.
template <double (*kFunction)(double)>
Result<std::vector<Tensor>> evaluate_unary(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  return map_elements(context, x, x.data_type(), [](double value) { return kFunction(value); });
}

// The same for ops that take integers too, which `kIntegers` treats exactly.
template <double (*kFunction)(double), std::int64_t (*kIntegers)(std::int64_t)>
Result<std::vector<Tensor>> evaluate_unary(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  if (mil::is_floating_point(x.data_type())) return evaluate_unary<kFunction>(context);
  return map_elements<std::int64_t>(context, x, x.data_type(), kIntegers);
}

// Functions of one element with the numbers of the parameters `alpha` and `beta`.
template <double (*kFunction)(double x, double alpha)>
Result<std::vector<Tensor>> evaluate_with_alpha(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(alpha, context.arguments().number("alpha"));
  return map_elements(context, x, x.data_type(),
                      [alpha = alpha](double value) { return kFunction(value, alpha); });
}
template <double (*kFunction)(double x, double alpha, double beta)>
Result<std::vector<Tensor>> evaluate_with_alpha_beta(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(alpha, context.arguments().number("alpha"));
  ANEBENCH_ASSIGN(beta, context.arguments().number("beta"));
  return map_elements(context, x, x.data_type(), [alpha = alpha, beta = beta](double value) {
    return kFunction(value, alpha, beta);
  });
}

}  // namespace anebench::ops
