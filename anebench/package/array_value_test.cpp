#include "anebench/package/array_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/base/bytes.h"

namespace anebench::package {
namespace {

using io::NpyArray;
using io::NpyType;
using mil::DataType;
using mil::Type;

template <typename T>
NpyArray array_of(NpyType type, std::vector<std::int64_t> shape, const std::vector<T>& elements) {
  NpyArray array{.type = type, .shape = std::move(shape), .bytes = {}};
  for (const T element : elements) append_le(array.bytes, element);
  return array;
}

TEST(ArrayValue, FloatsAreRoundedOnce) {
  const auto array = array_of<double>(NpyType::fp64, {2}, {1.0009765625, 65520});
  const auto value =
      value_from_array(array, Type::tensor(DataType::fp16, {2}), CastRule::keep_kind);
  ASSERT_TRUE(value) << value.error().to_string();
  EXPECT_EQ(value->as_doubles()->at(0), 1.0009765625);
  EXPECT_EQ(value->as_doubles()->at(1), std::numeric_limits<double>::infinity());
}

TEST(ArrayValue, IntegersMustFit) {
  const Type type = Type::tensor(DataType::int32, {1});
  const auto small = array_of<std::int64_t>(NpyType::int64, {1}, {-7});
  const auto large = array_of<std::int64_t>(NpyType::int64, {1}, {std::int64_t{1} << 31});
  const auto value = value_from_array(small, type, CastRule::keep_kind);
  ASSERT_TRUE(value) << value.error().to_string();
  EXPECT_EQ(value->as_int(), -7);
  EXPECT_FALSE(value_from_array(large, type, CastRule::keep_kind));
  const auto saturated = value_from_array(large, type, CastRule::any);
  ASSERT_TRUE(saturated);
  EXPECT_EQ(saturated->as_int(), 2147483647);
}

TEST(ArrayValue, KindsAreKeptUnlessAskedOtherwise) {
  const auto array = array_of<std::int32_t>(NpyType::int32, {1}, {3});
  const Type type = Type::tensor(DataType::fp16, {1});
  const auto refused = value_from_array(array, type, CastRule::keep_kind);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), testing::HasSubstr("int32"));
  const auto forced = value_from_array(array, type, CastRule::any);
  ASSERT_TRUE(forced);
  EXPECT_EQ(forced->as_double(), 3.0);
}

TEST(ArrayValue, WideIntegersAreExact) {
  const std::int64_t wide = (std::int64_t{1} << 62) + 1;
  const auto array = array_of<std::int64_t>(NpyType::int64, {1}, {wide});
  const auto value =
      value_from_array(array, Type::tensor(DataType::int64, {1}), CastRule::keep_kind);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->as_int(), wide);
}

TEST(ArrayValue, UnknownDimensionsComeFromTheArray) {
  const auto array = array_of<float>(NpyType::fp32, {2, 1}, {1, 2});
  const Type type = Type::tensor(DataType::fp32, {mil::Dim::unknown(), 1});
  const auto value = value_from_array(array, type, CastRule::keep_kind);
  ASSERT_TRUE(value) << value.error().to_string();
  EXPECT_EQ(value->type(), Type::tensor(DataType::fp32, {2, 1}));
  EXPECT_FALSE(value_from_array(array, Type::tensor(DataType::fp32, {1, 2}), CastRule::any));
}

TEST(ArrayValue, SubByteElementsComeOutAsBytes) {
  const std::vector<std::byte> packed = {std::byte{0x21}, std::byte{0x0f}};
  const auto array = array_from_tensor(Type::tensor(DataType::uint4, {3}), packed);
  ASSERT_TRUE(array) << array.error().to_string();
  EXPECT_EQ(*array, array_of<std::uint8_t>(NpyType::uint8, {3}, {1, 2, 15}));
}

TEST(ArrayValue, ArraysNeedAllTheirBytes) {
  EXPECT_FALSE(array_from_tensor(Type::tensor(DataType::fp32, {2}), {}));
  EXPECT_FALSE(array_from_tensor(Type::scalar(DataType::string), {}));
}

}  // namespace
}  // namespace anebench::package
