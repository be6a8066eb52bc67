// What the tolerant reader found wrong with a weight file, and what it assumed instead.
//
// docs/weight-files.md explains each kind. Plain data; thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace anebench::weights {

enum class WarningKind : std::uint8_t {
  type_differs,         // the file's element type is not the program's
  data_offset_ignored,  // the metadata's data offset is unusable
  size_differs,         // the file's size is not what the program's type needs
  padding_ignored,      // the count of unused bits is impossible
  listing_cut_short,    // fewer blobs can be listed than the header counts
};
// As written in records: "type_differs", …
std::string_view to_string(WarningKind kind);

struct WeightWarning {
  WarningKind kind;
  std::string file;
  // Of the blob's metadata.
  std::uint64_t offset = 0;
  std::string seen;
  std::string assumed;

  // "weight.bin at 64: the size is 524288 bytes where tensor<int8, [4]> needs 4; reads 4 bytes".
  std::string to_string() const;
  friend bool operator==(const WeightWarning&, const WeightWarning&) = default;
};

// One sentence for each file and kind: the first warning, and how many more there are like it.
std::vector<std::string> summarize(const std::vector<WeightWarning>& warnings);

}  // namespace anebench::weights
