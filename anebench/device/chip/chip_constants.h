// What is known of Apple's chips, as data: data/chips.json, compiled in. Each constant has its
// value, its kind and its source; chips of one generation (family) share most of them.
//
//   const ChipTable& table = chip_table();
//   const Chip* m5 = table.find("m5");
//   fmt::print("{} µs ({})\n", m5->call_floor.value, to_string(m5->call_floor.kind));
//
// Units are those of the file and stand in the names: GHz, TOPS (10^12 operations a second, a
// multiply-add counted as two), GB/s (10^9), µs. cost_model.h turns them into SI. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"

namespace anebench::device {

enum class ConstantKind : std::uint8_t {
  published,  // as its source has it
  derived,    // fitted to published measurements (`anebench chips fit`)
  assumed,    // nothing was measured; the source says what it was taken from
};
std::string_view to_string(ConstantKind kind);

struct ChipConstant {
  double value = 0;
  ConstantKind kind = ConstantKind::assumed;
  std::string source;
};

// Chips whose engines differ in nothing but what memory and system they sit in.
struct ChipFamily {
  std::string name;     // "h16"; "a18pro" for the one phone's engine that was measured
  std::string subtype;  // as the engine calls itself: "h16"
  // From the vendor's rating, or 16 cores × 256 MAC × 2 × clock: what is known before any program
  // was measured.
  ChipConstant nominal_tops;
  // fp16 arithmetic of dense convolutions.
  ChipConstant fp16_tops;
  // By how much int8 by int8 is faster than that; 1 where it is computed in fp16.
  ChipConstant int8_factor;
  // On-chip, read and written together.
  ChipConstant activation_gbs;
  // Share of the rate that 1×1 convolutions reach in one row of positions (height 1).
  ChipConstant flat_factor;
  // The same of convolutions with larger kernels; above 1 where fewer products are computed than
  // counted.
  ChipConstant kernel_factor;
  // Weights of layers that are small enough to be fetched ahead (ChipTable::small_weights_mib).
  ChipConstant small_weight_gbs;
  // Weights stored in fewer bits stream no faster than this many; 16: compression saves nothing.
  ChipConstant least_weight_bits;
  // The share of the weight bandwidth that is left where input and output channels are both
  // multiples of 4096.
  ChipConstant aligned_factor;
  // Largest spatial dimension, and largest contraction of a matrix product.
  std::int64_t most_spatial = 0;
};

struct Chip {
  std::string name;    // "m5pro": the device is "chip:m5pro"
  std::string title;   // "M5 Pro"
  std::string family;  // "h17"
  int engines = 1;     // a program uses one
  // Of one call, on the private path.
  ChipConstant call_floor_us;
  // From memory.
  ChipConstant weight_gbs;
  // What is known besides, as sentences.
  std::vector<std::string> remarks;
};

struct ChipTable {
  // Transfer of inputs and outputs.
  ChipConstant io_gbs;
  // What calls through Core ML, and through Core AI, take beyond the private path.
  ChipConstant core_ml_us;
  ChipConstant core_ai_us;
  ChipConstant small_weights_mib;
  std::vector<ChipFamily> families;
  std::vector<Chip> chips;

  // Null where unknown.
  const Chip* find(std::string_view name) const;
  // Precondition: the chip is of this table.
  const ChipFamily& family_of(const Chip& chip) const;
};

// The compiled-in table. Its text is checked by a test.
const ChipTable& chip_table();

// Errors name the chip or family and the key: an absent constant, a value that is not positive, an
// unknown kind, a constant without a source, a chip of no family.
Result<ChipTable> parse_chip_table(std::string_view json);

}  // namespace anebench::device
