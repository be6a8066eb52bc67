// A set of element types, as the type domains of op parameters are.
//
//   constexpr TypeSet kFloats{DataType::fp16, DataType::fp32};
//   kFloats.contains(DataType::int8);  // false
//
// A plain constexpr value. The named sets are the domains that occur again and again in the
// language's definitions.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "anebench/mil/data_type.h"

namespace anebench::ops {

class TypeSet {
 public:
  constexpr TypeSet() = default;
  constexpr TypeSet(std::initializer_list<mil::DataType> types) {
    for (const mil::DataType type : types) bits_ |= bit(type);
  }

  constexpr bool contains(mil::DataType type) const { return (bits_ & bit(type)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  friend constexpr TypeSet operator|(TypeSet a, TypeSet b) {
    TypeSet result;
    result.bits_ = a.bits_ | b.bits_;
    return result;
  }
  friend constexpr bool operator==(TypeSet, TypeSet) = default;

 private:
  static constexpr std::uint32_t bit(mil::DataType type) {
    return std::uint32_t{1} << static_cast<unsigned>(type);
  }
  std::uint32_t bits_ = 0;
};
static_assert(mil::kDataTypeCount <= 32);

// "fp16, fp32", in the order of the enumerators.
std::string to_string(TypeSet types);

inline constexpr TypeSet kBool{mil::DataType::boolean};
inline constexpr TypeSet kString{mil::DataType::string};
inline constexpr TypeSet kFp32{mil::DataType::fp32};
inline constexpr TypeSet kInt32{mil::DataType::int32};
inline constexpr TypeSet kUint32{mil::DataType::uint32};
inline constexpr TypeSet kBytes{mil::DataType::int8, mil::DataType::uint8};
inline constexpr TypeSet kFloats{mil::DataType::fp16, mil::DataType::fp32};
inline constexpr TypeSet kFloatsAndInt32 = kFloats | kInt32;
inline constexpr TypeSet kFloatsInt32Bool = kFloatsAndInt32 | kBool;
// What most data movement takes since iOS 17.
inline constexpr TypeSet kAllSinceIos17 =
    kFloatsInt32Bool | kBytes | TypeSet{mil::DataType::int16, mil::DataType::uint16};
// What positions and sizes may be since iOS 17.
inline constexpr TypeSet kIndicesSinceIos17 =
    kInt32 | TypeSet{mil::DataType::int8, mil::DataType::int16};

}  // namespace anebench::ops
