#include "anebench/mil/type.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace anebench::mil {
namespace {

constexpr std::int64_t kHuge = std::int64_t{1} << 62;

TEST(DataType, EveryNameParsesBack) {
  std::set<std::string_view> names;
  for (int i = 0; i < kDataTypeCount; ++i) {
    const auto type = static_cast<DataType>(i);
    EXPECT_EQ(parse_data_type(to_string(type)), type);
    names.insert(to_string(type));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kDataTypeCount));
}

TEST(DataType, OtherNamesAreNone) {
  for (const char* name : {"", "f", "int", "int3", "uint5", "fp8", "Bool", "fp16 ", "uint128",
                           "fp8e4m3fnx", "tensor"}) {
    EXPECT_EQ(parse_data_type(name), std::nullopt) << name;
  }
}

TEST(DataType, KnowsItsWidthAndFamily) {
  EXPECT_EQ(bit_width(DataType::uint3), 3);
  EXPECT_EQ(bit_width(DataType::boolean), 8);
  EXPECT_EQ(bit_width(DataType::string), 0);
  EXPECT_EQ(bit_width(DataType::fp8e5m2), 8);
  EXPECT_TRUE(is_sub_byte(DataType::int4));
  EXPECT_FALSE(is_sub_byte(DataType::string));
  EXPECT_FALSE(is_sub_byte(DataType::int8));
  EXPECT_TRUE(is_floating_point(DataType::bf16));
  EXPECT_FALSE(is_floating_point(DataType::int4));
  EXPECT_TRUE(is_integer(DataType::uint1));
  EXPECT_FALSE(is_integer(DataType::boolean));
  EXPECT_TRUE(is_signed_integer(DataType::int4));
  EXPECT_FALSE(is_signed_integer(DataType::uint64));
}

TEST(DataType, IntegerRangesAreThoseOfTwosComplement) {
  EXPECT_EQ(integer_range(DataType::int4).low, -8);
  EXPECT_EQ(integer_range(DataType::int4).high, 7);
  EXPECT_EQ(integer_range(DataType::uint1).high, 1);
  EXPECT_EQ(integer_range(DataType::uint6).high, 63);
  EXPECT_EQ(integer_range(DataType::int8).low, -128);
  EXPECT_EQ(integer_range(DataType::uint32).high, 4294967295);
  EXPECT_EQ(integer_range(DataType::int64).low, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(integer_range(DataType::uint64).high, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(integer_range(DataType::fp16).high, 0);
}

TEST(Type, DefaultIsABoolScalar) {
  EXPECT_EQ(Type(), Type::scalar(DataType::boolean));
  EXPECT_TRUE(Type().is_scalar());
  EXPECT_EQ(Type().element_count(), 1);
  EXPECT_TRUE(Type().elements().empty());
}

TEST(Type, CountsElementsWithoutOverflow) {
  EXPECT_EQ(Type::tensor(DataType::fp16, {1, 512, 64, 64}).element_count(), 2097152);
  EXPECT_EQ(Type::tensor(DataType::fp16, {1, Dim::unknown()}).element_count(), std::nullopt);
  EXPECT_EQ(Type::tensor(DataType::fp16, {kHuge}).element_count(), kHuge);
  EXPECT_EQ(Type::tensor(DataType::fp16, {kHuge, 2}).element_count(), std::nullopt);
  EXPECT_EQ(Type::tensor(DataType::fp16, {kHuge, kHuge, 0}).element_count(), 0);
}

TEST(Type, ByteSizesRoundUpToWholeBytes) {
  EXPECT_EQ(Type::tensor(DataType::uint3, {11}).byte_size(), 5);
  EXPECT_EQ(Type::tensor(DataType::int4, {3}).byte_size(), 2);
  EXPECT_EQ(Type::tensor(DataType::fp32, {3, 0}).byte_size(), 0);
  EXPECT_EQ(Type::scalar(DataType::boolean).byte_size(), 1);
  EXPECT_EQ(Type::tensor(DataType::fp16, {kHuge}).byte_size(), std::nullopt);
  EXPECT_EQ(Type::scalar(DataType::string).byte_size(), std::nullopt);
  EXPECT_EQ(Type::list(Type::scalar(DataType::int32), 3).byte_size(), std::nullopt);
}

TEST(Type, SpellsEveryKind) {
  const Type text = Type::scalar(DataType::string);
  EXPECT_EQ(to_string(Type::tensor(DataType::fp16, {1, Dim::unknown()})), "tensor<fp16, [1, ?]>");
  EXPECT_EQ(to_string(text), "string");
  EXPECT_EQ(to_string(Type::list(text, Dim::unknown())), "list<string, ?>");
  EXPECT_EQ(to_string(Type::list(Type::tensor(DataType::int32, {2}), 3)),
            "list<tensor<int32, [2]>, 3>");
  EXPECT_EQ(to_string(Type::tuple({text, Type::scalar(DataType::int8)})), "tuple<string, int8>");
  EXPECT_EQ(to_string(Type::dictionary(text, text)), "dict<string, string>");
  EXPECT_EQ(to_string(Type::state(Type::tensor(DataType::fp16, {4}))), "state<tensor<fp16, [4]>>");
}

TEST(Type, ComparesByStructure) {
  const auto make = [](std::int64_t size) {
    return Type::tuple({Type::list(Type::tensor(DataType::fp16, {size}), 2), Type()});
  };
  EXPECT_EQ(make(3), make(3));
  EXPECT_NE(make(3), make(4));
  EXPECT_NE(Type::list(Type(), 2), Type::list(Type(), 3));
  EXPECT_NE(Type::list(Type(), 2), Type::state(Type()));
  EXPECT_NE(Type::tensor(DataType::fp16, {1}), Type::tensor(DataType::bf16, {1}));
  EXPECT_NE(Type::tuple({}), Type::tuple({Type()}));
}

TEST(Type, CopiesShareTheirParts) {
  const Type type = Type::tuple({Type(), Type()});
  const std::vector<Type> copies(2, type);
  EXPECT_EQ(type.elements().data(), copies[0].elements().data());
  EXPECT_EQ(type.elements().data(), copies[1].elements().data());
}

TEST(Compatible, LooksPastWhatIsUnknown) {
  const Type known = Type::tensor(DataType::fp16, {2, 3});
  EXPECT_TRUE(compatible(known, known));
  EXPECT_TRUE(compatible(known, Type::tensor(DataType::fp16, {2, Dim::unknown()})));
  EXPECT_FALSE(compatible(known, Type::tensor(DataType::fp16, {3, Dim::unknown()})));
  EXPECT_FALSE(compatible(known, Type::tensor(DataType::fp32, {2, 3})));
  EXPECT_FALSE(compatible(known, Type::tensor(DataType::fp16, {2, 3, 1})));
  EXPECT_FALSE(compatible(known, Type::state(known)));
  EXPECT_TRUE(compatible(Type::list(known, 3), Type::list(known, Dim::unknown())));
  EXPECT_FALSE(compatible(Type::list(known, 3), Type::list(known, 4)));
  EXPECT_FALSE(compatible(Type::list(known, 3), Type::list(Type::state(known), 3)));
}

}  // namespace
}  // namespace anebench::mil
