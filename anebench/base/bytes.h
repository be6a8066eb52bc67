// Bytes and bits: little-endian loads and stores, checked integer arithmetic, alignment, and packed
// streams of elements of 1 to 8 bits (least significant bit first, element i in the bits
// [i*bits, i*bits + bits)).
//
// All functions are pure and thread-safe, and none allocates.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <type_traits>

namespace anebench {

template <typename T>
concept Scalar = std::is_arithmetic_v<T> || std::is_enum_v<T>;

// The T stored little-endian at `bytes[offset]`. Precondition: it lies inside `bytes`.
template <Scalar T>
T load_le(std::span<const std::byte> bytes, std::size_t offset = 0) {
  std::array<std::byte, sizeof(T)> raw;
  std::memcpy(raw.data(), bytes.data() + offset, sizeof(T));
  if constexpr (std::endian::native == std::endian::big) std::reverse(raw.begin(), raw.end());
  return std::bit_cast<T>(raw);
}

// The same, or nothing if it does not lie inside `bytes`.
template <Scalar T>
std::optional<T> try_load_le(std::span<const std::byte> bytes, std::uint64_t offset) {
  if (bytes.size() < sizeof(T) || offset > bytes.size() - sizeof(T)) return std::nullopt;
  return load_le<T>(bytes, static_cast<std::size_t>(offset));
}

// Precondition: the T lies inside `bytes`.
template <Scalar T>
void store_le(std::span<std::byte> bytes, std::size_t offset, T value) {
  auto raw = std::bit_cast<std::array<std::byte, sizeof(T)>>(value);
  if constexpr (std::endian::native == std::endian::big) std::reverse(raw.begin(), raw.end());
  std::memcpy(bytes.data() + offset, raw.data(), sizeof(T));
}

// Appends to a contiguous container of std::byte.
template <Scalar T, typename Container>
void append_le(Container& out, T value) {
  const std::size_t end = out.size();
  out.resize(end + sizeof(T));
  store_le<T>(out, end, value);
}

// a + b, or nothing if it does not fit T.
template <std::integral T>
constexpr std::optional<T> checked_add(T a, std::type_identity_t<T> b) {
  if (b > 0 && a > std::numeric_limits<T>::max() - b) return std::nullopt;
  if constexpr (std::is_signed_v<T>) {
    if (b < 0 && a < std::numeric_limits<T>::min() - b) return std::nullopt;
  }
  return static_cast<T>(a + b);
}

// a * b, or nothing if it does not fit T.
template <std::integral T>
constexpr std::optional<T> checked_mul(T a, std::type_identity_t<T> b) {
  constexpr T kMax = std::numeric_limits<T>::max();
  constexpr T kMin = std::numeric_limits<T>::min();
  if (a == 0 || b == 0) return T{0};
  bool fits = false;
  if constexpr (std::is_unsigned_v<T>) {
    fits = a <= kMax / b;
  } else if (a > 0) {
    fits = b > 0 ? a <= kMax / b : b >= kMin / a;
  } else {
    fits = b > 0 ? a >= kMin / b : b >= kMax / a;
  }
  if (!fits) return std::nullopt;
  return static_cast<T>(a * b);
}

// The product of all extents, or nothing if one is negative or the product does not fit; 1 for
// none.
std::optional<std::int64_t> checked_product(std::span<const std::int64_t> extents);

// The smallest multiple of `alignment` not below `value`. Preconditions: alignment > 0, it fits T.
template <std::unsigned_integral T>
constexpr T align_up(T value, std::type_identity_t<T> alignment) {
  return static_cast<T>((value + (alignment - 1)) / alignment * alignment);
}
// The same, or nothing if it does not fit.
template <std::unsigned_integral T>
constexpr std::optional<T> checked_align_up(T value, std::type_identity_t<T> alignment) {
  const std::optional<T> sum = checked_add<T>(value, static_cast<T>(alignment - 1));
  if (!sum) return std::nullopt;
  return static_cast<T>(*sum / alignment * alignment);
}

// Bytes that `count` elements of `bits` bits take packed, or nothing if that does not fit.
std::optional<std::uint64_t> packed_size(std::uint64_t count, unsigned bits);

// Packed streams; `bits` is 1..8 everywhere. The packed span holds at least
// packed_size(values.size(), bits) bytes; bits after the last element are written as zero.
// pack_bits takes the low bits of each value and ignores the others.
void pack_bits(std::span<const std::uint8_t> values, unsigned bits, std::span<std::byte> packed);
void pack_bits(std::span<const std::int8_t> values, unsigned bits, std::span<std::byte> packed);
// Zero-extended and sign-extended (two's complement).
void unpack_bits(std::span<const std::byte> packed, unsigned bits, std::span<std::uint8_t> values);
void unpack_bits(std::span<const std::byte> packed, unsigned bits, std::span<std::int8_t> values);
// Element `index` of a packed stream. Precondition: it lies inside.
std::uint8_t load_bits(std::span<const std::byte> packed, std::uint64_t index, unsigned bits);
// Stores the low bits of `value`; its neighbours stay.
void store_bits(std::span<std::byte> packed, std::uint64_t index, unsigned bits,
                std::uint8_t value);

}  // namespace anebench
