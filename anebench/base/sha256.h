// SHA-256 (FIPS 180-4).
//
//   std::string id = sha256_hex(text);
//
// Sha256 is a value: copyable, thread-compatible.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace anebench {

class Sha256 {
 public:
  using Digest = std::array<std::uint8_t, 32>;

  Sha256();
  Sha256& update(std::span<const std::byte> bytes);
  Sha256& update(std::string_view text);
  // The digest of everything so far; more may follow.
  Digest digest() const;
  // The digest as 64 lower-case hexadecimal digits.
  std::string hex() const;

 private:
  void compress(const std::byte* block);

  std::array<std::uint32_t, 8> state_;
  std::array<std::byte, 64> pending_;
  std::uint64_t length_ = 0;  // bytes
};

std::string sha256_hex(std::span<const std::byte> bytes);
std::string sha256_hex(std::string_view text);

}  // namespace anebench
