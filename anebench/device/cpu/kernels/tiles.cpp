#include "anebench/device/cpu/kernels/tiles.h"

#include "anebench/device/cpu/kernels/tile_functions.h"

namespace anebench::kernels {
namespace {

const TileFunctions& functions_of(Isa isa) {
  switch (isa) {
#if defined(__x86_64__)
    case Isa::avx2: return kAvx2Tiles;
    case Isa::avx512:
    case Isa::avx512vnni: return kAvx512Tiles;
#endif
#if defined(__aarch64__)
    case Isa::neon:
    case Isa::neondot: return kNeonTiles;
#endif
    default: return kPortableTiles;
  }
}

TileJob job_of(const NchwShape& shape, TileRange range, const Quantization& quantization = {}) {
  return {.images = shape.images,
          .channels = shape.channels,
          .plane = shape.plane,
          .first = range.first,
          .count = range.count,
          .scale = quantization.scale,
          .zero_point = quantization.zero_point,
          .is_signed = quantization.is_signed};
}

}  // namespace

void f16_tiles_from_nchw(Isa isa, const NchwShape& shape, const std::uint16_t* nchw,
                         std::uint16_t* tiles, TileRange range) {
  functions_of(isa).f16_from_nchw(job_of(shape, range), nchw, tiles);
}

void nchw_from_f16_tiles(Isa isa, const NchwShape& shape, const std::uint16_t* tiles,
                         std::uint16_t* nchw, TileRange range) {
  functions_of(isa).nchw_from_f16(job_of(shape, range), tiles, nchw);
}

void u8_tiles_from_nchw(Isa isa, const NchwShape& shape, const void* nchw, bool is_signed,
                        std::uint8_t* tiles, TileRange range) {
  functions_of(isa).u8_from_nchw(job_of(shape, range, {.is_signed = is_signed}), nchw, tiles);
}

void nchw_from_u8_tiles(Isa isa, const NchwShape& shape, const std::uint8_t* tiles, bool is_signed,
                        void* nchw, TileRange range) {
  functions_of(isa).nchw_from_u8(job_of(shape, range, {.is_signed = is_signed}), tiles, nchw);
}

void quantized_tiles_from_nchw(Isa isa, const NchwShape& shape, const std::uint16_t* nchw,
                               const Quantization& quantization, std::uint8_t* tiles,
                               TileRange range) {
  functions_of(isa).quantized_from_nchw(job_of(shape, range, quantization), nchw, tiles);
}

void nchw_from_quantized_tiles(Isa isa, const NchwShape& shape, const std::uint8_t* tiles,
                               const Quantization& quantization, std::uint16_t* nchw,
                               TileRange range) {
  functions_of(isa).nchw_from_quantized(job_of(shape, range, quantization), tiles, nchw);
}

}  // namespace anebench::kernels
