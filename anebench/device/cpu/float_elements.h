// fp16 and fp32 elements as floats, which kernels compute in.
//
// Pure; thread-safe. Widening is exact; narrowing rounds once.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/base/thread_pool.h"
#include "anebench/device/cpu/graph.h"
#include "anebench/mil/data_type.h"
#include "anebench/ops/tensor.h"

namespace anebench::device::cpu {

inline bool is_fp16_or_fp32(mil::DataType type) {
  return type == mil::DataType::fp16 || type == mil::DataType::fp32;
}

// Elements from index `first` of a row-major tensor of fp16 or fp32.
void load_floats(mil::DataType type, const std::byte* data, std::size_t first,
                 std::span<float> out);
void store_floats(mil::DataType type, std::byte* data, std::size_t first,
                  std::span<const float> values);
// Rounds once, straight from double.
void store_doubles(mil::DataType type, std::byte* data, std::size_t first,
                   std::span<const double> values);

// Finite fp16 numbers are multiples of 2^-24 below 2^16, so that a sum of so many of them is exact
// in double, whatever the order: 2^40 of these multiples times 2^13 terms are 2^53.
inline constexpr std::size_t kExactSumTerms = 8192;
inline bool is_sum_exact(mil::DataType type, std::size_t terms) {
  return type == mil::DataType::fp16 && terms <= kExactSumTerms;
}

// All elements of a tensor of fp16 or fp32: where they lie if those are floats, else widened into
// `scratch`, which has room for `count`.
const float* as_floats(mil::DataType type, const std::byte* data, std::size_t count, float* scratch,
                       ThreadPool& pool);

// A constant's elements, of any numeric type, each rounded to fp32.
std::vector<float> to_floats(const ops::Tensor& tensor);
// Those of a constant argument; none where it is left out.
Result<std::vector<float>> constant_floats(const Graph& graph, const GraphNode& node,
                                           std::string_view parameter);

// The product or the sum of counts, or the largest number where it does not fit: what no memory
// holds.
std::size_t saturating_product(std::initializer_list<std::size_t> counts);
std::size_t saturating_sum(std::initializer_list<std::size_t> counts);

}  // namespace anebench::device::cpu
