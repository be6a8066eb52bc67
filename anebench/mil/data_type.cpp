#include "anebench/mil/data_type.h"

#include <array>
#include <cstddef>
#include <limits>

namespace anebench::mil {
namespace {

enum class Family : std::uint8_t { boolean, string, floating, signed_integer, unsigned_integer };

struct Row {
  std::string_view name;
  int bits;
  Family family;
};

// In the order of the enumerators.
constexpr std::array<Row, kDataTypeCount> kRows = {{
    {"bool", 8, Family::boolean},
    {"string", 0, Family::string},
    {"fp16", 16, Family::floating},
    {"fp32", 32, Family::floating},
    {"fp64", 64, Family::floating},
    {"bf16", 16, Family::floating},
    {"fp8e4m3fn", 8, Family::floating},
    {"fp8e5m2", 8, Family::floating},
    {"int4", 4, Family::signed_integer},
    {"int8", 8, Family::signed_integer},
    {"int16", 16, Family::signed_integer},
    {"int32", 32, Family::signed_integer},
    {"int64", 64, Family::signed_integer},
    {"uint1", 1, Family::unsigned_integer},
    {"uint2", 2, Family::unsigned_integer},
    {"uint3", 3, Family::unsigned_integer},
    {"uint4", 4, Family::unsigned_integer},
    {"uint6", 6, Family::unsigned_integer},
    {"uint8", 8, Family::unsigned_integer},
    {"uint16", 16, Family::unsigned_integer},
    {"uint32", 32, Family::unsigned_integer},
    {"uint64", 64, Family::unsigned_integer},
}};

const Row& row(DataType type) { return kRows[static_cast<std::size_t>(type)]; }

}  // namespace

std::string_view to_string(DataType type) { return row(type).name; }

std::optional<DataType> parse_data_type(std::string_view name) {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].name == name) return static_cast<DataType>(i);
  }
  return std::nullopt;
}

int bit_width(DataType type) { return row(type).bits; }

bool is_sub_byte(DataType type) {
  return type != DataType::string && type != DataType::boolean && bit_width(type) < 8;
}

bool is_floating_point(DataType type) { return row(type).family == Family::floating; }

bool is_integer(DataType type) {
  return row(type).family == Family::signed_integer || row(type).family == Family::unsigned_integer;
}

bool is_signed_integer(DataType type) { return row(type).family == Family::signed_integer; }

IntegerRange integer_range(DataType type) {
  if (!is_integer(type)) return {0, 0};
  const int bits = bit_width(type);
  if (is_signed_integer(type)) {
    if (bits == 64) {
      return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
    }
    return {-(std::int64_t{1} << (bits - 1)), (std::int64_t{1} << (bits - 1)) - 1};
  }
  if (bits == 64) return {0, std::numeric_limits<std::int64_t>::max()};
  return {0, (std::int64_t{1} << bits) - 1};
}

}  // namespace anebench::mil
