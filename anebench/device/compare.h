// How far a tensor is from the reference's: what every output is judged by before its time counts.
//
//   Comparison c = compare(type, expected, actual);
//   if (!c.bit_identical) fmt::print("SNR {:.1f} dB\n", c.snr_db);
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "anebench/mil/type.h"

namespace anebench::device {

struct Comparison {
  std::int64_t compared_values = 0;
  // Values that differ: any NaN equals any NaN, but +0 and −0 differ.
  std::int64_t mismatches = 0;
  std::int64_t first_mismatch = -1;
  bool bit_identical = true;
  // Over the values that are finite in both.
  double max_absolute_error = 0;
  double max_relative_error = 0;
  // 10·log10(Σ expected² / Σ error²); infinite without error, −infinite where the expected values
  // are all zero.
  double snr_db = 0;
  // Of the angle between the two as vectors; 1 where both are all zeros, 0 where only one is.
  double cosine = 1;
  // Infinite or NaN in one and not (or otherwise) in the other.
  std::int64_t special_mismatches = 0;
  // Different values among the actual ones.
  std::int64_t distinct_values = 0;
};

// Preconditions: a numeric tensor type with known dimensions; both spans hold its bytes.
Comparison compare(const mil::Type& type, std::span<const std::byte> expected,
                   std::span<const std::byte> actual);
// The same for tensors of different element types and equal element counts.
Comparison compare(const mil::Type& expected_type, std::span<const std::byte> expected,
                   mil::DataType actual_type, std::span<const std::byte> actual);

}  // namespace anebench::device
