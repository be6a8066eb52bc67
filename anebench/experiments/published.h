// Published measurements of Apple's chips, with their sources: data/published.csv, compiled in.
// Printed beside our own figures, in columns of their own, never mixed with them; the chip model's
// constants are fitted to some of them (chip_fit.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"

namespace anebench::experiments {

// PublishedRow::not_fitted of rows that were repeated faster.
inline constexpr std::string_view kSlowerRepeat = "a faster repeat exists";

struct PublishedRow {
  std::string chip;     // as the source names it: "M5 (probably Max)"
  std::string model;    // of the chip model: "m5max"
  std::string subtype;  // "h17"
  std::string source;
  std::string program;  // "conv1x1_chain_w8a8"
  // How the program was called: "private", "core_ml", "core_ai"; "rate" where the source gives a
  // rate that does not fall with shorter programs, so that the call cannot be in it.
  std::string path;
  // 0 where the source does not say.
  std::int64_t batch = 0;
  std::int64_t channels_in = 0;
  std::int64_t channels_out = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t depth = 0;
  std::string precision;  // "fp16", "w8a8"
  std::optional<double> milliseconds;
  std::optional<double> tera_ops;  // 10^12 operations a second, a multiply-add counted as two
  std::string not_fitted;          // why no constant may be fitted to it; empty where it may
  std::string notes;               // where a figure was derived, how it was taken

  // A chain of 1x1 convolutions of equal channels in fp16 or W8A8, with a time: what `int8` and
  // `peak` measure.
  bool is_chain() const;
};

// In the file's order.
const std::vector<PublishedRow>& published_rows();

// Reads the file's format (RFC 4180). Errors name the line. For tests of the data.
Result<std::vector<PublishedRow>> parse_published(std::string_view csv);

}  // namespace anebench::experiments
