#include "anebench/device/cpu/tile_operations.h"

#include <algorithm>
#include <utility>

namespace anebench::device::cpu {
namespace {

using kernels::kTilePositions;
using kernels::NchwShape;
using kernels::Quantization;

const std::uint16_t* halves(const std::byte* bytes) {
  return reinterpret_cast<const std::uint16_t*>(bytes);
}
std::uint16_t* halves(std::byte* bytes) { return reinterpret_cast<std::uint16_t*>(bytes); }
const std::uint8_t* octets(const std::byte* bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes);
}
std::uint8_t* octets(std::byte* bytes) { return reinterpret_cast<std::uint8_t*>(bytes); }

// fp16 tiles are themselves a row-major tensor of images of kTilePositions pixels: the moves
// between a row-major tensor and 8-bit tiles also serve between the two kinds of tiles.
NchwShape tiles_as_nchw(std::size_t tiles, std::size_t channels) {
  return {.images = tiles, .channels = channels, .plane = kTilePositions};
}

class Pack final : public TileOperation {
 public:
  Pack(Isa isa, const NchwShape& shape, TileElement element)
      : isa_(isa), shape_(shape), element_(element) {}

  void run(const TileWork& work, const std::byte* const* inputs, std::byte* output) const override {
    if (element_ == TileElement::f16) {
      kernels::f16_tiles_from_nchw(isa_, shape_, halves(inputs[0]), halves(output), work.tiles);
    } else {
      kernels::u8_tiles_from_nchw(isa_, shape_, inputs[0], element_ == TileElement::s8,
                                  octets(output), work.tiles);
    }
  }

 private:
  Isa isa_;
  NchwShape shape_;
  TileElement element_;
};

class Unpack final : public TileOperation {
 public:
  Unpack(Isa isa, const NchwShape& shape, TileElement element)
      : isa_(isa), shape_(shape), element_(element) {}

  void run(const TileWork& work, const std::byte* const* inputs, std::byte* output) const override {
    if (element_ == TileElement::f16) {
      kernels::nchw_from_f16_tiles(isa_, shape_, halves(inputs[0]), halves(output), work.tiles);
    } else {
      kernels::nchw_from_u8_tiles(isa_, shape_, octets(inputs[0]), element_ == TileElement::s8,
                                  output, work.tiles);
    }
  }

 private:
  Isa isa_;
  NchwShape shape_;
  TileElement element_;
};

// Calls body(index into the tensor, index into the tiles, length) for every run of positions that
// is contiguous in both: at most a tile's row.
template <typename Body>
void for_each_run(const NchwShape& shape, const kernels::TileRange& range, const Body& body) {
  const std::size_t end = std::min(shape.positions(), (range.first + range.count) * kTilePositions);
  for (std::size_t position = range.first * kTilePositions; position < end;) {
    const std::size_t image = position / shape.plane;
    const std::size_t pixel = position % shape.plane;
    const std::size_t lane = position % kTilePositions;
    const std::size_t length =
        std::min({end - position, shape.plane - pixel, kTilePositions - lane});
    const std::size_t tile = position / kTilePositions - range.first;
    for (std::size_t c = 0; c < shape.channels; ++c) {
      body((image * shape.channels + c) * shape.plane + pixel,
           (tile * shape.channels + c) * kTilePositions + lane, length);
    }
    position += length;
  }
}

class PackFromFp32 final : public TileOperation {
 public:
  explicit PackFromFp32(const NchwShape& shape) : shape_(shape) {}

  void run(const TileWork& work, const std::byte* const* inputs, std::byte* output) const override {
    const auto* x = reinterpret_cast<const float*>(inputs[0]);
    const std::size_t last = work.tiles.first + work.tiles.count;
    if (last * kTilePositions > shape_.positions()) {
      // Padded positions hold zeros, so that equal inputs give equal tiles.
      const std::size_t tile = shape_.channels * kTilePositions;
      std::uint16_t* padded = halves(output) + (work.tiles.count - 1) * tile;
      std::fill(padded, padded + tile, std::uint16_t{0});
    }
    for_each_run(shape_, work.tiles, [&](std::size_t plain, std::size_t tiled, std::size_t size) {
      cast(x + plain, halves(output) + tiled, size);
    });
  }

 private:
  NchwShape shape_;
};

class UnpackToFp32 final : public TileOperation {
 public:
  explicit UnpackToFp32(const NchwShape& shape) : shape_(shape) {}

  void run(const TileWork& work, const std::byte* const* inputs, std::byte* output) const override {
    auto* y = reinterpret_cast<float*>(output);
    for_each_run(shape_, work.tiles, [&](std::size_t plain, std::size_t tiled, std::size_t size) {
      cast(halves(inputs[0]) + tiled, y + plain, size);
    });
  }

 private:
  NchwShape shape_;
};

class PackQuantized final : public TileOperation {
 public:
  PackQuantized(Isa isa, const NchwShape& shape, const Quantization& quantization)
      : isa_(isa), shape_(shape), quantization_(quantization) {}

  void run(const TileWork& work, const std::byte* const* inputs, std::byte* output) const override {
    kernels::quantized_tiles_from_nchw(isa_, shape_, halves(inputs[0]), quantization_,
                                       octets(output), work.tiles);
  }

 private:
  Isa isa_;
  NchwShape shape_;
  Quantization quantization_;
};

class TileQuantize final : public TileOperation {
 public:
  TileQuantize(Isa isa, std::size_t channels, const Quantization& quantization)
      : isa_(isa), channels_(channels), quantization_(quantization) {}

  void run(const TileWork& work, const std::byte* const* inputs, std::byte* output) const override {
    const std::size_t tiles = work.tiles.count;
    kernels::quantized_tiles_from_nchw(isa_, tiles_as_nchw(tiles, channels_), halves(inputs[0]),
                                       quantization_, octets(output), {.first = 0, .count = tiles});
  }

 private:
  Isa isa_;
  std::size_t channels_;
  Quantization quantization_;
};

class TileDequantize final : public TileOperation {
 public:
  TileDequantize(Isa isa, std::size_t channels, const Quantization& quantization)
      : isa_(isa), channels_(channels), quantization_(quantization) {}

  void run(const TileWork& work, const std::byte* const* inputs, std::byte* output) const override {
    const std::size_t tiles = work.tiles.count;
    kernels::nchw_from_quantized_tiles(isa_, tiles_as_nchw(tiles, channels_), octets(inputs[0]),
                                       quantization_, halves(output), {.first = 0, .count = tiles});
  }

 private:
  Isa isa_;
  std::size_t channels_;
  Quantization quantization_;
};

class TileRelu final : public TileOperation {
 public:
  explicit TileRelu(std::size_t channels) : channels_(channels) {}
  void run(const TileWork& work, const std::byte* const* inputs, std::byte* output) const override {
    relu(halves(inputs[0]), halves(output), work.tiles.count * channels_ * kTilePositions);
  }

 private:
  std::size_t channels_;
};

class TileBinary final : public TileOperation {
 public:
  TileBinary(BinaryOperation operation, std::size_t channels)
      : operation_(operation), channels_(channels) {}
  void run(const TileWork& work, const std::byte* const* inputs, std::byte* output) const override {
    binary(operation_, Operand<std::uint16_t>{halves(inputs[0])},
           Operand<std::uint16_t>{halves(inputs[1])}, halves(output),
           work.tiles.count * channels_ * kTilePositions);
  }

 private:
  BinaryOperation operation_;
  std::size_t channels_;
};

class Int8Convolution final : public TileOperation {
 public:
  explicit Int8Convolution(kernels::Conv1x1Int8 convolution)
      : convolution_(std::move(convolution)) {}

  void run(const TileWork& work, const std::byte* const* inputs, std::byte* output) const override {
    convolution_.run(octets(inputs[0]), output, work.positions, work.panels);
  }
  std::size_t panel_count() const override { return convolution_.panel_count(); }
  std::size_t resident_bytes() const override { return convolution_.packed_bytes(); }

 private:
  kernels::Conv1x1Int8 convolution_;
};

class HalfConvolution final : public TileOperation {
 public:
  HalfConvolution(kernels::Conv1x1F16 convolution, std::optional<ExactSums> guard)
      : convolution_(std::move(convolution)), guard_(std::move(guard)) {}

  void run(const TileWork& work, const std::byte* const* inputs, std::byte* output) const override {
    if (!guard_) {
      convolution_.run(halves(inputs[0]), halves(output), work.positions, work.panels);
      return;
    }
    const std::size_t in_tile = convolution_.in_channels() * kTilePositions;
    const std::size_t out_tile = convolution_.out_channels() * kTilePositions;
    // Runs of tiles that pass go to the kernel together.
    std::size_t first = 0;
    for (std::size_t tile = 0; tile < work.tiles.count; ++tile) {
      const std::size_t before = std::min(work.positions, tile * kTilePositions);
      const std::uint16_t* in = halves(inputs[0]) + tile * in_tile;
      if (guard_->are_exact(in, in_tile)) continue;
      run_kernel(work, inputs, output, first, before);
      first = tile + 1;
      guard_->compute(in, halves(output) + tile * out_tile, first_channel(work.panels),
                      last_channel(work.panels));
    }
    run_kernel(work, inputs, output, first, work.positions);
  }
  std::size_t panel_count() const override { return convolution_.panel_count(); }
  std::size_t resident_bytes() const override {
    return convolution_.packed_bytes() + (guard_ ? guard_->resident_bytes() : 0);
  }

 private:
  void run_kernel(const TileWork& work, const std::byte* const* inputs, std::byte* output,
                  std::size_t first_tile, std::size_t end_position) const {
    if (first_tile * kTilePositions >= end_position) return;
    convolution_.run(halves(inputs[0]) + first_tile * convolution_.in_channels() * kTilePositions,
                     halves(output) + first_tile * convolution_.out_channels() * kTilePositions,
                     end_position - first_tile * kTilePositions, work.panels);
  }
  std::size_t first_channel(const kernels::PanelRange& panels) const {
    return std::min(convolution_.out_channels(), panels.first * convolution_.panel_channels());
  }
  std::size_t last_channel(const kernels::PanelRange& panels) const {
    const std::size_t left = convolution_.panel_count() - panels.first;
    const std::size_t count = std::min(panels.count, left);
    return std::min(convolution_.out_channels(),
                    (panels.first + count) * convolution_.panel_channels());
  }

  kernels::Conv1x1F16 convolution_;
  std::optional<ExactSums> guard_;
};

}  // namespace

std::size_t tile_bytes(TileElement element, std::size_t channels) {
  return element == TileElement::f16 ? kernels::f16_tile_bytes(channels)
                                     : kernels::u8_tile_bytes(channels);
}

std::unique_ptr<TileOperation> make_pack(Isa isa, const NchwShape& shape, TileElement element) {
  return std::make_unique<Pack>(isa, shape, element);
}
std::unique_ptr<TileOperation> make_unpack(Isa isa, const NchwShape& shape, TileElement element) {
  return std::make_unique<Unpack>(isa, shape, element);
}
std::unique_ptr<TileOperation> make_pack_from_fp32(const NchwShape& shape) {
  return std::make_unique<PackFromFp32>(shape);
}
std::unique_ptr<TileOperation> make_unpack_to_fp32(const NchwShape& shape) {
  return std::make_unique<UnpackToFp32>(shape);
}
std::unique_ptr<TileOperation> make_pack_quantized(Isa isa, const NchwShape& shape,
                                                   const Quantization& quantization) {
  return std::make_unique<PackQuantized>(isa, shape, quantization);
}
std::unique_ptr<TileOperation> make_tile_quantize(Isa isa, std::size_t channels,
                                                  const Quantization& quantization) {
  return std::make_unique<TileQuantize>(isa, channels, quantization);
}
std::unique_ptr<TileOperation> make_tile_dequantize(Isa isa, std::size_t channels,
                                                    const Quantization& quantization) {
  return std::make_unique<TileDequantize>(isa, channels, quantization);
}
std::unique_ptr<TileOperation> make_tile_relu(std::size_t channels) {
  return std::make_unique<TileRelu>(channels);
}
std::unique_ptr<TileOperation> make_tile_binary(BinaryOperation operation, std::size_t channels) {
  return std::make_unique<TileBinary>(operation, channels);
}
std::unique_ptr<TileOperation> make_convolution(kernels::Conv1x1Int8 convolution) {
  return std::make_unique<Int8Convolution>(std::move(convolution));
}
std::unique_ptr<TileOperation> make_convolution(kernels::Conv1x1F16 convolution,
                                                std::optional<ExactSums> guard) {
  return std::make_unique<HalfConvolution>(std::move(convolution), std::move(guard));
}

}  // namespace anebench::device::cpu
