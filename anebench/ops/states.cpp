// Reading and writing program state. `write_state` exists in serialized programs only: what
// converters call coreml_update_state becomes a write_state and, where its result is used, a
// read_state (spec of the format; coremltools' serializer).
#include <fmt/format.h>

#include "anebench/ops/context.h"
#include "anebench/ops/families.h"

namespace anebench::ops {
namespace {

using mil::Opset;

Result<mil::Type> wrapped_type(const Arguments& arguments) {
  ANEBENCH_ASSIGN(type, arguments.type("input"));
  if (type.kind() != mil::Type::Kind::state) {
    return arguments.error("input", fmt::format("is {}, wants a state", to_string(type)));
  }
  return type.elements()[0];
}

Result<StateHandle> state_of(OpContext& context) {
  ANEBENCH_ASSIGN(value, context.value("input"));
  if (const StateHandle* state = value.state()) return *state;
  return context.arguments().error("input",
                                   fmt::format("is {}, wants a state", to_string(value.type())));
}

Result<std::vector<mil::Type>> infer_read_state(const Arguments& arguments) {
  ANEBENCH_ASSIGN(type, wrapped_type(arguments));
  return std::vector<mil::Type>{std::move(type)};
}

Result<std::vector<Tensor>> evaluate_read_state(OpContext& context) {
  ANEBENCH_ASSIGN(state, state_of(context));
  return std::vector<Tensor>{state.value()};
}

Result<std::vector<mil::Type>> infer_write_state(const Arguments& arguments) {
  ANEBENCH_ASSIGN(type, wrapped_type(arguments));
  ANEBENCH_ASSIGN(data, arguments.type("data"));
  if (!mil::compatible(type, data)) {
    return arguments.error(
        "data", fmt::format("is {}, the state holds {}", to_string(data), to_string(type)));
  }
  return std::vector<mil::Type>{};
}

Result<std::vector<Tensor>> evaluate_write_state(OpContext& context) {
  ANEBENCH_ASSIGN(state, state_of(context));
  ANEBENCH_ASSIGN(data, context.tensor("data"));
  ANEBENCH_TRY(state.write(data), context.arguments().describe());
  return std::vector<Tensor>{};
}

constexpr Parameter kState = {.name = "input", .kind = ParameterKind::state};
constexpr Parameter kReadState[] = {kState};
constexpr Parameter kWriteState[] = {kState, {.name = "data"}};
constexpr Version kReadStateVersions[] = {{Opset::ios18, kReadState}};
constexpr Version kWriteStateVersions[] = {{Opset::ios18, kWriteState}};

constexpr Definition kDefinitions[] = {
    {.name = "read_state",
     .family = "states",
     .versions = kReadStateVersions,
     .infer = infer_read_state,
     .evaluate = evaluate_read_state},
    {.name = "write_state",
     .family = "states",
     .versions = kWriteStateVersions,
     .infer = infer_write_state,
     .evaluate = evaluate_write_state},
};

}  // namespace

std::span<const Definition> states_family() { return kDefinitions; }

}  // namespace anebench::ops
