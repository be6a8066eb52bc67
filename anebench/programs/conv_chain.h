// The chains of 1x1 convolutions behind `int8` and `peak`: fp16 or W8A8, with or without relu, in
// the square layout [batch, channels, height, width] with fp16 input and output, or the flat one
// [1, channels, 1, width] with fp32 input and output and casts.
//
// W8A8: weights by constexpr_affine_dequantize (int8, scalar scale), and quantize → dequantize
// (scale 2^-3) after every convolution but the last. Both precisions of one spec hold the same
// integer weights under the scaled initialisation, so their outputs can be compared.
// Source: the experiments' specification, `int8` and `peak`.
#pragma once

#include <vector>

#include "anebench/base/result.h"
#include "anebench/programs/benchmark_program.h"

namespace anebench::programs {

// Keys: channels, height, width, depth, batch, precision (fp16, w8a8), relu (off, on), layout
// (square, flat), init (scaled, classic), seed.
const std::vector<Key>& conv_chain_keys();

// `spec` must be completed. Errors: a flat chain that is not fp16, batch 1 and height 1; sizes
// whose weights or surfaces exceed 2^40 bytes.
Result<BenchmarkProgram> build_conv_chain(const ProgramSpec& spec);

}  // namespace anebench::programs
