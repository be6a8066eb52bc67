// Tensors with the same element everywhere.
#pragma once

#include "anebench/ops/context.h"
#include "anebench/ops/tensor.h"

namespace anebench::ops {

// Every element of `target` becomes the first of `value`, which has the same element type, of whole
// bytes, and at least one element.
void fill_elements(OpContext& context, Tensor& target, const Tensor& value);

}  // namespace anebench::ops
