// The end of a classifier: the most probable class, and all of them with their probabilities.
#include <fmt/format.h>

#include <algorithm>

#include "anebench/ops/context.h"
#include "anebench/ops/families.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;
using mil::Type;

Result<std::vector<Type>> infer_classify(const Arguments& arguments) {
  ANEBENCH_ASSIGN(probabilities, arguments.tensor_type("probabilities"));
  ANEBENCH_ASSIGN(classes, arguments.type("classes"));
  const auto is_label = [](const Type& type) {
    return type.is_scalar() &&
           (type.data_type() == DataType::string || type.data_type() == DataType::int64);
  };
  if (classes.kind() != Type::Kind::list || !is_label(classes.elements()[0])) {
    return arguments.error(
        "classes", fmt::format("is {}, wants a list of strings or int64", to_string(classes)));
  }
  const Type& element = classes.elements()[0];
  const mil::Value* value = arguments.value("classes");
  const auto count = probabilities.element_count();
  if (value != nullptr && count) {
    const auto given = static_cast<std::int64_t>(value->item_elements().size());
    if (given != *count) {
      return arguments.error("classes",
                             fmt::format("has {} classes for {} probabilities", given, *count));
    }
  }
  return std::vector<Type>{element, Type::dictionary(element, Type::scalar(DataType::fp64))};
}

Result<std::vector<RuntimeValue>> evaluate_classify(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(tensor, context.tensor("probabilities"));
  ANEBENCH_ASSIGN(types, infer_classify(arguments));
  const mil::Value* value = arguments.value("classes");
  if (value == nullptr) return arguments.error("classes", "is not known at compile time");
  const std::span<const mil::Value> classes = value->item_elements();
  const std::vector<double> probabilities = tensor.to_doubles();
  if (classes.empty()) return arguments.error("classes", "is empty");
  mil::Value::Entries entries;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    entries.emplace_back(classes[i], mil::Value::scalar<double>(probabilities[i]));
  }
  const auto best = std::ranges::max_element(probabilities) - probabilities.begin();
  const mil::NoBlobs no_blobs;
  std::vector<RuntimeValue> outputs;
  ANEBENCH_ASSIGN(label,
                  RuntimeValue::from_value(classes[static_cast<std::size_t>(best)], no_blobs));
  ANEBENCH_ASSIGN(all, RuntimeValue::from_value(
                           mil::Value::dictionary(types[1], std::move(entries)), no_blobs));
  outputs.push_back(std::move(label));
  outputs.push_back(std::move(all));
  return outputs;
}

constexpr Parameter kClassify[] = {
    {.name = "probabilities", .types = TypeSet{DataType::fp32}},
    {.name = "classes", .constant = true, .kind = ParameterKind::list},
};
constexpr Version kClassifyVersions[] = {{Opset::ios13, kClassify}};

constexpr Definition kDefinitions[] = {
    {.name = "classify",
     .family = "classify",
     .versions = kClassifyVersions,
     .infer = infer_classify,
     .evaluate_values = evaluate_classify},
};

}  // namespace

std::span<const Definition> classify_family() { return kDefinitions; }

}  // namespace anebench::ops
