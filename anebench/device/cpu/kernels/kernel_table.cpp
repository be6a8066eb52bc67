#include <algorithm>

#include "anebench/device/cpu/kernels/kernel.h"

namespace anebench::kernels {

#define ANEBENCH_INT8_KERNEL(name, isa, panel_channels, weight_form)           \
  void run_##name(const Int8Params& params, const std::uint8_t* in, void* out, \
                  std::size_t positions, std::size_t first_panel, std::size_t panel_count);
#define ANEBENCH_F16_KERNEL(name, isa, panel_channels, width_step)                      \
  void run_##name(const F16Params& params, const std::uint16_t* in, std::uint16_t* out, \
                  std::size_t positions, std::size_t first_panel, std::size_t panel_count);
#include "anebench/device/cpu/kernels/kernel_table.inc"
#undef ANEBENCH_INT8_KERNEL
#undef ANEBENCH_F16_KERNEL

namespace {

constexpr Int8Kernel kInt8Kernels[] = {
#define ANEBENCH_INT8_KERNEL(name, isa, panel_channels, weight_form) \
  {#name, Isa::isa, panel_channels, WeightForm::weight_form, &run_##name},
#define ANEBENCH_F16_KERNEL(name, isa, panel_channels, width_step)
#include "anebench/device/cpu/kernels/kernel_table.inc"
#undef ANEBENCH_INT8_KERNEL
#undef ANEBENCH_F16_KERNEL
};

constexpr F16Kernel kF16Kernels[] = {
#define ANEBENCH_INT8_KERNEL(name, isa, panel_channels, weight_form)
#define ANEBENCH_F16_KERNEL(name, isa, panel_channels, width_step) \
  {#name, Isa::isa, panel_channels, width_step, &run_##name},
#include "anebench/device/cpu/kernels/kernel_table.inc"
#undef ANEBENCH_INT8_KERNEL
#undef ANEBENCH_F16_KERNEL
};

}  // namespace

std::span<const Int8Kernel> int8_kernels() { return kInt8Kernels; }
std::span<const F16Kernel> f16_kernels() { return kF16Kernels; }

bool runs_on(Isa needed, Isa isa) {
  switch (needed) {
    case Isa::portable: return true;
    case Isa::avx2: return isa == Isa::avx2 || isa == Isa::avx512 || isa == Isa::avx512vnni;
    case Isa::avx512: return isa == Isa::avx512 || isa == Isa::avx512vnni;
    case Isa::neon: return isa == Isa::neon || isa == Isa::neondot;
    case Isa::avx512vnni:
    case Isa::neondot: break;
  }
  return needed == isa;
}

std::size_t preferred_positions_block(std::size_t widest_channels, std::size_t element_bytes) {
  // Input and output block together in half of a 1 MiB second-level cache (Skylake-SP to Zen 5, and
  // no less on Apple's performance cores); the other half is for the group of weights in use. At
  // least 4 tiles, so that a weight is used often enough per load from the third level.
  constexpr std::size_t kBlockBytes = 512 * 1024;
  const std::size_t per_position = 2 * std::max<std::size_t>(widest_channels, 1) * element_bytes;
  const std::size_t tiles = kBlockBytes / per_position / kTilePositions;
  return std::clamp<std::size_t>(tiles, 4, 32) * kTilePositions;
}

}  // namespace anebench::kernels
