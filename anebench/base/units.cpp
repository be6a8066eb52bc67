#include "anebench/base/units.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>

#include "anebench/base/bytes.h"
#include "anebench/base/number.h"

namespace anebench {
namespace {

// A number rounded to some significant digits: digits[0].digits[1…] times 10^exponent.
struct Decimal {
  bool negative;
  std::string digits;
  int exponent;
};

// Precondition: value is finite, digits >= 1.
Decimal round_to_digits(double value, int digits) {
  const std::string text = fmt::format("{:.{}e}", std::fabs(value), digits - 1);  // d.dde±xx
  const std::size_t e = text.find('e');
  Decimal decimal{std::signbit(value) && value != 0, text.substr(0, 1), 0};
  if (e > 2) decimal.digits += text.substr(2, e - 2);
  const std::size_t sign = e + 1;
  const auto magnitude = parse_int64(std::string_view(text).substr(sign + 1)).value_or(0);
  decimal.exponent = static_cast<int>(text[sign] == '-' ? -magnitude : magnitude);
  return decimal;
}

// In plain notation, times 10^-shift.
std::string to_plain(const Decimal& decimal, int shift = 0) {
  const int exponent = decimal.exponent - shift;
  const int count = static_cast<int>(decimal.digits.size());
  std::string text(decimal.negative ? "-" : "");
  if (exponent < 0) {
    text += "0.";
    text.append(static_cast<std::size_t>(-exponent - 1), '0');
    text += decimal.digits;
  } else if (exponent >= count - 1) {
    text += decimal.digits;
    text.append(static_cast<std::size_t>(exponent - count + 1), '0');
  } else {
    const auto whole = static_cast<std::size_t>(exponent) + 1;
    text.append(decimal.digits, 0, whole);
    text += '.';
    text.append(decimal.digits, whole);
  }
  return text;
}

std::string not_finite(double value) {
  if (std::isnan(value)) return "nan";
  return value < 0 ? "-inf" : "inf";
}

std::string without_trailing_zeros(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

struct Quantity {
  std::string_view number;
  std::string unit;  // lower case, may be empty
};

// "12.5 MiB" -> "12.5", "mib". Not "1e3 s": an exponent would be read as a unit.
Quantity split_unit(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  const std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
  Quantity quantity{text.substr(0, end), {}};
  text.remove_prefix(end);
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  for (const char c : text) {
    quantity.unit += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return quantity;
}

constexpr std::array<std::string_view, 7> kByteUnits = {"B",   "KiB", "MiB", "GiB",
                                                        "TiB", "PiB", "EiB"};

// The factor of a unit of bytes, lower case.
std::optional<std::uint64_t> byte_factor(std::string_view unit) {
  if (unit.empty() || unit == "b") return 1;
  constexpr std::string_view kPrefixes = "kmgtpe";
  const std::size_t prefix = kPrefixes.find(unit.front());
  if (prefix == std::string_view::npos) return std::nullopt;
  const std::string_view rest = unit.substr(1);
  const bool binary = rest.empty() || rest == "i" || rest == "ib";
  if (!binary && rest != "b") return std::nullopt;
  std::uint64_t factor = 1;
  for (std::size_t i = 0; i <= prefix; ++i) factor *= binary ? 1024 : 1000;
  return factor;
}

struct TimeUnit {
  std::string_view name;
  double nanoseconds;
};
constexpr TimeUnit kTimeUnits[] = {{"", 1e9},
                                   {"s", 1e9},
                                   {"sec", 1e9},
                                   {"ms", 1e6},
                                   {"us", 1e3},
                                   {"µs", 1e3},
                                   {"μs", 1e3} /* Greek mu instead of the micro sign */,
                                   {"ns", 1},
                                   {"min", 60e9},
                                   {"m", 60e9},
                                   {"h", 3600e9}};

}  // namespace

std::string format_significant(double value, int digits) {
  if (!std::isfinite(value)) return not_finite(value);
  if (value == 0) return "0";
  return to_plain(round_to_digits(value, std::max(digits, 1)));
}

std::string format_bytes(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  // From 1023.5 on it would be written as 1024.
  while (value >= 1023.5 && unit + 1 < kByteUnits.size()) {
    value /= 1024;
    ++unit;
  }
  const std::string number =
      value >= 1000 ? fmt::format("{:.0f}", value) : format_significant(value);
  return fmt::format("{} {}", without_trailing_zeros(number), kByteUnits[unit]);
}

Result<std::uint64_t> parse_bytes(std::string_view text) {
  const auto refuse = [&](std::string_view reason) {
    return fail(ErrorCode::invalid_argument,
                "\"{}\" is not a size in bytes: {} (examples: 4096, 512 KiB, 8 GiB, 2 GB)",
                text.substr(0, 100), reason);
  };
  const Quantity quantity = split_unit(text);
  const std::optional<std::uint64_t> factor = byte_factor(quantity.unit);
  if (!factor) return refuse("the unit is unknown");
  if (quantity.number.find('.') == std::string_view::npos) {  // exact beyond 2^53
    const auto number = parse_uint64(quantity.number);
    const auto bytes = number ? checked_mul(*number, *factor) : std::nullopt;
    if (bytes) return *bytes;
    return refuse(number ? "it is too large" : "the number is malformed or too large");
  }
  const auto number = parse_double(quantity.number);
  if (!number) return refuse("the number is malformed");
  const double bytes = std::nearbyint(*number * static_cast<double>(*factor));
  if (!(bytes < 0x1p64)) return refuse("it is too large");
  return static_cast<std::uint64_t>(bytes);
}

std::string format_duration_ns(double nanoseconds) {
  if (!std::isfinite(nanoseconds)) return not_finite(nanoseconds);
  const double magnitude = std::fabs(nanoseconds);
  if (magnitude < 59.95e9) return format_si(nanoseconds * 1e-9, "s");
  const std::string_view sign = nanoseconds < 0 ? "-" : "";
  // Whole seconds below an hour, whole minutes from there on.
  const double seconds = std::round(magnitude / 1e9);
  if (seconds < 3600) {
    const int whole = static_cast<int>(seconds);
    if (whole % 60 == 0) return fmt::format("{}{} min", sign, whole / 60);
    return fmt::format("{}{} min {} s", sign, whole / 60, whole % 60);
  }
  const double minutes = std::round(magnitude / 60e9);
  const double hours = std::floor(minutes / 60);
  if (minutes == hours * 60) return fmt::format("{}{:.0f} h", sign, hours);
  return fmt::format("{}{:.0f} h {:.0f} min", sign, hours, minutes - hours * 60);
}

Result<std::int64_t> parse_duration_ns(std::string_view text) {
  const auto refuse = [&](std::string_view reason) {
    return fail(ErrorCode::invalid_argument,
                "\"{}\" is not a duration: {} (examples: 10 s, 250 ms, 90 us, 2 min)",
                text.substr(0, 100), reason);
  };
  const Quantity quantity = split_unit(text);
  const auto number = parse_double(quantity.number);
  if (!number) return refuse("the number is malformed");
  const auto* unit =
      std::ranges::find_if(kTimeUnits, [&](const TimeUnit& u) { return u.name == quantity.unit; });
  if (unit == std::end(kTimeUnits)) return refuse("the unit is unknown");
  const double nanoseconds = std::nearbyint(*number * unit->nanoseconds);
  if (!(nanoseconds < 0x1p63)) return refuse("it is too long");
  return static_cast<std::int64_t>(nanoseconds);
}

std::string format_si(double value, std::string_view unit) {
  if (!std::isfinite(value)) return fmt::format("{} {}", not_finite(value), unit);
  if (value == 0) return fmt::format("0 {}", unit);
  constexpr std::array<std::string_view, 10> kPrefixes = {"n", "µ", "m", "",  "k",
                                                          "M", "G", "T", "P", "E"};
  const Decimal decimal = round_to_digits(value, 3);
  const int thousands = std::clamp(static_cast<int>(std::floor(decimal.exponent / 3.0)), -3, 6);
  return fmt::format("{} {}{}", to_plain(decimal, 3 * thousands),
                     kPrefixes[static_cast<std::size_t>(thousands + 3)], unit);
}

}  // namespace anebench
