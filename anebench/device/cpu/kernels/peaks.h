// What this processor's arithmetic units can do at best: register-only loops per instruction set.
//
// A device measures its own peak by timing these on all its threads at once (ops / second, a
// multiply-accumulate counting as two operations), and quotes kernels as a share of it.
//
// Each function runs about `iterations` passes over its independent accumulators and returns the
// operations executed; nothing touches memory, so the result depends on the clock and the units
// alone. Pure but for time; thread-safe; no allocation.
//
//   const PeakLoops& loops = *peak_loops(isa);
//   double ops = loops.fma_f32(100'000);   // time this
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "anebench/base/cpu_features.h"

namespace anebench::kernels {

struct PeakLoops {
  Isa isa;
  std::string_view fma_instruction;   // e.g. "vfmadd231ps zmm"
  std::string_view int8_instruction;  // e.g. "vpdpbusd zmm"
  double (*fma_f32)(std::uint64_t iterations);
  // The widest 8-bit dot product, or the best exact integer multiply-accumulate there is.
  double (*int8_dot)(std::uint64_t iterations);
};

// Null if this build holds no code for `isa`. Calling the loops needs isa_available(isa).
const PeakLoops* peak_loops(Isa isa);

// A kernel-shaped loop over data that stays in the first-level cache, about 20 microseconds long on
// a 3 GHz AVX-512 core. Timed between blocks of a benchmark, it slows down with a busy sibling
// hardware thread while the register-only loops barely move: blocks in which it falls below 93 % of
// its best are suspect. Returns operations executed.
double run_canary(Isa isa);

}  // namespace anebench::kernels
