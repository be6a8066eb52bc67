// The programs behind `probe`: one 1x1 convolution with fp32 input and output through casts, whose
// weight is stored in one of many formats (weight_formats.h), or in int8 with an input that is
// quantized, too. Format 1.3, opset ios18.
//
// Variants whose text is outside the language's rules on purpose (the classic probe has two) are
// marked in variants(); strict verification refuses them, lenient devices execute their meaning.
// Source: the experiments' specification, `probe`.
#pragma once

#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/programs/benchmark_program.h"

namespace anebench::programs {

struct QuantizedConvVariant {
  std::string_view name;  // "fp16", "w8", "u4", "u4b32", "lut4", …, "w8a8"
  std::string_view description;
  // False where strict verification must refuse the program.
  bool is_valid = true;
};

const std::vector<QuantizedConvVariant>& quantized_conv_variants();

// Keys: in_channels, out_channels, width, variant, seed.
const std::vector<Key>& quantized_conv_keys();

// `spec` must be completed. Errors: a blockwise variant whose input channels are not a multiple of
// its block.
Result<BenchmarkProgram> build_quantized_conv(const ProgramSpec& spec, Content content);

}  // namespace anebench::programs
