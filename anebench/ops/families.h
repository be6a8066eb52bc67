// The op families: one function each, in the file of the same name. The registry lists them; no
// one else calls them.
#pragma once

#include <span>

#include "anebench/ops/definition.h"

namespace anebench::ops {

std::span<const Definition> activation_family();
std::span<const Definition> constexpr_affine_family();
std::span<const Definition> constexpr_blockwise_family();
std::span<const Definition> constexpr_lut_family();
std::span<const Definition> constexpr_sparse_family();
std::span<const Definition> control_family();
std::span<const Definition> conv_family();
std::span<const Definition> elementwise_binary_family();
std::span<const Definition> elementwise_unary_family();
std::span<const Definition> quantization_family();
std::span<const Definition> tensor_operation_family();

}  // namespace anebench::ops
