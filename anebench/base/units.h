// Quantities as people read and write them: byte sizes, times, rates.
//
// Formatting gives three significant digits and a space before the unit: "8 GiB", "12.3 ms",
// "1.23 TOPS". Parsing takes the same, with or without the space, and plain numbers in the base
// unit. Numbers always use '.', whatever the locale. All functions are thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "anebench/base/result.h"

namespace anebench {

// The number to `digits` significant digits in plain notation: 0.0123, 1.20, 12.3, 123, 1230. "0"
// for zero; "nan", "inf", "-inf" for the others.
std::string format_significant(double value, int digits = 3);

// Powers of 1024, without trailing zeros: "512 B", "1.5 KiB", "8 GiB".
std::string format_bytes(std::uint64_t bytes);
// "8 GiB", "8GiB", "8 GB" (powers of 1000), "8G" (powers of 1024), "4096", "1.5 MiB". Case does not
// matter. invalid_argument if malformed, negative or above 2^64 - 1.
Result<std::uint64_t> parse_bytes(std::string_view text);

// "850 ns", "12.3 µs", "4.56 ms", "1.23 s", "2 min 5 s", "1 h 3 min".
std::string format_duration_ns(double nanoseconds);
// "10 ms", "2.5s", "3 min", "1 h", "250us" (or "µs"), "90 ns"; a plain number is seconds. Result in
// nanoseconds. invalid_argument if malformed, negative, not finite or above about 292 years.
Result<std::int64_t> parse_duration_ns(std::string_view text);

// The value with an SI prefix from nano to exa before the unit: format_si(1.234e12, "OPS") is
// "1.23 TOPS", format_si(25.6e9, "B/s") "25.6 GB/s".
std::string format_si(double value, std::string_view unit);

}  // namespace anebench
