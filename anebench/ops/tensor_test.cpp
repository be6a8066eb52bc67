#include "anebench/ops/tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "anebench/base/half.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Type;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::array kNumericTypes = {
    DataType::boolean, DataType::fp16,   DataType::fp32,   DataType::fp64,  DataType::bf16,
    DataType::int4,    DataType::int8,   DataType::int16,  DataType::int32, DataType::int64,
    DataType::uint1,   DataType::uint2,  DataType::uint3,  DataType::uint4, DataType::uint6,
    DataType::uint8,   DataType::uint16, DataType::uint32, DataType::uint64};

TEST(Tensor, IsAFalseScalarByDefault) {
  const Tensor tensor;
  EXPECT_EQ(tensor.rank(), 0u);
  EXPECT_EQ(tensor.element_count(), 1u);
  EXPECT_THAT(tensor.to_doubles(), ElementsAre(0));
}

TEST(Tensor, CreateZeroes) {
  const auto tensor = Tensor::create(Type::tensor(DataType::uint3, {3, 3}));
  ASSERT_TRUE(tensor);
  EXPECT_EQ(tensor->bytes().size(), 4u);
  EXPECT_THAT(tensor->dims(), ElementsAre(3, 3));
  EXPECT_EQ(tensor->to_doubles(), std::vector<double>(9, 0.0));
}

TEST(Tensor, CreateRefusesWhatHasNoSize) {
  const std::int64_t huge = std::int64_t{1} << 62;
  for (const Type& type :
       {Type::tensor(DataType::fp16, {mil::Dim::unknown()}), Type::scalar(DataType::string),
        Type::state(Type::scalar(DataType::fp16)), Type::tensor(DataType::fp16, {huge, 16})}) {
    const auto tensor = Tensor::create(type);
    ASSERT_FALSE(tensor);
    EXPECT_EQ(tensor.error().code(), ErrorCode::invalid_argument);
  }
}

TEST(Tensor, CreateRefusesMoreThanItsLimit) {
  EXPECT_TRUE(Tensor::create(Type::tensor(DataType::int8, {1000}), 1000));
  const auto refused = Tensor::create(Type::tensor(DataType::int8, {1001}), 1000);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::resource_exhausted);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("1001 bytes"));
  EXPECT_FALSE(Tensor::create(Type::tensor(DataType::int8, {std::int64_t{1} << 60})));
}

TEST(Tensor, ViewWantsExactlyItsBytes) {
  const auto buffer = std::make_shared<std::array<std::byte, 8>>();
  const mil::SharedBytes bytes{std::span<const std::byte>(*buffer), buffer};
  EXPECT_TRUE(Tensor::view(Type::tensor(DataType::fp16, {4}), bytes));
  EXPECT_TRUE(Tensor::view(Type::tensor(DataType::uint4, {15}), bytes));
  EXPECT_FALSE(Tensor::view(Type::tensor(DataType::fp16, {3}), bytes));
  EXPECT_FALSE(Tensor::view(Type::tensor(DataType::fp16, {5}), bytes));
}

TEST(Tensor, WritingACopyLeavesTheOriginal) {
  auto a = Tensor::from_doubles(DataType::int8, std::array<std::int64_t, 1>{2},
                                std::array<double, 2>{1, 2});
  ASSERT_TRUE(a);
  Tensor b = *a;
  EXPECT_EQ(a->bytes().data(), b.bytes().data());
  b.mutable_bytes()[0] = std::byte{9};
  EXPECT_THAT(a->to_doubles(), ElementsAre(1, 2));
  EXPECT_THAT(b.to_doubles(), ElementsAre(9, 2));
  // Unique now: no further copy.
  const std::byte* before = b.bytes().data();
  EXPECT_EQ(b.mutable_bytes().data(), before);
}

TEST(Tensor, WritingAViewLeavesTheViewedBytes) {
  const auto buffer = std::make_shared<std::array<std::byte, 2>>();
  auto view = Tensor::view(Type::tensor(DataType::int8, {2}), {*buffer, buffer});
  ASSERT_TRUE(view);
  view->mutable_bytes()[1] = std::byte{7};
  EXPECT_THAT(view->to_doubles(), ElementsAre(0, 7));
  EXPECT_EQ((*buffer)[1], std::byte{0});
}

TEST(Tensor, SharedBytesAreNotWrittenThrough) {
  auto tensor = Tensor::create(Type::tensor(DataType::int8, {1}));
  ASSERT_TRUE(tensor);
  const mil::SharedBytes shared = tensor->shared_bytes();
  tensor->mutable_bytes()[0] = std::byte{5};
  EXPECT_EQ(shared.bytes[0], std::byte{0});
}

TEST(Tensor, FromDoublesCountsItsElements) {
  EXPECT_FALSE(Tensor::from_doubles(DataType::fp16, std::array<std::int64_t, 1>{3},
                                    std::array<double, 2>{1, 2}));
}

TEST(Tensor, ReshapedKeepsTheCount) {
  const auto tensor = Tensor::create(Type::tensor(DataType::int8, {6}));
  ASSERT_TRUE(tensor);
  const auto reshaped = tensor->reshaped(std::array<std::int64_t, 2>{2, 3});
  ASSERT_TRUE(reshaped);
  EXPECT_EQ(to_string(reshaped->type()), "tensor<int8, [2, 3]>");
  EXPECT_FALSE(tensor->reshaped(std::array<std::int64_t, 2>{2, 4}));
}

TEST(LoadDoubles, AgreesWithMilOnEveryTypeAndOffset) {
  for (const DataType type : kNumericTypes) {
    std::vector<std::byte> bytes(8 * 1100);
    std::uint32_t state = 1;
    for (std::byte& byte : bytes)
      byte = static_cast<std::byte>((state = state * 1664525u + 1013904223u) >> 24);
    for (const std::size_t first : {std::size_t{0}, std::size_t{7}}) {
      std::vector<double> values(1061);
      load_doubles(type, bytes, first, values);
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double expected = mil::packed_element_as_double(type, bytes, first + i);
        ASSERT_TRUE(values[i] == expected || (std::isnan(values[i]) && std::isnan(expected)))
            << to_string(type) << " at " << i;
      }
    }
  }
}

TEST(StoreDoubles, AgreesWithMilOnEveryTypeAndOffset) {
  std::vector<double> values = {
      0.0, -0.0, 0.5, 1.5, -0.5, 127.5, 1e10, -1e10, 65519.99, 65520, 1e-8, std::nan(""),
      std::numeric_limits<double>::infinity(),
      // Beyond float's range, and below its smallest number.
      1e300, -1e300, 1e-320, -1e-45,
      // Halfway between two fp16 numbers as a float, above and below it as a double.
      1.00048828125 + 1e-12, 1.00048828125 - 1e-12, 1.00146484375 + 1e-12, 1.00146484375 - 1e-12,
      -0x1.8p-24 + 1e-18, -0x1.8p-24 - 1e-18};
  for (int i = 0; i < 1100; ++i) values.push_back(i * 0.37 - 200);
  for (const DataType type : kNumericTypes) {
    for (const std::size_t first : {std::size_t{0}, std::size_t{3}}) {
      std::vector<std::byte> expected(8 * (values.size() + 3));
      std::vector<std::byte> actual = expected;
      for (std::size_t i = 0; i < values.size(); ++i) {
        mil::store_packed_element(type, expected, first + i, values[i]);
      }
      store_doubles(type, actual, first, values);
      ASSERT_EQ(actual, expected) << to_string(type);
    }
  }
}

TEST(StoreIntegers, KeepsTheLowBits) {
  for (const auto& [type, expected] :
       std::initializer_list<std::pair<DataType, std::int64_t>>{{DataType::int8, 1},
                                                                {DataType::uint8, 1},
                                                                {DataType::int4, 1},
                                                                {DataType::uint1, 1},
                                                                {DataType::int16, 257},
                                                                {DataType::int64, 65793},
                                                                {DataType::boolean, 1}}) {
    std::vector<std::byte> bytes(16);
    const std::int64_t value = 65793;  // 0x10101
    store_integers(type, bytes, 1, std::span(&value, 1));
    EXPECT_EQ(mil::packed_element_as_int(type, bytes, 1), expected) << to_string(type);
    EXPECT_EQ(mil::packed_element_as_int(type, bytes, 0), 0) << to_string(type);
  }
}

TEST(LoadIntegers, KeepsAll64Bits) {
  const std::int64_t value = 0x7ffffffffffffff1;
  std::vector<std::byte> bytes(8);
  std::memcpy(bytes.data(), &value, 8);
  std::int64_t loaded = 0;
  load_integers(DataType::int64, bytes, 0, std::span(&loaded, 1));
  EXPECT_EQ(loaded, value);
}

}  // namespace
}  // namespace anebench::ops
