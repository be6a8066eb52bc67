// Evaluation of ops that treat each element alone, in double, rounded once to the output's type.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "anebench/ops/context.h"

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

// out[i] = function(x[i]); `type` is the output's.
template <typename Function>
Result<std::vector<Tensor>> map_elements(OpContext& context, const Tensor& x, mil::DataType type,
                                         const Function& function) {
  ANEBENCH_ASSIGN(out, Tensor::create(mil::Type::tensor(type, x.type().shape())));
  const std::span<std::byte> target = out.mutable_bytes();
  for_each_chunk(context, x.element_count(), [&](std::size_t begin, std::size_t end) {
    std::array<double, kElementChunk> storage;
    const std::span<double> values(storage.data(), end - begin);
    load_doubles(x.data_type(), x.bytes(), begin, values);
    for (double& value : values) value = function(value);
    store_doubles(type, target, begin, values);
  });
  return std::vector<Tensor>{std::move(out)};
}

// Element i as a plain function of the input `x`: evaluation of the simple unary ops.
template <double (*kFunction)(double)>
Result<std::vector<Tensor>> evaluate_unary(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  return map_elements(context, x, x.data_type(), [](double value) { return kFunction(value); });
}

}  // namespace anebench::ops
