// For tests of this layer: bytes from numbers, and files in memory.
#pragma once

#include <gmock/gmock.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "anebench/base/rng.h"
#include "anebench/mil/value.h"
#include "anebench/weights/blob_file_reader.h"

namespace anebench::weights {

inline std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

inline std::vector<std::byte> random_bytes(std::size_t count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<std::byte> bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(rng.next() & 0xff);
  return bytes;
}

inline std::vector<std::byte> to_vector(std::span<const std::byte> bytes) {
  return {bytes.begin(), bytes.end()};
}

inline mil::SharedBytes shared(std::vector<std::byte> content) {
  const auto owner = std::make_shared<const std::vector<std::byte>>(std::move(content));
  return {*owner, owner};
}

inline Result<BlobFileReader> read_image(std::vector<std::byte> image,
                                         ReadMode mode = ReadMode::tolerant) {
  return BlobFileReader::from_memory("w.bin", shared(std::move(image)), mode);
}

inline std::vector<WarningKind> kinds_of(const std::vector<WeightWarning>& warnings) {
  std::vector<WarningKind> kinds;
  for (const WeightWarning& warning : warnings) kinds.push_back(warning.kind);
  return kinds;
}

// All element types that weight files can hold.
inline std::vector<mil::DataType> blob_types() {
  std::vector<mil::DataType> types;
  for (std::uint32_t number = 1; number <= 17; ++number) {
    types.push_back(*blob_type_from_number(number));
  }
  return types;
}

}  // namespace anebench::weights
