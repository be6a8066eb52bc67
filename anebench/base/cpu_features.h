// What this processor can do, and which instruction set the kernels are to use.
//
// An Isa is a bundle of instruction-set extensions for which kernels exist:
//
//   portable     plain C++, every processor
//   avx2         AVX2, FMA and F16C
//   avx512       avx2 and AVX-512 F, BW, DQ, VL
//   avx512vnni   avx512 and AVX-512 VNNI (int8 dot products)
//   neon         Advanced SIMD: every 64-bit Arm processor
//   neondot      neon and the dot-product instructions (SDOT, UDOT)
//
// An Isa is available when both the processor and the operating system (saved register state)
// support all of it. All functions are thread-safe.
//
//   ANEBENCH_ASSIGN(isa, selected_isa(), "choosing the kernels");
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"

namespace anebench {

enum class Isa : std::uint8_t { portable, avx2, avx512, avx512vnni, neon, neondot };

inline constexpr Isa kAllIsas[] = {Isa::portable,   Isa::avx2, Isa::avx512,
                                   Isa::avx512vnni, Isa::neon, Isa::neondot};

// The enumerator's name, as in ANEBENCH_ISA and in records.
std::string_view to_string(Isa isa);
// The reverse; nothing for an unknown name. Names are lower case.
std::optional<Isa> parse_isa(std::string_view name);

bool isa_available(Isa isa);
// From `portable` up to the best.
std::vector<Isa> available_isas();
// The last of available_isas().
Isa best_isa();
// The one named by the environment variable ANEBENCH_ISA, or the best where it is unset or empty.
// invalid_argument if the name is unknown, unavailable if this machine lacks it; both errors list
// the available ones. The variable is read at every call.
Result<Isa> selected_isa();

// As the processor calls itself, e.g. "Apple M1" or "Intel(R) Xeon(R) Platinum 8259CL CPU @
// 2.50GHz"; on Arm Linux, which has no such text, the implementer and part, e.g. "Arm Neoverse-N1"
// or "Arm 64 (implementer 0x41, part 0xd0c)". Never empty.
std::string cpu_model_name();

// Logical processors that this process may use (its affinity mask), at least 1.
int hardware_threads();

}  // namespace anebench
