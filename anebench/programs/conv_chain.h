// The chains of 1x1 convolutions behind `int8`, `peak` and the verdict's ladder: fp16, W8A8, or
// fp16 with compressed weights; with or without relu; in the square layout [batch, channels,
// height, width] with fp16 input and output, or the flat one [1, channels, 1, width] with fp32
// input and output and casts.
//
// W8A8: weights by constexpr_affine_dequantize (int8, scalar scale), and quantize → dequantize
// (scale 2^-3) after every convolution but the last; with quantize_input=on before the first one,
// too, so that all of them are int8. Under the scaled initialisation the input lies on the int8
// grid, so that this changes no value, and fp16, W8A8 and the 8-bit weight formats of one spec hold
// the same integer weights, so that their outputs can be compared.
// Source: the experiments' specification, `int8` and `peak`.
#pragma once

#include <vector>

#include "anebench/base/result.h"
#include "anebench/programs/benchmark_program.h"

namespace anebench::programs {

// Keys: channels, height, width, depth, batch, precision (fp16, w8a8, and the valid weight-only
// formats of weight_formats.h), quantize_input (off, on), relu (off, on), layout (square, flat),
// init (scaled, classic), seed.
const std::vector<Key>& conv_chain_keys();

// `spec` must be completed. Errors: a flat chain that is not fp16, batch 1 and height 1;
// quantize_input without w8a8; published values (init=classic) for a precision that was never
// published; channels that do not divide into the precision's blocks; sizes whose weights or
// surfaces exceed 2^40 bytes.
Result<BenchmarkProgram> build_conv_chain(const ProgramSpec& spec, Content content);

}  // namespace anebench::programs
