#include "anebench/mil/wide_decimal.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdlib>
#include <vector>

namespace anebench::mil {
namespace {

// An unsigned integer of any size: 32-bit words, least significant first, no leading zeros.
class Wide {
 public:
  void multiply_add(std::uint32_t factor, std::uint32_t addend) {
    std::uint64_t carry = addend;
    for (std::uint32_t& word : words_) {
      carry += static_cast<std::uint64_t>(word) * factor;
      word = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    if (carry != 0) words_.push_back(static_cast<std::uint32_t>(carry));
  }

  void multiply_power_of_five(std::int64_t exponent) {
    constexpr std::uint32_t kFiveTo13 = 1'220'703'125;
    for (; exponent >= 13; exponent -= 13) multiply_add(kFiveTo13, 0);
    for (; exponent > 0; --exponent) multiply_add(5, 0);
  }

  std::int64_t bit_count() const {
    if (words_.empty()) return 0;
    return static_cast<std::int64_t>(words_.size()) * 32 - std::countl_zero(words_.back());
  }

  void shift_left(std::int64_t bits) {
    if (words_.empty()) return;
    const auto small = static_cast<int>(bits % 32);
    if (small != 0) multiply_add(1u << small, 0);
    words_.insert(words_.begin(), static_cast<std::size_t>(bits / 32), 0);
  }

  bool is_zero() const { return words_.empty(); }

  // this -= other where other <= this; says whether it was.
  bool subtract_if_not_less(const Wide& other) {
    if (is_less_than(other)) return false;
    std::int64_t borrow = 0;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      borrow += words_[i];
      if (i < other.words_.size()) borrow -= other.words_[i];
      words_[i] = static_cast<std::uint32_t>(borrow);
      borrow >>= 32;
    }
    while (!words_.empty() && words_.back() == 0) words_.pop_back();
    return true;
  }

  // Bits [from, from + 64).
  std::uint64_t bits_from(std::int64_t from) const {
    std::uint64_t bits = 0;
    for (std::int64_t i = 63; i >= 0; --i) bits = bits << 1 | bit(from + i);
    return bits;
  }

  bool any_bit_below(std::int64_t end) const {
    for (std::int64_t i = 0; i < end; ++i) {
      if (bit(i) != 0) return true;
    }
    return false;
  }

 private:
  std::uint64_t bit(std::int64_t index) const {
    const auto word = static_cast<std::size_t>(index / 32);
    if (index < 0 || word >= words_.size()) return 0;
    return words_[word] >> (index % 32) & 1u;
  }

  bool is_less_than(const Wide& other) const {
    if (words_.size() != other.words_.size()) return words_.size() < other.words_.size();
    return std::lexicographical_compare(words_.rbegin(), words_.rend(), other.words_.rbegin(),
                                        other.words_.rend());
  }

  std::vector<std::uint32_t> words_;
};

// No boundary between doubles has more significant decimal digits than 767, so what follows 800 of
// them matters only by being there at all.
constexpr int kMaxDigits = 800;
// 10^310 is beyond every double, 10^-400 below half of the smallest.
constexpr std::int64_t kLargestPower = 310;
constexpr std::int64_t kSmallestPower = -400;

}  // namespace

BinaryNumber wide_decimal(std::string_view digits, std::int64_t exponent) {
  Wide numerator;
  int count = 0;
  bool has_rest = false;
  for (const char c : digits) {
    if (c == '.' || (c == '0' && count == 0)) continue;
    if (count == kMaxDigits) {
      has_rest = has_rest || c != '0';
      ++exponent;
      continue;
    }
    numerator.multiply_add(10, static_cast<std::uint32_t>(c - '0'));
    ++count;
  }
  if (count == 0) return {};
  constexpr std::uint64_t kTopBit = 1ULL << 63;
  if (exponent + count > kLargestPower) return {kTopBit, 1024, false};
  if (exponent + count < kSmallestPower) return {kTopBit, -1400, true};

  if (exponent >= 0) {
    numerator.multiply_power_of_five(exponent);
    const std::int64_t from = numerator.bit_count() - 64;
    return {numerator.bits_from(from), from + exponent, has_rest || numerator.any_bit_below(from)};
  }
  // numerator / (5^-exponent · 2^-exponent): both brought to the same length, then one bit of the
  // quotient a step.
  Wide denominator;
  denominator.multiply_add(1, 1);
  denominator.multiply_power_of_five(-exponent);
  const std::int64_t difference = numerator.bit_count() - denominator.bit_count();
  (difference > 0 ? denominator : numerator).shift_left(std::abs(difference));
  std::int64_t leading = difference + exponent;  // of the first bit of the quotient
  std::uint64_t quotient = 0;
  while (quotient >> 63 == 0) {
    const bool bit = numerator.subtract_if_not_less(denominator);
    quotient = quotient << 1 | (bit ? 1 : 0);
    numerator.shift_left(1);
    --leading;
  }
  return {quotient, leading + 1, has_rest || !numerator.is_zero()};
}

}  // namespace anebench::mil
