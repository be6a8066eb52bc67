// The greater and the lesser of two numbers, as IEEE 754-2019 has `maximum` and `minimum`: NaN
// where one is NaN, and +0 is above −0. So the greatest of many is the same number in every bit in
// whatever order they are taken, and an evaluation and a kernel that share out the work differently
// agree.
//
//   T greatest = kFirstOfGreatest<T>;
//   for (const T value : values) greatest = greater_of(greatest, value);
//
// Pure functions, written without branches so that loops over them are vectorised.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace anebench::ops {

// What any other number replaces, and the result for none.
template <typename T>
inline constexpr T kFirstOfGreatest = -std::numeric_limits<T>::infinity();
template <typename T>
inline constexpr T kFirstOfLeast = std::numeric_limits<T>::infinity();

// T is float or double.
template <typename T>
constexpr T greater_of(T a, T b) {
  using Bits = std::conditional_t<sizeof(T) == sizeof(std::uint32_t), std::uint32_t, std::uint64_t>;
  // Equal numbers differ in the sign of zero at most.
  const T equal = std::bit_cast<T>(std::bit_cast<Bits>(a) & std::bit_cast<Bits>(b));
  const T greater = a > b || a != a ? a : b;
  return a == b ? equal : greater;
}

template <typename T>
constexpr T lesser_of(T a, T b) {
  using Bits = std::conditional_t<sizeof(T) == sizeof(std::uint32_t), std::uint32_t, std::uint64_t>;
  const T equal = std::bit_cast<T>(std::bit_cast<Bits>(a) | std::bit_cast<Bits>(b));
  const T lesser = a < b || a != a ? a : b;
  return a == b ? equal : lesser;
}

}  // namespace anebench::ops
