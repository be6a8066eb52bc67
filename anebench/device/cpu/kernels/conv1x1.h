// 1x1 convolutions on activations that stay in position tiles (tiles.h) through a whole chain.
//
// With p a position, o an output channel, i an input channel:
//
//   int8:  acc[p,o] = sum_i (qx[p,i] - zx) * w[o,i]                  exact, in int32
//          y[p,o]   = fp16(acc[p,o] * S[o] + b[o])                   one rounding
//          y        = max(y, 0) if relu (NaN stays)
//          out      = y                                              Int8Output::f16
//                   = saturate(rne(fp16(y / s)) + z)                 Int8Output::quantized
//   fp16:  y[p,o]   = fp16(sum_i x[p,i] * w[o,i] + b[o]), then relu; fp32 arithmetic
//
// int8 is bit-identical to this definition in every case (ties, overflow to infinity, sums above
// 2^24, bias). fp16 meets |y - exact| <= ulp16(exact) + I * 2^-24 * sum_i |w x|; input channels are
// summed in blocks of at most 1024 and blocks are added in double, so that sums whose partial sums
// are integers below 2^24 of a common unit stay exact.
//
// A convolution is packed once by create() for one instruction set and is immutable and thread-safe
// from then on; run() allocates nothing, keeps no state and cannot fail. It computes the outputs of
// `positions` positions starting at the tiles that `in` and `out` point to; all tiles but the last
// are full. Threads share a layer by splitting its tiles (or, with few positions and many channels,
// its panels: see PanelRange). `in` and `out` must not overlap. Outputs of padded positions may be
// anything; the padded channels of a u8 output tile are whatever, and meet zero weights.
//
// Because positions are independent, a thread may take a block of tiles through all layers of a
// chain without meeting the others; preferred_positions_block() says how many positions keep the
// block in the second-level cache together with a layer's weights. This is the fastest way to run a
// chain when there are at least `threads` blocks.
//
//   ANEBENCH_ASSIGN(conv, Conv1x1Int8::create(spec, isa));
//   std::size_t tile = block * block_tiles;   // for each block, on any thread
//   conv.run(in + tile * u8_tile_bytes(512), out + tile * u8_tile_bytes(512), block_positions);
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "anebench/base/cpu_features.h"
#include "anebench/base/result.h"
#include "anebench/device/cpu/kernels/tiles.h"

namespace anebench::kernels {

enum class Int8Output { quantized, f16 };

struct Conv1x1Int8Spec {
  std::size_t in_channels = 0;
  std::size_t out_channels = 0;
  // [out][in]: stored weight minus its zero point; the caller checks that this fits in int8.
  std::span<const std::int8_t> weights = {};
  // The input tensor: int8 (tile bytes are value + 128) or uint8, and its zero point.
  bool input_is_signed = true;
  std::int32_t input_zero_point = 0;
  // S[o] = sx * sw[o]; at most 22 significant bits each (a product of two fp16 numbers).
  std::span<const double> scales = {};
  // Empty, or b[o]: fp16 values.
  std::span<const double> bias = {};
  bool relu = false;
  Int8Output output = Int8Output::quantized;
  Quantization quantization = {};  // used by Int8Output::quantized only
};

struct Conv1x1F16Spec {
  std::size_t in_channels = 0;
  std::size_t out_channels = 0;
  std::span<const std::uint16_t> weights = {};  // [out][in], fp16
  std::span<const std::uint16_t> bias = {};     // empty, or [out], fp16
  bool relu = false;
};

// Output channels are computed in panels of panel_channels() (the last may hold fewer). A range of
// panels lets threads share one position block; all of them read the same input tiles.
struct PanelRange {
  std::size_t first = 0;
  std::size_t count = static_cast<std::size_t>(-1);  // clipped to the panels that there are
};

struct Int8Layer;  // packed form, kernel.h
struct F16Layer;
struct Int8Kernel;
struct F16Kernel;

class Conv1x1Int8 {
 public:
  // Packs the weights. Errors: invalid_argument (sizes that don't match, a zero point or scale out
  // of range), unsupported (max|qx - zx| * sum_i |w| + 1 could reach 2^31, or no kernel for `isa`).
  static Result<Conv1x1Int8> create(const Conv1x1Int8Spec& spec, Isa isa);

  Conv1x1Int8(Conv1x1Int8&&) noexcept;
  Conv1x1Int8& operator=(Conv1x1Int8&&) noexcept;
  ~Conv1x1Int8();

  // out: u8 tiles (quantized) or f16 tiles of out_channels().
  void run(const std::uint8_t* in, void* out, std::size_t positions, PanelRange panels = {}) const;

  std::size_t in_channels() const;
  std::size_t out_channels() const;
  std::size_t panel_channels() const;
  std::size_t panel_count() const;
  std::size_t packed_bytes() const;
  std::size_t in_tile_bytes() const;
  std::size_t out_tile_bytes() const;
  // For Executable::steps(): e.g. "int8_avx512vnni" and "power_of_two".
  std::string_view kernel_name() const;
  std::string_view epilogue_name() const;

 private:
  explicit Conv1x1Int8(std::unique_ptr<Int8Layer> layer);
  std::unique_ptr<Int8Layer> layer_;
};

class Conv1x1F16 {
 public:
  // Errors: invalid_argument, unsupported (no kernel for `isa`).
  static Result<Conv1x1F16> create(const Conv1x1F16Spec& spec, Isa isa);

  Conv1x1F16(Conv1x1F16&&) noexcept;
  Conv1x1F16& operator=(Conv1x1F16&&) noexcept;
  ~Conv1x1F16();

  // Both f16 tiles.
  void run(const std::uint16_t* in, std::uint16_t* out, std::size_t positions,
           PanelRange panels = {}) const;

  std::size_t in_channels() const;
  std::size_t out_channels() const;
  std::size_t panel_channels() const;
  std::size_t panel_count() const;
  std::size_t packed_bytes() const;
  std::size_t in_tile_bytes() const;
  std::size_t out_tile_bytes() const;
  std::string_view kernel_name() const;  // e.g. "f16_avx512"

 private:
  explicit Conv1x1F16(std::unique_ptr<F16Layer> layer);
  std::unique_ptr<F16Layer> layer_;
};

// Whether |acc| < 2^31 is certain for these operands, so that create() can succeed: the caller may
// ask before it builds a Conv1x1Int8Spec. Kernels sum modulo 2^32 in between, so nothing else can
// overflow.
bool int8_sums_fit(std::size_t in_channels, std::size_t out_channels,
                   std::span<const std::int8_t> weights, bool input_is_signed,
                   std::int32_t input_zero_point);

// Positions (a multiple of kTilePositions, at least one tile) that a thread should take through a
// chain at a time. `widest_channels` is the largest channel count in the chain; element_bytes is 1
// (u8 tiles) or 2 (f16 tiles).
std::size_t preferred_positions_block(std::size_t widest_channels, std::size_t element_bytes);

}  // namespace anebench::kernels
