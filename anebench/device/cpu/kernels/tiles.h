// Position tiles: how activations lie in memory between the kernels of a 1x1-convolution chain.
//
// A tensor [N, C, H, W] is seen as P = N*H*W positions of C channels: position p is pixel p % (H*W)
// of image p / (H*W), so the images follow one another and a tile may hold the end of one and the
// start of the next. Positions are cut into tiles of kTilePositions; tile t holds positions
// [32t, 32t + 32) of every channel, contiguously:
//
//   u8 tile:   byte of (p, c) at  t * u8_tile_bytes(C)  + ((c / 4) * 32 + p % 32) * 4 + c % 4
//   f16 tile:  half of (p, c) at  t * f16_tile_bytes(C) + (c * 32 + p % 32) * 2
//
// A u8 tile holds an int8 tensor as value + 128 and a uint8 tensor as is; its channels are padded
// to a multiple of 4. Padding (channels, and positions past P in the last tile) may hold anything:
// it never reaches a real output. The functions here write padding with fixed values, so that equal
// inputs give equal tiles. Tile arrays are aligned to kTileAlignment bytes; the layout is the same
// on every instruction set.
//
// All functions are pure and thread-safe, allocate nothing, and may be called concurrently on
// disjoint tiles. Sizes are in bytes; nothing here checks for overflow: the caller has bounded
// channels and positions (their product times 4 must fit in std::size_t).
//
//   const NchwShape shape{.images = 1, .channels = 512, .plane = 64 * 64};
//   f16_tiles_from_nchw(isa, shape, input, tiles, {.first = 0, .count = tile_count(4096)});
#pragma once

#include <cstddef>
#include <cstdint>

#include "anebench/base/cpu_features.h"

namespace anebench::kernels {

inline constexpr std::size_t kTilePositions = 32;
inline constexpr std::size_t kChannelGroup = 4;
inline constexpr std::size_t kTileAlignment = 64;

constexpr std::size_t tile_count(std::size_t positions) {
  return (positions + kTilePositions - 1) / kTilePositions;
}
constexpr std::size_t channel_groups(std::size_t channels) {
  return (channels + kChannelGroup - 1) / kChannelGroup;
}
constexpr std::size_t u8_tile_bytes(std::size_t channels) {
  return channel_groups(channels) * kChannelGroup * kTilePositions;
}
constexpr std::size_t f16_tile_bytes(std::size_t channels) {
  return channels * kTilePositions * sizeof(std::uint16_t);
}

struct NchwShape {
  std::size_t images = 1;
  std::size_t channels = 0;
  std::size_t plane = 0;  // H * W

  constexpr std::size_t positions() const { return images * plane; }
};

// Tiles [first, first + count) of a tensor. Tile pointers below point at tile `first` itself (so a
// small block buffer serves); NCHW pointers point at the tensor's first element.
struct TileRange {
  std::size_t first = 0;
  std::size_t count = 0;
};

// Parameters of a MIL quantize or dequantize between fp16 and 8 bits, one scale a tensor.
struct Quantization {
  float scale = 1.0F;           // an fp16 number
  std::int32_t zero_point = 0;  // in the range of the 8-bit type
  bool is_signed = true;        // int8 (stored + 128) or uint8 (as is)
};

// Plain moves.
void f16_tiles_from_nchw(Isa isa, const NchwShape& shape, const std::uint16_t* nchw,
                         std::uint16_t* tiles, TileRange range);
void nchw_from_f16_tiles(Isa isa, const NchwShape& shape, const std::uint16_t* tiles,
                         std::uint16_t* nchw, TileRange range);
// 8-bit tensors; is_signed says whether `nchw` holds int8 (then 128 is added or taken away).
void u8_tiles_from_nchw(Isa isa, const NchwShape& shape, const void* nchw, bool is_signed,
                        std::uint8_t* tiles, TileRange range);
void nchw_from_u8_tiles(Isa isa, const NchwShape& shape, const std::uint8_t* tiles, bool is_signed,
                        void* nchw, TileRange range);

// q = saturate(rne(fp16(x / scale)) + zero_point); NaN becomes 0.
void quantized_tiles_from_nchw(Isa isa, const NchwShape& shape, const std::uint16_t* nchw,
                               const Quantization& quantization, std::uint8_t* tiles,
                               TileRange range);
// x = fp16(scale * (q - zero_point)), one rounding.
void nchw_from_quantized_tiles(Isa isa, const NchwShape& shape, const std::uint8_t* tiles,
                               const Quantization& quantization, std::uint16_t* nchw,
                               TileRange range);

}  // namespace anebench::kernels
