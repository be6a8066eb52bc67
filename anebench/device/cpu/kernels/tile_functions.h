// The layout conversions of tiles.h as one instruction set's kernel file provides them: plain
// numbers and pointers only, for the reason given in params.h.
#pragma once

#include <cstddef>
#include <cstdint>

namespace anebench::kernels {

struct TileJob {
  std::size_t images;
  std::size_t channels;
  std::size_t plane;
  std::size_t first;  // tile
  std::size_t count;  // of tiles
  float scale;
  std::int32_t zero_point;
  bool is_signed;
};

struct TileFunctions {
  using Function = void (*)(const TileJob& job, const void* from, void* to);
  Function f16_from_nchw;
  Function nchw_from_f16;
  Function u8_from_nchw;
  Function nchw_from_u8;
  Function quantized_from_nchw;
  Function nchw_from_quantized;
};

extern const TileFunctions kPortableTiles;
#if defined(__x86_64__)
extern const TileFunctions kAvx2Tiles;
extern const TileFunctions kAvx512Tiles;
#endif
#if defined(__aarch64__)
extern const TileFunctions kNeonTiles;
#endif

}  // namespace anebench::kernels
