// Writes weight files ("MLBlob" storage, version 2), to disk or into memory.
//
//   ANEBENCH_ASSIGN(writer, BlobFileWriter::create("model/weights/weight.bin"));
//   ANEBENCH_ASSIGN(offset, writer.append(DataType::fp16, packed, 512 * 512));
//   Value weight = Value::blob(type, {"@model_path/weights/weight.bin", offset});
//   ANEBENCH_TRY(writer.finish());
//
// A file is written beside its final place and moved there by finish(), so a mapping of an older
// file of that name keeps its content, and a writer that is dropped unfinished leaves nothing
// behind. Data go straight to the file; no copy is kept. Not thread-safe; movable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/data_type.h"
#include "anebench/mil/value.h"

namespace anebench::weights {

class BlobFileWriter {
 public:
  // Writes to `path`, whose folder must exist. Errors: io_error.
  static Result<BlobFileWriter> create(const std::string& path);
  // Builds the file's image in memory; `expected_bytes` reserves room for it.
  static BlobFileWriter in_memory(std::size_t expected_bytes = 0);

  BlobFileWriter(BlobFileWriter&&) noexcept;
  BlobFileWriter& operator=(BlobFileWriter&&) noexcept;
  ~BlobFileWriter();

  // Appends one blob of `element_count` packed elements (little-endian, sub-byte types LSB first;
  // unused bits of the last byte are cleared) and returns the offset that refers to it. Errors:
  // invalid_argument where the number of bytes does not fit the elements; unsupported for types
  // that the format lacks; io_error, after which the writer accepts nothing more.
  Result<std::uint64_t> append(mil::DataType type, std::span<const std::byte> packed,
                               std::uint64_t element_count);
  // The elements of an immediate tensor value.
  Result<std::uint64_t> append(const mil::Value& value);

  std::uint32_t count() const;
  // Bytes of the file so far.
  std::uint64_t size() const;

  // Writes what is left and moves the file to its place; nothing may be appended afterwards.
  Result<void> finish();
  // The image of an in_memory() writer, moved out: finishes it. Empty for a writer to disk.
  std::vector<std::byte> take_image();

 private:
  class Sink;
  class FileSink;
  class MemorySink;
  explicit BlobFileWriter(std::unique_ptr<Sink> sink);
  Result<void> write_header();

  std::unique_ptr<Sink> sink_;
  std::uint64_t size_ = 0;
  std::uint32_t count_ = 0;
  bool is_open_ = true;
};

}  // namespace anebench::weights
