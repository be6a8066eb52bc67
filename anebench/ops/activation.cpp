// Activations: functions of one element that networks apply between layers.
#include "anebench/ops/elementwise.h"
#include "anebench/ops/families.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {
namespace {

using mil::Opset;

// max(x, 0) that keeps NaN.
double relu(double x) { return x < 0 ? 0 : x; }

Result<double> count_one(const Arguments& /*arguments*/, std::span<const mil::Type> outputs) {
  return count_per_element(outputs, 1);
}

constexpr Parameter kX[] = {{.name = "x", .types = kFloats, .type_variable = "T"}};
constexpr Version kXVersions[] = {{Opset::ios13, kX}};

constexpr Definition kDefinitions[] = {
    {.name = "relu",
     .family = "activation",
     .versions = kXVersions,
     .infer = infer_like_x,
     .evaluate = evaluate_unary<relu>,
     .count_operations = count_one},
};

}  // namespace

std::span<const Definition> activation_family() { return kDefinitions; }

}  // namespace anebench::ops
