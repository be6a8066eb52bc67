// Reads weight files ("MLBlob" storage, version 2) from a mapped file or from memory.
//
//   ANEBENCH_ASSIGN(file, BlobFileReader::open("weights/weight.bin", ReadMode::tolerant));
//   ANEBENCH_ASSIGN(blob, file.read(64, Type::tensor(DataType::int8, {512, 512, 1, 1})));
//   // blob.data.bytes: 262144 bytes; blob.warnings: what was odd about it
//
// Tolerant reading accepts every file that the public benchmark programs write by hand and that
// Apple's engine accepts; each deviation gives a warning. Strict reading turns each warning into an
// error: it accepts what Apple's public reader accepts and whose size fits the type besides.
// docs/weight-files.md has the rules.
//
// Returned bytes share ownership of the file and outlive the reader. They are aligned for their
// element type (copied in the odd file where they are not). Readers never change; safe to use from
// several threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/data_type.h"
#include "anebench/mil/resolver.h"
#include "anebench/mil/type.h"
#include "anebench/weights/blob_format.h"
#include "anebench/weights/weight_warning.h"

namespace anebench::weights {

enum class ReadMode : std::uint8_t { tolerant, strict };

// One blob as the file itself describes it; nothing of this is checked.
struct BlobEntry {
  // Of the metadata: what a program refers to.
  std::uint64_t offset = 0;
  BlobMetadata metadata;
  // Nothing where the type's number is unknown.
  std::optional<mil::DataType> type;
};

struct BlobListing {
  std::vector<BlobEntry> entries;
  std::vector<WeightWarning> warnings;
};

struct BlobData {
  mil::SharedBytes data;
  std::vector<WeightWarning> warnings;
};

class BlobFileReader {
 public:
  // Errors: not_found, io_error; parse_error for a file that is too short or of another version.
  static Result<BlobFileReader> open(const std::string& path, ReadMode mode);
  // `name` stands for the file in messages. `image` is the whole file.
  static Result<BlobFileReader> from_memory(std::string name, mil::SharedBytes image,
                                            ReadMode mode);

  // The elements of the blob whose metadata is at `offset`: exactly type.byte_size() bytes.
  // Errors: parse_error (outside the file, no sentinel, data outside the file; when strict also
  // every warning); invalid_argument for a type without a known size.
  Result<BlobData> read(std::uint64_t offset, const mil::Type& type) const;

  // The blobs that the header counts, up to the first that is none.
  Result<BlobListing> entries() const;

  const std::string& name() const { return name_; }
  const mil::SharedBytes& image() const { return image_; }
  ReadMode mode() const { return mode_; }
  // The same file, read in another mode.
  BlobFileReader with_mode(ReadMode mode) const { return {name_, image_, mode, header_}; }

 private:
  BlobFileReader(std::string name, mil::SharedBytes image, ReadMode mode, BlobHeader header);

  std::string name_;
  mil::SharedBytes image_;
  ReadMode mode_;
  BlobHeader header_;
};

}  // namespace anebench::weights
