#include "anebench/base/bytes.h"

namespace anebench {
namespace {

template <typename T>
void pack(std::span<const T> values, unsigned bits, std::span<std::byte> packed) {
  const unsigned mask = (1U << bits) - 1;
  unsigned window = 0;  // bits not yet written, the next one lowest
  unsigned filled = 0;
  std::size_t out = 0;
  for (const T value : values) {
    window |= (static_cast<unsigned>(static_cast<std::uint8_t>(value)) & mask) << filled;
    filled += bits;
    if (filled >= 8) {
      packed[out++] = static_cast<std::byte>(window & 0xff);
      window >>= 8;
      filled -= 8;
    }
  }
  if (filled > 0) packed[out] = static_cast<std::byte>(window & 0xff);
}

template <typename T>
void unpack(std::span<const std::byte> packed, unsigned bits, std::span<T> values) {
  const unsigned mask = (1U << bits) - 1;
  // For signed types: (v ^ sign) - sign extends the sign bit.
  const unsigned sign = std::is_signed_v<T> ? 1U << (bits - 1) : 0;
  unsigned window = 0;
  unsigned filled = 0;
  std::size_t in = 0;
  for (T& value : values) {
    if (filled < bits) {
      window |= std::to_integer<unsigned>(packed[in++]) << filled;
      filled += 8;
    }
    value = static_cast<T>(static_cast<int>((window & mask) ^ sign) - static_cast<int>(sign));
    window >>= bits;
    filled -= bits;
  }
}

}  // namespace

std::optional<std::int64_t> checked_product(std::span<const std::int64_t> extents) {
  // A zero extent makes the product zero only if the others are valid, too.
  std::optional<std::int64_t> product = 1;
  bool has_zero = false;
  for (const std::int64_t extent : extents) {
    if (extent < 0) return std::nullopt;
    if (extent == 0) {
      has_zero = true;
    } else if (product) {
      product = checked_mul(*product, extent);
    }
  }
  return has_zero ? 0 : product;
}

std::optional<std::uint64_t> packed_size(std::uint64_t count, unsigned bits) {
  const std::uint64_t whole = count / 8;  // groups of 8 elements take `bits` bytes
  const std::uint64_t rest = (count % 8 * bits + 7) / 8;
  const std::optional<std::uint64_t> bytes = checked_mul<std::uint64_t>(whole, bits);
  if (!bytes) return std::nullopt;
  return checked_add(*bytes, rest);
}

void pack_bits(std::span<const std::uint8_t> values, unsigned bits, std::span<std::byte> packed) {
  pack(values, bits, packed);
}

void pack_bits(std::span<const std::int8_t> values, unsigned bits, std::span<std::byte> packed) {
  pack(values, bits, packed);
}

void unpack_bits(std::span<const std::byte> packed, unsigned bits, std::span<std::uint8_t> values) {
  unpack(packed, bits, values);
}

void unpack_bits(std::span<const std::byte> packed, unsigned bits, std::span<std::int8_t> values) {
  unpack(packed, bits, values);
}

std::uint8_t load_bits(std::span<const std::byte> packed, std::uint64_t index, unsigned bits) {
  // index * bits may not fit 64 bits, the byte position does.
  const std::uint64_t offset = index % 8 * bits;
  const auto byte = static_cast<std::size_t>(index / 8 * bits + offset / 8);
  const auto shift = static_cast<unsigned>(offset % 8);
  unsigned window = std::to_integer<unsigned>(packed[byte]);
  if (shift + bits > 8) window |= std::to_integer<unsigned>(packed[byte + 1]) << 8;
  return static_cast<std::uint8_t>(window >> shift & ((1U << bits) - 1));
}

void store_bits(std::span<std::byte> packed, std::uint64_t index, unsigned bits,
                std::uint8_t value) {
  const std::uint64_t offset = index % 8 * bits;
  const auto byte = static_cast<std::size_t>(index / 8 * bits + offset / 8);
  const auto shift = static_cast<unsigned>(offset % 8);
  const unsigned mask = ((1U << bits) - 1) << shift;
  const unsigned window = static_cast<unsigned>(value) << shift & mask;
  packed[byte] =
      (packed[byte] & static_cast<std::byte>(~mask & 0xff)) | static_cast<std::byte>(window & 0xff);
  if (shift + bits > 8) {
    packed[byte + 1] = (packed[byte + 1] & static_cast<std::byte>(~mask >> 8 & 0xff)) |
                       static_cast<std::byte>(window >> 8);
  }
}

}  // namespace anebench
