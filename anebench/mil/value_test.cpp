#include "anebench/mil/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "anebench/mil/resolver.h"

namespace anebench::mil {
namespace {

Value::Bytes bytes_of(std::initializer_list<int> list) {
  Value::Bytes bytes;
  for (const int byte : list) bytes.push_back(static_cast<std::byte>(byte));
  return bytes;
}

TEST(Value, DefaultIsFalse) {
  EXPECT_EQ(Value().as_bool(), false);
  EXPECT_EQ(Value(), Value::boolean(false));
  EXPECT_NE(Value(), Value::boolean(true));
}

TEST(Value, ScalarsReadBack) {
  EXPECT_EQ(Value::scalar<std::int32_t>(-7).as_int(), -7);
  EXPECT_EQ(Value::scalar<std::uint8_t>(200).as_int(), 200);
  EXPECT_EQ(Value::scalar(0.25f).as_double(), 0.25);
  EXPECT_EQ(Value::fp16_scalar(0.1).as_double(), 0x1.998p-4);
  EXPECT_EQ(Value::string("valid").as_string(), "valid");
  EXPECT_EQ(Value::boolean(true).as_bool(), true);
  EXPECT_EQ(Value::boolean(true).as_double(), 1.0);
}

TEST(Value, ReadersOfOtherKindsGiveNothing) {
  EXPECT_EQ(Value::scalar(1.0f).as_int(), std::nullopt);
  EXPECT_EQ(Value::scalar(1.0f).as_bool(), std::nullopt);
  EXPECT_EQ(Value::scalar(1.0f).as_ints(), std::nullopt);
  EXPECT_EQ(Value::string("x").as_double(), std::nullopt);
  EXPECT_EQ(Value::string("x").as_doubles(), std::nullopt);
  EXPECT_EQ(Value::boolean(true).as_int(), std::nullopt);
  EXPECT_EQ(Value::boolean(true).as_string(), std::nullopt);
  EXPECT_EQ(Value::tensor<std::int32_t>({2}, {1, 2}).as_int(), std::nullopt);
  const Value blob = Value::blob(Type::scalar(DataType::int32), {"w", 64});
  EXPECT_EQ(blob.as_int(), std::nullopt);
  EXPECT_TRUE(blob.bytes().empty());
  EXPECT_TRUE(blob.string_elements().empty());
  EXPECT_EQ(Value().blob_reference(), BlobReference());
  EXPECT_TRUE(Value().item_elements().empty());
  EXPECT_TRUE(Value().dictionary_entries().empty());
  EXPECT_EQ(blob.shared_bytes(), nullptr);
}

TEST(Value, UnsignedNumbersBeyondAnInt64AreNeverNegative) {
  const Value most = Value::scalar(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(most.as_int(), std::nullopt);
  EXPECT_EQ(most.as_ints(), std::nullopt);
  EXPECT_EQ(most.as_unsigned(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(most.as_double(), 0x1p64);
  EXPECT_EQ(Value::scalar<std::int64_t>(-1).as_unsigned(), std::nullopt);
  EXPECT_EQ(Value::scalar<std::int8_t>(3).as_unsigned(), 3u);
}

TEST(Value, TensorsReadBack) {
  const Value ints = Value::tensor<std::int16_t>({2, 2}, {1, -2, 3, -4});
  EXPECT_EQ(ints.as_ints(), (std::vector<std::int64_t>{1, -2, 3, -4}));
  EXPECT_EQ(ints.as_doubles(), (std::vector<double>{1, -2, 3, -4}));
  const std::vector<double> numbers = {0.5, -2, 1e9};
  const Value halves = Value::fp16_tensor({3}, numbers);
  EXPECT_EQ(halves.as_doubles(), (std::vector<double>{0.5, -2, HUGE_VAL}));
  EXPECT_EQ(Value::tensor<float>({0}, {}).as_doubles(), std::vector<double>());
}

// The known answers of the weight-file format.
TEST(Value, SubByteElementsAreLeastSignificantBitFirst) {
  const auto ints = [](DataType type, std::int64_t count, Value::Bytes bytes) {
    return Value::packed(Type::tensor(type, {count}), std::move(bytes)).as_ints().value();
  };
  using Ints = std::vector<std::int64_t>;
  EXPECT_EQ(ints(DataType::int4, 5, bytes_of({0x78, 0x3f, 0x05})), (Ints{-8, 7, -1, 3, 5}));
  EXPECT_EQ(ints(DataType::uint4, 3, bytes_of({0x21, 0x0f})), (Ints{1, 2, 15}));
  EXPECT_EQ(ints(DataType::uint3, 11, bytes_of({0xd1, 0x58, 0x1f, 0xd1, 0x00})),
            (Ints{1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3}));
  EXPECT_EQ(ints(DataType::uint6, 5, bytes_of({0x81, 0x30, 0xfc, 0x05})), (Ints{1, 2, 3, 63, 5}));
  EXPECT_EQ(ints(DataType::uint2, 5, bytes_of({0x93, 0x01})), (Ints{3, 0, 1, 2, 1}));
  EXPECT_EQ(ints(DataType::uint1, 9, bytes_of({0x8d, 0x01})), (Ints{1, 0, 1, 1, 0, 0, 0, 1, 1}));
}

TEST(Value, StoringAnElementReadsBackAndKeepsNeighbours) {
  for (int i = 0; i < kDataTypeCount; ++i) {
    const auto type = static_cast<DataType>(i);
    if (type == DataType::string) continue;
    SCOPED_TRACE(to_string(type));
    constexpr std::size_t kCount = 9;
    Value::Bytes bytes(static_cast<std::size_t>(
        Type::tensor(type, {static_cast<std::int64_t>(kCount)}).byte_size().value()));
    for (std::size_t k = 0; k < kCount; k += 2) store_packed_element(type, bytes, k, 1.0);
    for (std::size_t k = 0; k < kCount; ++k) {
      EXPECT_EQ(packed_element_as_double(type, bytes, k), k % 2 == 0 ? 1.0 : 0.0);
      EXPECT_EQ(packed_element_as_int(type, bytes, k), k % 2 == 0 ? 1 : 0);
    }
  }
}

TEST(Value, StoringIntegersRoundsHalfToEvenAndSaturates) {
  const auto stored = [](DataType type, double value) {
    Value::Bytes bytes(8);
    store_packed_element(type, bytes, 0, value);
    return packed_element_as_int(type, bytes, 0);
  };
  EXPECT_EQ(stored(DataType::int8, 2.5), 2);
  EXPECT_EQ(stored(DataType::int8, 3.5), 4);
  EXPECT_EQ(stored(DataType::int8, -0.5), 0);
  EXPECT_EQ(stored(DataType::int8, 1000), 127);
  EXPECT_EQ(stored(DataType::int8, -HUGE_VAL), -128);
  EXPECT_EQ(stored(DataType::uint3, 9), 7);
  EXPECT_EQ(stored(DataType::int4, -9), -8);
  EXPECT_EQ(stored(DataType::uint8, -1), 0);
  EXPECT_EQ(stored(DataType::int32, std::nan("")), 0);
  EXPECT_EQ(stored(DataType::int64, 1e30), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(stored(DataType::int64, -1e30), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(stored(DataType::boolean, 0.1), 1);
}

TEST(Value, StoringCoversTheWholeRangeOfUnsigned64) {
  Value::Bytes bytes(8);
  store_packed_element(DataType::uint64, bytes, 0, 0x1.8p63);
  EXPECT_EQ(packed_element_as_double(DataType::uint64, bytes, 0), 0x1.8p63);
  store_packed_element(DataType::uint64, bytes, 0, 1e30);
  EXPECT_EQ(Value::packed(Type::scalar(DataType::uint64), bytes).as_unsigned(),
            std::numeric_limits<std::uint64_t>::max());
  store_packed_element(DataType::uint64, bytes, 0, -1);
  EXPECT_EQ(packed_element_as_int(DataType::uint64, bytes, 0), 0);
}

TEST(Value, EqualityComparesTypesAndContents) {
  EXPECT_EQ(Value::scalar<std::int32_t>(1), Value::scalar<std::int32_t>(1));
  EXPECT_NE(Value::scalar<std::int32_t>(1), Value::scalar<std::int32_t>(2));
  EXPECT_NE(Value::scalar<std::int32_t>(1), Value::scalar<std::int64_t>(1));
  EXPECT_NE(Value::scalar(0.0f), Value::scalar(-0.0f));
  EXPECT_EQ(Value::fp16_scalar(std::nan("")), Value::fp16_scalar(std::nan("")));
  EXPECT_NE(Value::string("a"), Value::string("b"));
  const Type type = Type::tensor(DataType::int8, {1});
  EXPECT_EQ(Value::blob(type, {"w", 64}), Value::blob(type, {"w", 64}));
  EXPECT_NE(Value::blob(type, {"w", 64}), Value::blob(type, {"w", 128}));
  EXPECT_NE(Value::blob(type, {"w", 64}), Value::tensor<std::int8_t>({1}, {0}));
  const Type list = Type::list(Type::scalar(DataType::boolean), 1);
  EXPECT_EQ(Value::items(list, {Value::boolean(true)}), Value::items(list, {Value::boolean(true)}));
  EXPECT_NE(Value::items(list, {Value::boolean(true)}),
            Value::items(list, {Value::boolean(false)}));
}

TEST(Value, CopiesShareTheirBytes) {
  const Value value = Value::tensor<std::int32_t>({2}, {1, 2});
  const std::vector<Value> copies(2, value);
  EXPECT_EQ(copies[0].bytes().data(), value.bytes().data());
  EXPECT_EQ(copies[1].bytes().data(), value.bytes().data());
}

TEST(Resolver, ImmediateBytesNeedNoFile) {
  const Value value = Value::tensor<std::int32_t>({2}, {1, 2});
  const auto bytes = packed_bytes(value, NoBlobs());
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->bytes.data(), value.bytes().data());
  EXPECT_EQ(bytes->bytes.size(), 8u);
}

TEST(Resolver, NoBlobsNamesTheFileItRefuses) {
  const Value value = Value::blob(Type::tensor(DataType::int8, {4}), {"@model_path/w.bin", 192});
  const auto bytes = packed_bytes(value, NoBlobs());
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code(), ErrorCode::not_found);
  EXPECT_NE(bytes.error().message().find("@model_path/w.bin"), std::string::npos);
  EXPECT_NE(bytes.error().message().find("192"), std::string::npos);
}

TEST(Resolver, StringsHaveNoPackedBytes) {
  const auto bytes = packed_bytes(Value::string("x"), NoBlobs());
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code(), ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace anebench::mil
