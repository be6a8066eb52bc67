// Published measurements of Apple's chips, with their sources: data/published.csv, compiled in.
// Printed beside our own figures, in columns of their own, never mixed with them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"

namespace anebench::experiments {

struct PublishedRow {
  std::string chip;     // "M5"
  std::string subtype;  // "h17"
  std::string source;
  std::string program;  // "conv1x1_chain_w8a8"
  std::int64_t batch = 0;
  std::int64_t channels = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t depth = 0;
  std::string precision;  // "fp16", "w8a8"
  double milliseconds = 0;
  double tera_ops = 0;  // 10^12 operations a second, a multiply-add counted as two
  std::string notes;    // where a figure was derived, how it was taken
};

// In the file's order.
const std::vector<PublishedRow>& published_rows();

// Reads the file's format (RFC 4180). Errors name the line. For tests of the data.
Result<std::vector<PublishedRow>> parse_published(std::string_view csv);

}  // namespace anebench::experiments
