// The op families: one function each, in the file of the same name. The registry lists them; no
// one else calls them.
#pragma once

#include <span>

#include "anebench/ops/definition.h"

namespace anebench::ops {

std::span<const Definition> activation_family();
std::span<const Definition> classify_family();
std::span<const Definition> constexpr_affine_family();
std::span<const Definition> constexpr_blockwise_family();
std::span<const Definition> constexpr_lut_family();
std::span<const Definition> constexpr_sparse_family();
std::span<const Definition> control_flow_family();
std::span<const Definition> conv_family();
std::span<const Definition> conv_transpose_family();
std::span<const Definition> elementwise_binary_family();
std::span<const Definition> elementwise_unary_family();
std::span<const Definition> gather_family();
std::span<const Definition> image_crop_family();
std::span<const Definition> image_resizing_family();
std::span<const Definition> image_sampling_family();
std::span<const Definition> linear_family();
std::span<const Definition> list_family();
std::span<const Definition> non_maximum_suppression_family();
std::span<const Definition> normalization_family();
std::span<const Definition> pool_family();
std::span<const Definition> quantization_family();
std::span<const Definition> random_family();
std::span<const Definition> recurrent_family();
std::span<const Definition> reduction_family();
std::span<const Definition> reduction_arg_family();
std::span<const Definition> scatter_family();
std::span<const Definition> select_family();
std::span<const Definition> states_family();
std::span<const Definition> tensor_batches_family();
std::span<const Definition> tensor_create_family();
std::span<const Definition> tensor_join_family();
std::span<const Definition> tensor_operation_family();
std::span<const Definition> tensor_pad_family();
std::span<const Definition> tensor_rearrange_family();
std::span<const Definition> tensor_reshape_family();
std::span<const Definition> tensor_slice_family();
std::span<const Definition> tensor_sort_family();
std::span<const Definition> transformers_family();

}  // namespace anebench::ops
