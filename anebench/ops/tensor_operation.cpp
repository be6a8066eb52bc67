// Ops that move elements without computing on them.
#include "anebench/ops/context.h"
#include "anebench/ops/families.h"

namespace anebench::ops {
namespace {

using mil::Opset;

Result<std::vector<mil::Type>> infer_identity(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.type("x"));
  return std::vector<mil::Type>{std::move(x)};
}

Result<std::vector<RuntimeValue>> evaluate_identity(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.value("x"));
  return std::vector<RuntimeValue>{std::move(x)};
}

constexpr Parameter kIdentity[] = {{.name = "x", .kind = ParameterKind::any}};
constexpr Version kIdentityVersions[] = {{Opset::ios13, kIdentity}};

constexpr Definition kDefinitions[] = {
    {.name = "identity",
     .family = "tensor_operation",
     .versions = kIdentityVersions,
     .infer = infer_identity,
     .evaluate_values = evaluate_identity},
};

}  // namespace

std::span<const Definition> tensor_operation_family() { return kDefinitions; }

}  // namespace anebench::ops
