// 1x1-convolution kernels in plain C++: for processors without a kernel file of their own, and the
// simplest statement of what the others compute.
#include "anebench/device/cpu/kernels/driver.h"
#include "anebench/device/cpu/kernels/tile_loops.h"

namespace anebench::kernels {
namespace {

constexpr std::size_t kWidth = 4;  // output channels of a panel

// acc[m][p] += sum of the products of one panel; 16-bit products are exact: 255 * -128 fits.
void accumulate(const std::uint8_t* in_tile, const std::int8_t* weights, std::size_t groups,
                std::int32_t* acc) {
  for (std::size_t g = 0; g < groups; ++g) {
    std::int16_t x[4][kLanes];
    const std::uint8_t* in = in_tile + g * 4 * kLanes;
    for (std::size_t p = 0; p < kLanes; ++p) {
      for (std::size_t i = 0; i < 4; ++i) x[i][p] = in[4 * p + i];
    }
    const std::int8_t* w = weights + g * 4 * kWidth;
    for (std::size_t m = 0; m < kWidth; ++m) {
      for (std::size_t i = 0; i < 4; ++i) {
        const std::int16_t weight = w[4 * m + i];
        for (std::size_t p = 0; p < kLanes; ++p) {
          const auto product = static_cast<std::int16_t>(x[i][p] * weight);
          // Modulo 2^32 on the way; the final sum fits.
          acc[m * kLanes + p] = static_cast<std::int32_t>(
              static_cast<std::uint32_t>(acc[m * kLanes + p]) +
              static_cast<std::uint32_t>(static_cast<std::int32_t>(product)));
        }
      }
    }
  }
}

struct PortableHalves {
  // Exactly, without branches: the exponent is moved up by a multiplication, which gets subnormals
  // right too.
  static void widen(const std::uint16_t* in, float* out) {
    for (std::size_t p = 0; p < kLanes; ++p) {
      const std::uint32_t magnitude = static_cast<std::uint32_t>(in[p] & 0x7fffU) << 13;
      const std::uint32_t sign = static_cast<std::uint32_t>(in[p] & 0x8000U) << 16;
      const std::uint32_t finite = bits_of(float_of(magnitude) * 0x1p112F);
      const std::uint32_t bits = magnitude >= (0x7c00U << 13) ? magnitude | 0x7f800000U : finite;
      out[p] = float_of(bits | sign);
    }
  }

  static void narrow(const float* in, std::uint16_t* out) {
    double values[kLanes];
    for (std::size_t p = 0; p < kLanes; ++p)
      values[p] = rounded_to_half(static_cast<double>(in[p]));
    store_halves(values, out);
  }
};

}  // namespace

void run_int8_portable(const Int8Params& params, const std::uint8_t* in, void* out,
                       std::size_t positions, std::size_t first_panel, std::size_t panel_count) {
  for_each_tile_and_panel(positions, first_panel, panel_count, params.panel_bytes,
                          [&](std::size_t tile, std::size_t, std::size_t panel) {
                            std::int32_t acc[kWidth * kLanes];
                            const std::size_t channel = panel * kWidth;
                            for (std::size_t m = 0; m < kWidth; ++m) {
                              for (std::size_t p = 0; p < kLanes; ++p)
                                acc[m * kLanes + p] = params.initial[channel + m];
                            }
                            accumulate(in + tile * params.in_tile_bytes,
                                       reinterpret_cast<const std::int8_t*>(params.weights) +
                                           panel * params.panel_bytes,
                                       params.in_groups, acc);
                            void* const out_tile =
                                static_cast<std::uint8_t*>(out) + tile * params.out_tile_bytes;
                            exact_epilogue(params, acc, channel, kWidth, out_tile);
                          });
}

void run_f16_portable(const F16Params& params, const std::uint16_t* in, std::uint16_t* out,
                      std::size_t positions, std::size_t first_panel, std::size_t panel_count) {
  for_each_tile_and_panel(
      positions, first_panel, panel_count, params.panel_bytes,
      [&](std::size_t tile, std::size_t, std::size_t panel) {
        const std::uint16_t* x = in + tile * (params.in_tile_bytes / 2);
        const float* w = params.weights + panel * (params.panel_bytes / sizeof(float));
        double sums[kWidth][kLanes] = {};
        for (std::size_t begin = 0; begin < params.in_channels; begin += kF16SumBlock) {
          const std::size_t left = params.in_channels - begin;
          const std::size_t end = begin + (left < kF16SumBlock ? left : kF16SumBlock);
          float block[kWidth][kLanes] = {};
          for (std::size_t k = begin; k < end; ++k) {
            float values[kLanes];
            PortableHalves::widen(x + k * kLanes, values);
            for (std::size_t m = 0; m < kWidth; ++m) {
              for (std::size_t p = 0; p < kLanes; ++p) {
                block[m][p] += values[p] * w[k * kWidth + m];
              }
            }
          }
          for (std::size_t m = 0; m < kWidth; ++m) {
            for (std::size_t p = 0; p < kLanes; ++p) sums[m][p] += static_cast<double>(block[m][p]);
          }
        }
        for (std::size_t m = 0; m < kWidth; ++m) {
          const std::size_t channel = panel * kWidth + m;
          if (channel >= params.out_channels) break;
          finish_f16_row(sums[m], static_cast<double>(params.bias[channel]), params.has_bias,
                         params.relu, out + tile * (params.out_tile_bytes / 2) + channel * kLanes);
        }
      });
}

ANEBENCH_DEFINE_TILE_FUNCTIONS(kPortableTiles, PortableHalves);

}  // namespace anebench::kernels
