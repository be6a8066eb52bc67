#include "anebench/ops/context.h"

#include <fmt/format.h>

#include <iterator>
#include <new>
#include <stdexcept>

namespace anebench::ops {
namespace {

tl::unexpected<Error> refuse(const OpContext& context, std::string_view what) {
  return fail(ErrorCode::unsupported, "{}: this evaluator has no {}",
              context.arguments().describe(), what);
}

}  // namespace

void OpContext::parallel_for(std::size_t count,
                             const std::function<void(std::size_t, std::size_t)>& body) {
  if (count != 0) body(0, count);
}

Result<Tensor> OpContext::tensor(std::string_view parameter, std::size_t index) {
  ANEBENCH_ASSIGN(found, value(parameter, index));
  if (const Tensor* tensor = found.tensor()) return *tensor;
  return arguments().error(parameter,
                           fmt::format("wants a numeric tensor, got {}", to_string(found.type())));
}

Result<std::vector<RuntimeValue>> OpContext::run_block(std::size_t /*block*/,
                                                       std::span<const RuntimeValue> /*inputs*/) {
  return refuse(*this, "nested blocks");
}

Result<void> OpContext::start_iteration() { return refuse(*this, "loops"); }

Result<Rng> OpContext::fork_generator() { return refuse(*this, "random numbers"); }

namespace {

Result<std::vector<RuntimeValue>> evaluate_values(const Definition& definition,
                                                  OpContext& context) {
  if (definition.evaluate_values != nullptr) return definition.evaluate_values(context);
  ANEBENCH_ASSIGN(tensors, definition.evaluate(context));
  return std::vector<RuntimeValue>(std::make_move_iterator(tensors.begin()),
                                   std::make_move_iterator(tensors.end()));
}

}  // namespace

Result<std::vector<RuntimeValue>> run(OpContext& context) {
  const Arguments& arguments = context.arguments();
  const std::string label = arguments.describe();
  // Temporaries are vectors; exceptions of theirs end here.
  try {
    ANEBENCH_ASSIGN(outputs, evaluate_values(arguments.definition(), context));
    if (outputs.size() != arguments.operation().outputs.size()) {
      return fail(ErrorCode::verification_error, "{}: {} outputs are declared, the op has {}",
                  label, arguments.operation().outputs.size(), outputs.size());
    }
    return outputs;
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::resource_exhausted, "{}: out of memory", label);
  } catch (const std::length_error&) {
    return fail(ErrorCode::resource_exhausted, "{}: out of memory", label);
  }
}

}  // namespace anebench::ops
