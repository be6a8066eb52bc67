#include "anebench/weights/blob_format.h"

#include <algorithm>
#include <array>

#include "anebench/base/bytes.h"

namespace anebench::weights {
namespace {

using mil::DataType;

struct TypeNumber {
  DataType type;
  std::uint32_t number;
};

// BlobDataType in coremltools' mlmodel/src/MILBlob/Blob/BlobDataType.hpp.
constexpr std::array<TypeNumber, 17> kTypeNumbers = {{
    {DataType::fp16, 1},
    {DataType::fp32, 2},
    {DataType::uint8, 3},
    {DataType::int8, 4},
    {DataType::bf16, 5},
    {DataType::int16, 6},
    {DataType::uint16, 7},
    {DataType::int4, 8},
    {DataType::uint1, 9},
    {DataType::uint2, 10},
    {DataType::uint4, 11},
    {DataType::uint3, 12},
    {DataType::uint6, 13},
    {DataType::int32, 14},
    {DataType::uint32, 15},
    {DataType::fp8e4m3fn, 16},
    {DataType::fp8e5m2, 17},
}};

}  // namespace

std::optional<std::uint32_t> blob_type_number(DataType type) {
  const auto* found = std::find_if(kTypeNumbers.begin(), kTypeNumbers.end(),
                                   [&](const TypeNumber& entry) { return entry.type == type; });
  if (found == kTypeNumbers.end()) return std::nullopt;
  return found->number;
}

std::optional<DataType> blob_type_from_number(std::uint32_t number) {
  const auto* found = std::find_if(kTypeNumbers.begin(), kTypeNumbers.end(),
                                   [&](const TypeNumber& entry) { return entry.number == number; });
  if (found == kTypeNumbers.end()) return std::nullopt;
  return found->type;
}

BlobHeader decode_blob_header(std::span<const std::byte, kBlobHeaderSize> bytes) {
  return {.count = load_le<std::uint32_t>(bytes, 0), .version = load_le<std::uint32_t>(bytes, 4)};
}

BlobMetadata decode_blob_metadata(std::span<const std::byte, kBlobMetadataSize> bytes) {
  return {.sentinel = load_le<std::uint32_t>(bytes, 0),
          .type_number = load_le<std::uint32_t>(bytes, 4),
          .size_in_bytes = load_le<std::uint64_t>(bytes, 8),
          .data_offset = load_le<std::uint64_t>(bytes, 16),
          .padding_bits = load_le<std::uint64_t>(bytes, 24)};
}

void encode_blob_header(const BlobHeader& header, std::span<std::byte, kBlobHeaderSize> bytes) {
  std::fill(bytes.begin(), bytes.end(), std::byte{0});
  store_le(bytes, 0, header.count);
  store_le(bytes, 4, header.version);
}

void encode_blob_metadata(const BlobMetadata& metadata,
                          std::span<std::byte, kBlobMetadataSize> bytes) {
  std::fill(bytes.begin(), bytes.end(), std::byte{0});
  store_le(bytes, 0, metadata.sentinel);
  store_le(bytes, 4, metadata.type_number);
  store_le(bytes, 8, metadata.size_in_bytes);
  store_le(bytes, 16, metadata.data_offset);
  store_le(bytes, 24, metadata.padding_bits);
}

BlobPlacement place_blob(std::uint64_t file_size, std::uint64_t packed_bytes) {
  BlobPlacement place;
  place.offset = align_up(file_size, kBlobAlignment);
  place.data_offset = place.offset + kBlobMetadataSize;
  place.end = place.data_offset + packed_bytes;
  return place;
}

std::optional<std::uint64_t> packed_size(DataType type, std::uint64_t elements) {
  if (type == DataType::string) return std::nullopt;
  return anebench::packed_size(elements, static_cast<unsigned>(mil::bit_width(type)));
}

}  // namespace anebench::weights
