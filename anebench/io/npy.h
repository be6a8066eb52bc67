// NumPy's array files (.npy), versions 1 to 3.
//
//   ANEBENCH_ASSIGN(array, read_npy_file("x.npy"));       // array.shape, array.bytes
//   ANEBENCH_TRY(write_npy_file("y.npy", array));
//
// Reading gives elements little-endian and in C order (last axis fastest), whatever the file's byte
// order and layout. Shapes count elements, outermost first; sizes are checked against the bytes
// that are there before anything is allocated. Pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"

namespace anebench::io {

enum class NpyType : std::uint8_t {
  boolean,
  fp16,
  fp32,
  fp64,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
};

// "float16", "int32", "bool": NumPy's names.
std::string_view to_string(NpyType type);
// Bytes of an element.
std::size_t size_of(NpyType type);

struct NpyArray {
  NpyType type = NpyType::fp32;
  std::vector<std::int64_t> shape;
  // Exactly as many as type and shape need.
  std::vector<std::byte> bytes;

  std::size_t element_count() const { return bytes.size() / size_of(type); }
  friend bool operator==(const NpyArray&, const NpyArray&) = default;
};

// Errors: parse_error; unsupported for elements that are no numbers (strings, records, objects).
Result<NpyArray> read_npy(std::span<const std::byte> file);
Result<NpyArray> read_npy_file(const std::filesystem::path& path);

// Version 1.0, C order, little-endian, as NumPy itself writes it; version 2.0 where the shape needs
// it. Errors: invalid_argument where bytes and shape do not fit.
Result<std::vector<std::byte>> write_npy(const NpyArray& array);
// Old content of the path is replaced at once or not at all.
Result<void> write_npy_file(const std::filesystem::path& path, const NpyArray& array);

}  // namespace anebench::io
