// For tests: weight files as the public benchmark programs write them by hand. Apple's engine
// accepts these, so the tolerant reader must, too; the project's own writer writes correct ones.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "anebench/base/bytes.h"

namespace anebench::weights {

// The quantization probe, weight reload and throughput ceiling: one blob, dtype 1 (fp16) whatever
// the payload, the size as a u32, the data offset right.
inline std::vector<std::byte> hand_made_single_blob(std::span<const std::byte> payload) {
  std::vector<std::byte> file(128 + payload.size());
  store_le<std::uint32_t>(file, 0, 1);
  store_le<std::uint32_t>(file, 4, 2);
  store_le<std::uint32_t>(file, 64, 0xDEADBEEF);
  store_le<std::uint32_t>(file, 68, 1);
  store_le<std::uint32_t>(file, 72, static_cast<std::uint32_t>(payload.size()));
  store_le<std::uint32_t>(file, 80, 128);
  std::copy(payload.begin(), payload.end(), file.begin() + 128);
  return file;
}

// The int8 benchmark and the peak (chains): count 1 whatever the number of chunks, dtype 1, a byte
// 0x08 (0x10 for fp16 payloads) at +10, which lands in the size, and the data offset never written.
// Chunks follow each other without gaps where their size is a multiple of 64.
inline std::vector<std::byte> hand_made_chain(std::span<const std::vector<std::byte>> chunks,
                                              std::uint8_t byte_at_10 = 0x08) {
  std::vector<std::byte> file(64);
  store_le<std::uint32_t>(file, 0, 1);
  store_le<std::uint32_t>(file, 4, 2);
  for (const std::vector<std::byte>& chunk : chunks) {
    const std::size_t start = align_up(file.size(), 64);
    file.resize(start + 64);
    store_le<std::uint32_t>(file, start, 0xDEADBEEF);
    store_le<std::uint32_t>(file, start + 4, 1);
    file[start + 10] = std::byte{byte_at_10};
    file.insert(file.end(), chunk.begin(), chunk.end());
  }
  return file;
}

}  // namespace anebench::weights
