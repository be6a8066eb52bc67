// The steps of a segment: moves between row-major tensors and position tiles, elementwise
// arithmetic on tiles, and the 1x1 convolutions.
//
// Each maker returns an immutable, thread-safe operation whose run() allocates nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "anebench/device/cpu/elementwise.h"
#include "anebench/device/cpu/exact_sums.h"
#include "anebench/device/cpu/kernels/conv1x1.h"
#include "anebench/device/cpu/plan.h"

namespace anebench::device::cpu {

// What lies in a tile tensor: fp16, or 8-bit integers.
enum class TileElement : std::uint8_t { f16, s8, u8 };
std::size_t tile_bytes(TileElement element, std::size_t channels);

// Row-major to tiles and back; with fp32 the plain side is fp32 and the tiles are fp16.
std::unique_ptr<TileOperation> make_pack(Isa isa, const kernels::NchwShape& shape,
                                         TileElement element);
std::unique_ptr<TileOperation> make_unpack(Isa isa, const kernels::NchwShape& shape,
                                           TileElement element);
std::unique_ptr<TileOperation> make_pack_from_fp32(const kernels::NchwShape& shape);
std::unique_ptr<TileOperation> make_unpack_to_fp32(const kernels::NchwShape& shape);

// Row-major fp16 to 8-bit tiles.
std::unique_ptr<TileOperation> make_pack_quantized(Isa isa, const kernels::NchwShape& shape,
                                                   const kernels::Quantization& quantization);

// fp16 tiles to 8-bit tiles and back.
std::unique_ptr<TileOperation> make_tile_quantize(Isa isa, std::size_t channels,
                                                  const kernels::Quantization& quantization);
std::unique_ptr<TileOperation> make_tile_dequantize(Isa isa, std::size_t channels,
                                                    const kernels::Quantization& quantization);

// On fp16 tiles.
std::unique_ptr<TileOperation> make_tile_relu(std::size_t channels);
std::unique_ptr<TileOperation> make_tile_binary(BinaryOperation operation, std::size_t channels);

std::unique_ptr<TileOperation> make_convolution(kernels::Conv1x1Int8 convolution);
// `guard` makes the sums exact (exact_sums.h).
std::unique_ptr<TileOperation> make_convolution(kernels::Conv1x1F16 convolution,
                                                std::optional<ExactSums> guard);

}  // namespace anebench::device::cpu
