#include "anebench/package/data_type_number.h"

#include <algorithm>
#include <array>

namespace anebench::package {
namespace {

using mil::DataType;

struct Row {
  DataType type;
  std::int32_t number;
};

// Source: enum DataType in coremltools' MIL.proto.
constexpr std::array<Row, mil::kDataTypeCount> kRows = {{
    {DataType::boolean, 1},  {DataType::string, 2},  {DataType::fp16, 10},
    {DataType::fp32, 11},    {DataType::fp64, 12},   {DataType::bf16, 13},
    {DataType::int8, 21},    {DataType::int16, 22},  {DataType::int32, 23},
    {DataType::int64, 24},   {DataType::int4, 25},   {DataType::uint8, 31},
    {DataType::uint16, 32},  {DataType::uint32, 33}, {DataType::uint64, 34},
    {DataType::uint4, 35},   {DataType::uint2, 36},  {DataType::uint1, 37},
    {DataType::uint6, 38},   {DataType::uint3, 39},  {DataType::fp8e4m3fn, 40},
    {DataType::fp8e5m2, 41},
}};

}  // namespace

std::int32_t data_type_number(DataType type) {
  const auto* row = std::find_if(kRows.begin(), kRows.end(),
                                 [&](const Row& entry) { return entry.type == type; });
  return row == kRows.end() ? 0 : row->number;
}

std::optional<DataType> data_type_from_number(std::int32_t number) {
  const auto* row = std::find_if(kRows.begin(), kRows.end(),
                                 [&](const Row& entry) { return entry.number == number; });
  if (row == kRows.end()) return std::nullopt;
  return row->type;
}

}  // namespace anebench::package
