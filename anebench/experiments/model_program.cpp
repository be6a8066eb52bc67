#include "anebench/experiments/model_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "anebench/base/rng.h"
#include "anebench/experiments/step_costs.h"
#include "anebench/ops/specialize.h"
#include "anebench/package/random_input.h"

namespace anebench::experiments {
namespace {

std::int64_t io_bytes_of(const std::vector<mil::Value>& inputs, const mil::Function& function) {
  std::int64_t bytes = 0;
  for (const mil::Value& input : inputs) bytes += static_cast<std::int64_t>(input.bytes().size());
  for (const mil::Operation& operation : function.body.operations) {
    for (const mil::NamedType& output : operation.outputs) {
      if (std::ranges::find(function.body.outputs, output.name) == function.body.outputs.end()) {
        continue;
      }
      bytes += output.type.byte_size().value_or(0);
    }
  }
  return bytes;
}

}  // namespace

Result<programs::BenchmarkProgram> model_program(std::string name, const mil::Program& program,
                                                 std::shared_ptr<weights::WeightFiles> weights,
                                                 std::uint64_t seed) {
  programs::BenchmarkProgram result;
  result.spec = programs::ProgramSpec(std::move(name), {});
  result.program = program;
  result.weights = std::move(weights);
  const mil::Function* function = result.program.main();
  if (function == nullptr) {
    return fail(ErrorCode::invalid_argument, "the program has no function to run");
  }
  const Rng rng(seed);
  for (const mil::NamedType& input : function->inputs) {
    if (input.type.kind() == mil::Type::Kind::state) continue;
    ANEBENCH_ASSIGN(value, package::random_input(input, *function, rng.fork(result.inputs.size())),
                    fmt::format("input '{}'", input.name));
    result.inputs.push_back(std::move(value));
  }
  ANEBENCH_ASSIGN(known, function_with_inputs(result));
  ANEBENCH_ASSIGN(costs, FunctionCosts::create(known));
  result.operations = costs.arithmetic();
  result.weight_bytes = static_cast<std::int64_t>(costs.weight_bytes());
  result.io_bytes = io_bytes_of(result.inputs, known);
  return result;
}

Result<mil::Function> function_with_inputs(const programs::BenchmarkProgram& program) {
  const mil::Function& function = *program.program.main();
  if (ops::find_open(function) == nullptr) return function;
  std::vector<mil::Type> types;
  std::size_t next = 0;
  for (const mil::NamedType& input : function.inputs) {
    const bool has_value =
        input.type.kind() != mil::Type::Kind::state && next < program.inputs.size();
    types.push_back(has_value ? program.inputs[next++].type() : input.type);
  }
  return ops::specialize(function, types, program.weights.get());
}

}  // namespace anebench::experiments
