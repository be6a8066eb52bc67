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

Result<std::vector<RuntimeValue>> evaluate_const(OpContext& context) {
  ANEBENCH_ASSIGN(value, context.value("val"));
  return std::vector<RuntimeValue>{std::move(value)};
}

constexpr Parameter kConst[] = {{.name = "val", .constant = true, .kind = ParameterKind::value}};
constexpr Version kConstVersions[] = {{Opset::ios13, kConst}};

constexpr Definition kDefinitions[] = {
    {.name = "const",
     .family = "control_flow",
     .versions = kConstVersions,
     .infer = infer_const,
     .evaluate_values = evaluate_const},
};

}  // namespace

std::span<const Definition> control_family() { return kDefinitions; }

}  // namespace anebench::ops
