// Products of matrices: batches of them, floating point in double, integers exact.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/ops/context.h"
#include "anebench/ops/tensor.h"

namespace anebench::ops {

// The product a · b of two stacks of matrices, a [batch…, m, k] and b [batch…, k, n], whose batch
// dimensions broadcast by numpy's rules, plus `bias` (n numbers, or null for none), rounded once to
// `type`. Where all operands are integers the sums are exact and wrap around in the type's width;
// otherwise they are in double. Shapes have been checked; `out_dims` is the result's.
Result<Tensor> matrix_product(OpContext& context, const Tensor& a, const Tensor& b,
                              const Tensor* bias, mil::DataType type,
                              std::span<const std::int64_t> out_dims);

// The same tensor with its last two dimensions exchanged. Precondition: rank 2 or more.
Result<Tensor> transposed(OpContext& context, const Tensor& x);

}  // namespace anebench::ops
