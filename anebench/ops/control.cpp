// Constants.
#include <fmt/format.h>

#include "anebench/ops/context.h"
#include "anebench/ops/families.h"

namespace anebench::ops {
namespace {

using mil::Opset;

Result<std::vector<mil::Type>> infer_const(const Arguments& arguments) {
  const mil::Value* value = constant_value(arguments.operation());
  if (value == nullptr) return arguments.error("val", "is missing");
  return std::vector<mil::Type>{value->type()};
}

// Numbers only; strings and the like are read from the program where they are needed.
Result<std::vector<Tensor>> evaluate_const(OpContext& context) {
  ANEBENCH_ASSIGN(value, context.tensor("val"));
  return std::vector<Tensor>{std::move(value)};
}

constexpr Parameter kConst[] = {{.name = "val", .constant = true, .kind = ParameterKind::value}};
constexpr Version kConstVersions[] = {{Opset::ios13, kConst}};

constexpr Definition kDefinitions[] = {
    {.name = "const",
     .family = "control_flow",
     .versions = kConstVersions,
     .infer = infer_const,
     .evaluate = evaluate_const},
};

}  // namespace

std::span<const Definition> control_family() { return kDefinitions; }

}  // namespace anebench::ops
