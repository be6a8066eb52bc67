// The public int8 benchmark's models: chains of 1x1 convolutions in fp16 or W8A8, operation for
// operation as coremltools writes them, constants of each convolution included.
//
// fp16: weights normal with the deviation 0.01. W8A8: int8 weights uniform in −64…62 with the scale
// 0.001, and quantize → dequantize with the scale 0.125 between layers. The input is zero: the
// values were made for timing, and under them activations fade from layer to layer.
// Source: the experiments' specification, `generate`.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/programs/benchmark_program.h"

namespace anebench::programs {

// Keys: channels, size (rows and columns), depth, precision (fp16, w8a8), seed.
const std::vector<Key>& int8_compute_keys();

// `spec` must be completed. Errors: sizes whose weights or surfaces exceed 2^40 bytes.
Result<BenchmarkProgram> build_int8_compute(const ProgramSpec& spec, Content content);

// A published model by its file's name.
struct PublishedModel {
  std::string_view name;
  std::string_view spec;
};
std::span<const PublishedModel> published_models();

}  // namespace anebench::programs
