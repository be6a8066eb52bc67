#include "anebench/experiments/model_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "anebench/experiments/step_costs.h"
#include "anebench/package/description.h"
#include "anebench/package/flexible_shapes.h"

namespace anebench::experiments {
namespace {

// The type with the model's default shape where its own has unknown dimensions.
mil::Type sized_type(const mil::NamedType& input, const mil::Function& function) {
  if (!input.type.is_tensor() || input.type.element_count()) return input.type;
  for (const mil::Attribute& attribute : function.attributes) {
    if (attribute.name != package::kFlexibleShapes) continue;
    for (const package::FlexibleShape& shape : package::flexible_shapes_of(attribute.value)) {
      if (shape.input != input.name || shape.default_shape.empty()) continue;
      return mil::Type::tensor(input.type.data_type(),
                               {shape.default_shape.begin(), shape.default_shape.end()});
    }
  }
  return input.type;
}

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

Result<mil::Value> random_value(const mil::Type& type, Rng rng) {
  const auto count = type.is_tensor() ? type.element_count() : std::nullopt;
  const auto size = type.is_tensor() ? type.byte_size() : std::nullopt;
  if (!count || !size) {
    return fail(ErrorCode::unsupported, "there are no random values for a {}",
                mil::to_string(type));
  }
  mil::Value::Bytes bytes(static_cast<std::size_t>(*size));
  const bool is_real = mil::is_floating_point(type.data_type());
  for (std::size_t i = 0; i < static_cast<std::size_t>(*count); ++i) {
    const double value =
        is_real ? 2 * rng.uniform() - 1 : static_cast<double>(rng.uniform_int(0, 1));
    mil::store_packed_element(type.data_type(), bytes, i, value);
  }
  return mil::Value::packed(type, std::move(bytes));
}

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
    ANEBENCH_ASSIGN(value,
                    random_value(sized_type(input, *function), rng.fork(result.inputs.size())),
                    fmt::format("input '{}'", input.name));
    result.inputs.push_back(std::move(value));
  }
  ANEBENCH_ASSIGN(costs, FunctionCosts::create(*function));
  result.operations = costs.arithmetic();
  result.weight_bytes = static_cast<std::int64_t>(costs.weight_bytes());
  result.io_bytes = io_bytes_of(result.inputs, *function);
  return result;
}

}  // namespace anebench::experiments
