// NumPy arrays as values of programs, and back: how inputs come from files and outputs go there.
//
//   ANEBENCH_ASSIGN(array, io::read_npy_file("x.npy"));
//   ANEBENCH_ASSIGN(value, value_from_array(array, input.type, CastRule::keep_kind));
//
// Pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "anebench/base/result.h"
#include "anebench/io/npy.h"
#include "anebench/mil/type.h"
#include "anebench/mil/value.h"

namespace anebench::package {

enum class CastRule : std::uint8_t {
  // Floating point to floating point (rounded once), integers to integers that hold every value,
  // bool to bool.
  keep_kind,
  // Any number to any, rounded and saturated.
  any,
};

// The array as a tensor of `type`, whose unknown dimensions are taken from the array. Errors:
// invalid_argument where shapes differ or the rule forbids the cast.
Result<mil::Value> value_from_array(const io::NpyArray& array, const mil::Type& type,
                                    CastRule rule);

// A tensor's packed elements as an array. Types that NumPy lacks become the next larger one: uint4
// becomes uint8, bf16 float32. Errors: invalid_argument for anything but a numeric tensor of known
// shape with its bytes.
Result<io::NpyArray> array_from_tensor(const mil::Type& type, std::span<const std::byte> bytes);

}  // namespace anebench::package
