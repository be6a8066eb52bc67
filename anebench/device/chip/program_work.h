// What a program asks of an engine, whatever the chip: a list of layers with their arithmetic and
// the bytes that they move, from the ops' own cost definitions.
//
//   ANEBENCH_ASSIGN(work, ProgramWork::of(*program.main()));
//   for (const LayerWork& layer : work.layers) …
//
// What costs nothing of its own belongs to the layer before it: activations and additions of a
// constant behind a convolution or matrix product, pairs of quantize and dequantize, views. Casts
// at the program's edge belong to its input and output. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"

namespace anebench::device {

struct LayerWork {
  enum class Kind : std::uint8_t {
    conv1x1,         // one group
    conv3x3,         // one group, stride 1
    conv,            // any other convolution, transposed ones too
    matrix_product,  // linear and matmul
    other,
  };

  std::string name;  // label of the operation that computes
  std::string type;  // and its type
  // Indices into the function's body, ascending.
  std::vector<std::size_t> covered;

  Kind kind = Kind::other;
  // All positions in one row: height 1, or the rows of a matrix product.
  bool is_flat = false;
  // Both factors are int8: the input comes out of a quantize and dequantize with zero point 0 and
  // constant scales, the weight (where there is one) is stored in at most 8 bits with a scale.
  bool is_int8 = false;
  double operations = 0;        // a multiply-add counted as two
  double activation_bytes = 0;  // read and written; an int8 has one byte, everything else two
  double weight_elements = 0;   // of the constant factor
  double weight_bits = 16;      // stored bits of each
  // The weight is stored with a scale (and not in a table).
  bool has_affine_weight = false;
  std::int64_t in_channels = 0;
  std::int64_t out_channels = 0;
};

struct ProgramWork {
  std::vector<LayerWork> layers;
  double io_bytes = 0;  // of the function's inputs and outputs, in their own types

  // Errors: unsupported where the time depends on what is not known before it runs (dimensions,
  // how often a loop turns); an operation that breaks a rule.
  static Result<ProgramWork> of(const mil::Function& function);
};

}  // namespace anebench::device
