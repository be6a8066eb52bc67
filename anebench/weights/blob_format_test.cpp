#include "anebench/weights/blob_format.h"

#include <gmock/gmock.h>

#include <array>
#include <set>

namespace anebench::weights {
namespace {

using mil::DataType;

TEST(BlobFormat, NumbersTypesAsApplesEnumDoes) {
  EXPECT_EQ(blob_type_number(DataType::fp16), 1u);
  EXPECT_EQ(blob_type_number(DataType::fp32), 2u);
  EXPECT_EQ(blob_type_number(DataType::uint8), 3u);
  EXPECT_EQ(blob_type_number(DataType::int8), 4u);
  EXPECT_EQ(blob_type_number(DataType::bf16), 5u);
  EXPECT_EQ(blob_type_number(DataType::int16), 6u);
  EXPECT_EQ(blob_type_number(DataType::uint16), 7u);
  EXPECT_EQ(blob_type_number(DataType::int4), 8u);
  EXPECT_EQ(blob_type_number(DataType::uint1), 9u);
  EXPECT_EQ(blob_type_number(DataType::uint2), 10u);
  EXPECT_EQ(blob_type_number(DataType::uint4), 11u);
  EXPECT_EQ(blob_type_number(DataType::uint3), 12u);
  EXPECT_EQ(blob_type_number(DataType::uint6), 13u);
  EXPECT_EQ(blob_type_number(DataType::int32), 14u);
  EXPECT_EQ(blob_type_number(DataType::uint32), 15u);
  EXPECT_EQ(blob_type_number(DataType::fp8e4m3fn), 16u);
  EXPECT_EQ(blob_type_number(DataType::fp8e5m2), 17u);
}

TEST(BlobFormat, LacksBoolStringAndSixtyFourBitTypes) {
  for (const DataType type :
       {DataType::boolean, DataType::string, DataType::fp64, DataType::int64, DataType::uint64}) {
    EXPECT_EQ(blob_type_number(type), std::nullopt) << mil::to_string(type);
  }
}

TEST(BlobFormat, NumbersAndTypesAreInverses) {
  std::set<DataType> seen;
  for (std::uint32_t number = 1; number <= 17; ++number) {
    const auto type = blob_type_from_number(number);
    ASSERT_TRUE(type) << number;
    EXPECT_EQ(blob_type_number(*type), number);
    seen.insert(*type);
  }
  EXPECT_EQ(seen.size(), 17u);
  EXPECT_EQ(blob_type_from_number(0), std::nullopt);
  EXPECT_EQ(blob_type_from_number(18), std::nullopt);
  EXPECT_EQ(blob_type_from_number(0xffffffff), std::nullopt);
}

TEST(BlobFormat, PutsMetadataFieldsWhereAppleReadsThem) {
  std::array<std::byte, 64> bytes;
  bytes.fill(std::byte{0xcc});
  encode_blob_metadata({.sentinel = kBlobSentinel,
                        .type_number = 8,
                        .size_in_bytes = 0x0102030405060708,
                        .data_offset = 0x1112131415161718,
                        .padding_bits = 4},
                       bytes);
  const unsigned char expected[64] = {0xef, 0xbe, 0xad, 0xde, 8,    0,    0,    0,
                                      0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01,
                                      0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11,
                                      4,    0,    0,    0,    0,    0,    0,    0};
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), std::as_bytes(std::span(expected)).begin()));

  const BlobMetadata decoded = decode_blob_metadata(bytes);
  EXPECT_EQ(decoded.sentinel, kBlobSentinel);
  EXPECT_EQ(decoded.type_number, 8u);
  EXPECT_EQ(decoded.size_in_bytes, 0x0102030405060708u);
  EXPECT_EQ(decoded.data_offset, 0x1112131415161718u);
  EXPECT_EQ(decoded.padding_bits, 4u);
}

TEST(BlobFormat, PlacesBlobsAtMultiplesOf64BehindTheirMetadata) {
  const BlobPlacement first = place_blob(kBlobHeaderSize, 5);
  EXPECT_EQ(first.offset, 64u);
  EXPECT_EQ(first.data_offset, 128u);
  EXPECT_EQ(first.end, 133u);
  EXPECT_EQ(place_blob(first.end, 1).offset, 192u);
}

TEST(BlobFormat, PackedSizeRoundsBitsUpToBytesAndNeverOverflows) {
  EXPECT_EQ(packed_size(DataType::uint3, 11), 5u);
  EXPECT_EQ(packed_size(DataType::uint6, 5), 4u);
  EXPECT_EQ(packed_size(DataType::int4, 0), 0u);
  EXPECT_EQ(packed_size(DataType::fp32, 3), 12u);
  EXPECT_EQ(packed_size(DataType::uint1, UINT64_MAX), UINT64_C(1) << 61);
  EXPECT_EQ(packed_size(DataType::fp16, UINT64_C(1) << 63), std::nullopt);
  EXPECT_EQ(packed_size(DataType::string, 1), std::nullopt);
}

}  // namespace
}  // namespace anebench::weights
