// fp16 and fp32 elements as floats, which kernels compute in.
//
// Pure; thread-safe. Widening is exact; narrowing rounds once.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <vector>

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
void store_doubles(mil::DataType type, std::byte* data, std::size_t first,
                   std::span<const double> values);

// Finite fp16 numbers are multiples of 2^-24 below 2^16, so that a sum of so many of them is exact
// in double, whatever the order: 2^40 of these multiples times 2^13 terms are 2^53.
inline constexpr std::size_t kExactSumTerms = 8192;
inline bool is_sum_exact(mil::DataType type, std::size_t terms) {
  return type == mil::DataType::fp16 && terms <= kExactSumTerms;
}

// A constant's elements, of any numeric type, each rounded to fp32.
std::vector<float> to_floats(const ops::Tensor& tensor);

// The product of counts, or the largest number where it does not fit: what no memory holds.
std::size_t saturating_product(std::initializer_list<std::size_t> counts);

}  // namespace anebench::device::cpu
