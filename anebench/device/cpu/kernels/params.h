// What a kernel sees of a packed layer: plain numbers and pointers, owned by the layer (kernel.h).
//
// Files compiled for one instruction set include this header, epilogue.h and the intrinsics, and
// nothing with inline functions: such a function, compiled here with wider instructions, could be
// the copy that the linker keeps for the whole program.
//
// Packed weights: panels follow one another, panel_bytes apart; a panel of `width` channels (the
// last one may be narrower, its width rounded up to a multiple of the kernel's step, with zero
// weights) holds
//   bytes:  int8  [in_groups][width][4]      input channels 4g..4g+3
//   words:  int16 [in_groups][2][width][2]   first (4g, 4g+2), then (4g+1, 4g+3)
//   f32:    float [in_channels][width]
#pragma once

#include <cstddef>
#include <cstdint>

namespace anebench::kernels {

// signed_bytes: as bytes, for kernels that flip the top bit of the tile's bytes and so sum the
// products of value - 128.
enum class WeightForm { bytes, signed_bytes, words };

enum class Int8Epilogue {
  // S and s powers of two: exact in float, see epilogue.h.
  power_of_two_quantized,
  power_of_two_f16,
  // Anything else: in double, rounded to odd where a sum is inexact.
  exact_quantized,
  exact_f16,
};

// Arrays "per channel" are padded to whole panels.
struct Int8Params {
  std::size_t out_channels;
  std::size_t in_groups;  // of 4 input channels
  std::size_t panel_bytes;
  std::size_t in_tile_bytes;
  std::size_t out_tile_bytes;
  const std::uint8_t* weights;
  const std::int32_t* initial;    // per channel: where acc starts
  const float* factor;            // per channel: S / s, or S for f16 output; powers of two only
  const std::int32_t* acc_limit;  // per channel: acc is clamped to +-this; powers of two only
  const double* scale;            // per channel: S
  const double* bias;             // per channel; exact epilogues only
  Int8Epilogue epilogue;
  bool has_bias;
  // acc * S + b is always exact in double, and s is an fp16 number: what vector versions of the
  // exact epilogues may rely on. epilogue.h does without.
  bool is_simple;
  bool clamps;
  bool relu;
  bool out_is_signed;
  std::int32_t out_zero_point;
  float out_scale;
};

struct F16Params {
  std::size_t in_channels;
  std::size_t out_channels;
  std::size_t panel_bytes;
  std::size_t in_tile_bytes;
  std::size_t out_tile_bytes;
  const float* weights;
  const float* bias;  // per channel
  bool has_bias;
  bool relu;
};

// Computes panels [first_panel, first_panel + panel_count) of all tiles.
using Int8Run = void (*)(const Int8Params& params, const std::uint8_t* in, void* out,
                         std::size_t positions, std::size_t first_panel, std::size_t panel_count);
using F16Run = void (*)(const F16Params& params, const std::uint16_t* in, std::uint16_t* out,
                        std::size_t positions, std::size_t first_panel, std::size_t panel_count);

// Input channels that fp16 kernels sum in float before a block is added in double.
inline constexpr std::size_t kF16SumBlock = 1024;

// The share of a layer's weights that a kernel takes through all tiles of a call before the next
// share: small enough for the second-level cache beside a block of activations.
inline constexpr std::size_t kWeightGroupBytes = 256 * 1024;

}  // namespace anebench::kernels
