// Numbers in text, whatever the locale. All functions are pure and thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace anebench {

// The double nearest to a decimal number such as "1", "-0.5", "1.5e-3", "inf" or "nan". Nothing
// unless the whole text is one such number (no white space, no leading '+') that is in range.
std::optional<double> parse_double(std::string_view text);

// The same for decimal integers.
std::optional<std::int64_t> parse_int64(std::string_view text);
std::optional<std::uint64_t> parse_uint64(std::string_view text);

}  // namespace anebench
