// Evaluates operations outside a device: constants at load time, and single ops in tests.
//
//   TensorEnvironment values = {{"x", x}};
//   ANEBENCH_ASSIGN(outputs, evaluate(operation, scope, values));
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/ops/context.h"
#include "anebench/ops/scope.h"
#include "anebench/ops/tensor.h"

namespace anebench::ops {

// Tensors by name.
using TensorEnvironment = std::map<std::string, Tensor, std::less<>>;

// The value bound to a parameter: from `values`, else a literal or const through the scope's
// resolver.
Result<RuntimeValue> find_value(const Arguments& arguments, const TensorEnvironment& values,
                                std::string_view parameter, std::size_t index = 0);
// What a literal or const gives, or an error that the parameter has no value.
Result<RuntimeValue> constant_argument(const Arguments& arguments, std::string_view parameter,
                                       std::size_t index = 0);

// The outputs of one operation, all of them tensors, on the calling thread. Ops with blocks, states
// or random numbers are refused. `scope` must declare the operation's inputs with the types of the
// actual tensors.
Result<std::vector<Tensor>> evaluate(const mil::Operation& operation, const Scope& scope,
                                     const TensorEnvironment& values);
// The same with outputs of any kind.
Result<std::vector<RuntimeValue>> evaluate_values(const mil::Operation& operation,
                                                  const Scope& scope,
                                                  const TensorEnvironment& values);

// Evaluates all constexpr operations of a block in order and adds their outputs to `values`. The
// scope must declare the block's names up to each operation (declaring all of them first is fine).
// `limit_bytes` bounds the sum of what is added.
Result<void> fold_constants(const mil::Block& block, const Scope& scope, TensorEnvironment& values,
                            std::int64_t limit_bytes = kDefaultTensorLimit);

}  // namespace anebench::ops
