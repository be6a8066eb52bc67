// The element types of MIL values, from 1-bit integers to fp64 and strings.
//
// Source of names: the MIL text grammar. Pure functions over an enum; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace anebench::mil {

enum class DataType : std::uint8_t {
  boolean,
  string,
  fp16,
  fp32,
  fp64,
  bf16,
  fp8e4m3fn,
  fp8e5m2,
  int4,
  int8,
  int16,
  int32,
  int64,
  uint1,
  uint2,
  uint3,
  uint4,
  uint6,
  uint8,
  uint16,
  uint32,
  uint64,
};

inline constexpr int kDataTypeCount = static_cast<int>(DataType::uint64) + 1;

// The name in MIL text: "bool", "fp16", "uint4", …
std::string_view to_string(DataType type);
std::optional<DataType> parse_data_type(std::string_view name);

// Bits of one element in packed storage: 8 for bool, 0 for string, 3 for uint3.
int bit_width(DataType type);
// Narrower than a byte; such elements are packed LSB first.
bool is_sub_byte(DataType type);
bool is_floating_point(DataType type);
// Signed or unsigned; not bool.
bool is_integer(DataType type);
bool is_signed_integer(DataType type);

// The range of an integer type; {0, 0} for others. uint64 is cut at the largest int64.
struct IntegerRange {
  std::int64_t low;
  std::int64_t high;
};
IntegerRange integer_range(DataType type);

}  // namespace anebench::mil
