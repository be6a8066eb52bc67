// The layout of weight files ("MLBlob" storage, version 2), shared by reader and writer.
//
//   [0, 64)       header: u32 count of blobs, u32 version (2), 56 reserved bytes
//   at a blob's offset, a multiple of 64:
//   [+0, +64)     metadata: u32 sentinel, u32 type, u64 size in bytes, u64 offset of the data from
//                 the start of the file, u64 unused bits of the last byte, 32 reserved bytes
//   [+64, …)      the data; the next blob starts at the next multiple of 64
//
// Everything is little-endian. Source: coremltools' public BlobStorage (MILBlob/Blob/
// StorageFormat.hpp). Pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "anebench/mil/data_type.h"

namespace anebench::weights {

inline constexpr std::uint64_t kBlobAlignment = 64;
inline constexpr std::uint64_t kBlobHeaderSize = 64;
inline constexpr std::uint64_t kBlobMetadataSize = 64;
inline constexpr std::uint32_t kBlobVersion = 2;
inline constexpr std::uint32_t kBlobSentinel = 0xDEADBEEF;

// The number that stands for an element type in a blob's metadata. Nothing for the types that the
// format lacks: bool, string, int64, uint64 and fp64.
std::optional<std::uint32_t> blob_type_number(mil::DataType type);
std::optional<mil::DataType> blob_type_from_number(std::uint32_t number);

struct BlobHeader {
  std::uint32_t count = 0;
  std::uint32_t version = 0;
};

struct BlobMetadata {
  std::uint32_t sentinel = 0;
  std::uint32_t type_number = 0;
  std::uint64_t size_in_bytes = 0;
  std::uint64_t data_offset = 0;
  // Meaningful for sub-byte types only, where it is 0..7.
  std::uint64_t padding_bits = 0;
};

BlobHeader decode_blob_header(std::span<const std::byte, kBlobHeaderSize> bytes);
BlobMetadata decode_blob_metadata(std::span<const std::byte, kBlobMetadataSize> bytes);
// Reserved bytes are written as zeros.
void encode_blob_header(const BlobHeader& header, std::span<std::byte, kBlobHeaderSize> bytes);
void encode_blob_metadata(const BlobMetadata& metadata,
                          std::span<std::byte, kBlobMetadataSize> bytes);

// Where a writer puts the next blob.
struct BlobPlacement {
  std::uint64_t offset = 0;       // of the metadata; refers to the blob
  std::uint64_t data_offset = 0;  // of the data
  std::uint64_t end = 0;          // the file's size with it
};
// After a file of `file_size` bytes, header included. Precondition: the end fits.
BlobPlacement place_blob(std::uint64_t file_size, std::uint64_t packed_bytes);

// ceil(elements · bits / 8); nothing where it does not fit or the type is string.
std::optional<std::uint64_t> packed_size(mil::DataType type, std::uint64_t elements);

}  // namespace anebench::weights
