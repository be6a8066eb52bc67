// Checks a chain's outputs on a device against the reference before any of its times count.
//
// Two parts, because the reference is slow and deep fp16 chains drift apart by rounding order
// alone: 64 positions of the full-size output through all layers (1x1 chains compute each position
// on its own), and the whole output of the chain's first layers. What is demanded:
//   * bit-exact executables: every compared value equal;
//   * devices that round every op (DeviceInfo::rounds_every_op), fp16: each op of the first layers,
//     fed the reference's inputs, within ulp16(reference) + K·2^-24·Σ|w·x|; the full chain at least
//     40 dB and no infinity or NaN that the reference lacks;
//   * other devices: 45 dB (fp16) and 30 dB (W8A8) over the first layers, 30 and 13 dB in full.
// Chains with compressed weights are fp16 chains here: their convolutions compute in fp16.
// Source: the measurement specification, "checking results".
#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <string>

#include "anebench/base/result.h"
#include "anebench/device/device.h"
#include "anebench/device/loaded_program.h"
#include "anebench/experiments/output_check.h"
#include "anebench/programs/benchmark_program.h"
#include "anebench/record/record.h"

namespace anebench::experiments {

class ChainChecker {
 public:
  static constexpr double kUnlimited = std::numeric_limits<double>::infinity();

  // Both devices must outlive it. `whole_operations` bounds what the whole output of the first
  // layers may cost: above it, fewer positions are computed (each stands alone) and said.
  ChainChecker(device::Device& device, device::Device& reference, device::CompileOptions options,
               double whole_operations = kUnlimited);

  // Evaluates `loaded` (the full-size chain, its inputs set) on poisoned outputs and judges them.
  // `benchmark` is the chain that it was loaded from. An Error means that the check could not be
  // made; a wrong output is a record::Check with result "failed".
  Result<record::Check> check(const programs::BenchmarkProgram& benchmark,
                              device::LoadedProgram& loaded);

 private:
  Result<OutputCheck> check_positions(const programs::BenchmarkProgram& benchmark,
                                      device::LoadedProgram& loaded);
  Result<OutputCheck> check_first_layers(const programs::ProgramSpec& spec, bool needs_bits);

  device::Device& device_;
  device::Device& reference_;
  device::CompileOptions options_;
  double whole_operations_;
  // Results for the first layers by program: configurations that differ in depth share them.
  std::map<std::string, OutputCheck> first_layers_;
};

// Positions of the output that are compared: the first and last, both sides of tile borders, and
// seeded random ones; at most `count`, ascending, all if there are not more.
std::vector<std::size_t> checked_positions(std::size_t positions, std::size_t count,
                                           std::uint64_t seed);

}  // namespace anebench::experiments
