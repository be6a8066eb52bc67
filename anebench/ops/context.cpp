#include "anebench/ops/context.h"

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

Result<std::vector<Tensor>> OpContext::run_block(std::size_t /*block*/,
                                                 std::span<const Tensor> /*inputs*/) {
  return refuse(*this, "nested blocks");
}

Result<Tensor> OpContext::read_state(std::string_view /*parameter*/) {
  return refuse(*this, "states");
}

// An overrider keeps the value. NOLINTNEXTLINE(performance-unnecessary-value-param)
Result<void> OpContext::write_state(std::string_view /*parameter*/, Tensor /*value*/) {
  return refuse(*this, "states");
}

Result<std::uint64_t> OpContext::random_bits() { return refuse(*this, "random numbers"); }

Result<std::vector<Tensor>> run(OpContext& context) {
  const Arguments& arguments = context.arguments();
  const std::string label = arguments.describe();
  // Temporaries are vectors; exceptions of theirs end here.
  try {
    ANEBENCH_ASSIGN(outputs, arguments.definition().evaluate(context));
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
