// The loops around a kernel's innermost tile. For kernel files only: internal linkage.
//
// Order: a group of panels whose weights fit the second-level cache, all tiles, the group's panels.
// So a tile of activations stays in the first-level cache while panels stream past it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "anebench/device/cpu/kernels/epilogue.h"
#include "anebench/device/cpu/kernels/params.h"

namespace anebench::kernels {
namespace {

// Calls body(tile, valid positions in it, panel).
template <typename Body>
void for_each_tile_and_panel(std::size_t positions, std::size_t first_panel,
                             std::size_t panel_count, std::size_t panel_bytes, const Body& body) {
  std::size_t group = kWeightGroupBytes / panel_bytes;
  group = group == 0 ? 1 : group;
  const std::size_t last_panel = first_panel + panel_count;
  for (std::size_t begin = first_panel; begin < last_panel; begin += group) {
    const std::size_t end = last_panel - begin < group ? last_panel : begin + group;
    for (std::size_t tile = 0; tile * kLanes < positions; ++tile) {
      const std::size_t left = positions - tile * kLanes;
      const std::size_t valid = left < kLanes ? left : kLanes;
      for (std::size_t panel = begin; panel < end; ++panel) body(tile, valid, panel);
    }
  }
}

// The packed width of a panel starting at channel `first`.
inline std::size_t width_of_panel(std::size_t out_channels, std::size_t first,
                                  std::size_t panel_channels, std::size_t width_step) {
  const std::size_t left = out_channels - first;
  const std::size_t used = left < panel_channels ? left : panel_channels;
  return (used + width_step - 1) / width_step * width_step;
}

// The exact epilogue of `width` channels from `channel` on; acc is [width][kLanes] and out the
// tile. Right for layers that would allow the power-of-two epilogue too (their bias is in acc
// already). Kept out of line: it is the slow path, and its loops must not weigh on the fast one's
// registers.
[[maybe_unused, gnu::noinline]] void exact_epilogue(const Int8Params& params,
                                                    const std::int32_t* acc, std::size_t channel,
                                                    std::size_t width, void* out_tile) {
  const Requantization to =
      requantization(params.out_scale, params.out_zero_point, params.out_is_signed);
  const bool quantized = params.epilogue == Int8Epilogue::exact_quantized ||
                         params.epilogue == Int8Epilogue::power_of_two_quantized;
  double y[kLanes];
  for (std::size_t m = 0; m < width; ++m, ++channel) {
    exact_outputs(acc + m * kLanes,
                  {.scale = params.scale[channel],
                   .bias = params.bias[channel],
                   .has_bias = params.has_bias,
                   .relu = params.relu},
                  y);
    if (quantized) {
      store_quantized(
          y, to, static_cast<std::uint8_t*>(out_tile) + channel / 4 * (4 * kLanes) + channel % 4);
    } else if (channel < params.out_channels) {
      store_halves(y, static_cast<std::uint16_t*>(out_tile) + channel * kLanes);
    }
  }
}

// One fp16 output row from sums in double (more than kF16SumBlock input channels).
[[maybe_unused, gnu::noinline]] void finish_f16_row(const double* sums, double bias, bool has_bias,
                                                    bool relu, std::uint16_t* out) {
  double y[kLanes];
  for (std::size_t p = 0; p < kLanes; ++p) {
    const double sum = has_bias ? sum_to_odd(sums[p], bias) : sums[p];
    y[p] = rounded_to_half(sum);
  }
  if (relu) {
    for (std::size_t p = 0; p < kLanes; ++p) y[p] = y[p] < 0 ? 0.0 : y[p];
  }
  store_halves(y, out);
}

}  // namespace
}  // namespace anebench::kernels
