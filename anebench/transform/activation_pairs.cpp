#include "anebench/transform/activation_pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <variant>

#include "anebench/transform/extract.h"
#include "anebench/transform/walk.h"
#include "anebench/transform/weight_uses.h"

namespace anebench::transform {
namespace {

using mil::DataType;

constexpr std::int64_t kHighestCode = 127;
// Products of codes and weights down to -128: with fewer no sum reaches 2^31.
constexpr std::int64_t kMostProducts = (std::int64_t{1} << 31) / (128 * 128);
constexpr double kHighestHalf = 65504;

struct ProductOperands {
  std::string_view activation;
  std::string_view weight;
};

// The parameters of an operation that may compute in integers; nothing for others.
std::optional<ProductOperands> first_operands(const mil::Operation& operation) {
  if (operation.type == "conv" || operation.type == "linear") return ProductOperands{"x", "weight"};
  if (operation.type == "matmul") return ProductOperands{"x", "y"};
  return std::nullopt;
}

// Empty where the parameter is absent or a literal.
std::string_view name_of(const mil::Operation& operation, std::string_view parameter) {
  const mil::Argument* argument = operation.find_input(parameter);
  if (argument == nullptr || argument->bindings.size() != 1) return {};
  const auto* name = std::get_if<std::string>(&argument->bindings.front());
  return name == nullptr ? std::string_view() : std::string_view(*name);
}

class ActivationPlanner {
 public:
  ActivationPlanner(const mil::Function& function, const std::set<std::string_view>& int8_weights,
                    const ActivationRanges* ranges, weights::ScaleForm form)
      : function_(function), int8_weights_(int8_weights), ranges_(ranges), form_(form) {
    for (const mil::NamedType& input : function.inputs) types_[input.name] = &input.type;
    for (const mil::Operation& operation : function.body.operations) {
      for (const mil::NamedType& output : operation.outputs) {
        types_[output.name] = &output.type;
        producers_[output.name] = &operation;
      }
    }
  }

  ActivationPlan plan() {
    const auto& operations = function_.body.operations;
    for (std::size_t i = 0; i < operations.size(); ++i) {
      consider(i, operations[i]);
      for (const mil::Block& block : operations[i].blocks) {
        visit_operations(block, [&](const mil::Operation& nested) {
          if (first_operands(nested)) report(nested, {}, ActivationOutcome::nested);
        });
      }
    }
    return std::move(plan_);
  }

 private:
  bool is_constant(std::string_view name) const {
    const auto producer = producers_.find(name);
    return producer != producers_.end() && is_constant_operation(*producer->second);
  }

  ActivationResult& report(const mil::Operation& operation, std::string_view value,
                           ActivationOutcome outcome) {
    return plan_.results.emplace_back(
        ActivationResult{function_.name, describe(operation), std::string(value), outcome, 0, 0});
  }

  void consider(std::size_t index, const mil::Operation& operation) {
    auto operands = first_operands(operation);
    if (!operands) return;
    // A constant on matmul's left side is the weight.
    if (operation.type == "matmul" && is_constant(name_of(operation, operands->activation))) {
      std::swap(operands->activation, operands->weight);
    }
    const std::string_view value = name_of(operation, operands->activation);
    const std::string_view weight = name_of(operation, operands->weight);
    const ActivationOutcome outcome = judge(operation, value, weight);
    ActivationResult& result = report(operation, value, outcome);
    if (outcome != ActivationOutcome::quantized) return;
    plan_.sites.push_back({index, operands->activation, value});
    if (ranges_ == nullptr) return;
    result.range = ranges_->find(value)->second;
    result.scale = scale_of(result.range);
    plan_.scales.emplace(value, result.scale);
  }

  ActivationOutcome judge(const mil::Operation& operation, std::string_view value,
                          std::string_view weight) const {
    const auto activation = types_.find(value);
    if (activation == types_.end() || is_constant(value) || !is_constant(weight)) {
      return ActivationOutcome::computed_operands;
    }
    const auto producer = producers_.find(value);
    if (producer != producers_.end() && producer->second->type == "dequantize") {
      return ActivationOutcome::already_quantized;
    }
    if (!int8_weights_.contains(weight)) return ActivationOutcome::no_int8_weight;
    if (!activation->second->is_tensor() || activation->second->data_type() != DataType::fp16) {
      return ActivationOutcome::not_half;
    }
    if (products_of(operation, *types_.find(weight)->second) >= kMostProducts) {
      return ActivationOutcome::sums_too_large;
    }
    return judge_range(value);
  }

  ActivationOutcome judge_range(std::string_view value) const {
    if (ranges_ == nullptr) return ActivationOutcome::quantized;
    const auto range = ranges_->find(value);
    if (range == ranges_->end()) return ActivationOutcome::no_range;
    if (range->second == 0) return ActivationOutcome::always_zero;
    const double scale = scale_of(range->second);
    if (!std::isfinite(range->second) || !std::isfinite(scale) ||
        std::nearbyint(range->second / scale) * scale > kHighestHalf) {
      return ActivationOutcome::no_finite_range;
    }
    return ActivationOutcome::quantized;
  }

  double scale_of(double range) const {
    return weights::symmetric_scale(range, kHighestCode, form_, DataType::fp16);
  }

  // Products in a sum. For matmul the larger side of the weight bounds them.
  static std::int64_t products_of(const mil::Operation& operation, const mil::Type& weight) {
    const mil::Shape& shape = weight.shape();
    if (shape.size() < 2) return weight.element_count().value_or(kMostProducts);
    if (operation.type == "matmul") {
      return std::max(shape[shape.size() - 1].size(), shape[shape.size() - 2].size());
    }
    const std::int64_t channels = std::max<std::int64_t>(shape.front().size(), 1);
    return weight.element_count().value_or(INT64_MAX) / channels;
  }

  const mil::Function& function_;
  const std::set<std::string_view>& int8_weights_;
  const ActivationRanges* ranges_;
  weights::ScaleForm form_;
  std::map<std::string_view, const mil::Type*> types_;
  std::map<std::string_view, const mil::Operation*> producers_;
  ActivationPlan plan_;
};

// Of a constexpr operation, whose parameters stand in attributes or inputs; null where it is absent
// or named.
const mil::Value* parameter_of(const mil::Operation& operation, std::string_view name) {
  if (const mil::Value* attribute = operation.find_attribute(name)) return attribute;
  const mil::Argument* input = operation.find_input(name);
  if (input == nullptr || input->bindings.size() != 1) return nullptr;
  return std::get_if<mil::Value>(&input->bindings.front());
}

bool is_zero(const mil::Value& value, const mil::BlobResolver* resolver) {
  const mil::NoBlobs none;
  const auto bytes = mil::packed_bytes(value, resolver != nullptr ? *resolver : none);
  return bytes && std::ranges::all_of(bytes->bytes, [](std::byte b) { return b == std::byte{0}; });
}

bool has_int8_data(const mil::Operation& operation, std::string_view parameter) {
  const mil::Value* data = parameter_of(operation, parameter);
  return data != nullptr && data->type().is_tensor() && data->type().data_type() == DataType::int8;
}

// Of constexpr_affine_dequantize: one scale, or one for each index of that dimension.
bool scales_along(const mil::Operation& operation, std::size_t output_axis) {
  const mil::Value* scale = parameter_of(operation, "scale");
  if (scale == nullptr || !scale->type().is_tensor()) return false;
  if (scale->type().element_count() == 1) return true;
  const mil::Value* axis = parameter_of(operation, "axis");
  if (axis == nullptr || operation.outputs.empty()) return false;
  const auto index = axis->as_doubles();
  if (!index || index->size() != 1) return false;
  const auto rank = static_cast<double>(operation.outputs.front().type.rank());
  const double from_front = index->front() < 0 ? index->front() + rank : index->front();
  return from_front == static_cast<double>(output_axis);
}

// Names for new values, none of which the function has.
class FreshNames {
 public:
  explicit FreshNames(const mil::Function& function) {
    for (const mil::NamedType& input : function.inputs) taken_.insert(input.name);
    visit_operations(function.body, [&](const mil::Operation& operation) {
      for (const mil::NamedType& output : operation.outputs) taken_.insert(output.name);
      for (const mil::Block& block : operation.blocks) {
        for (const mil::NamedType& input : block.inputs) taken_.insert(input.name);
      }
    });
  }

  std::string make(std::string_view value, std::string_view suffix) {
    std::string name = fmt::format("{}_{}", value, suffix);
    for (int number = 1; !taken_.insert(name).second; ++number) {
      name = fmt::format("{}_{}_{}", value, suffix, number);
    }
    return name;
  }

 private:
  std::set<std::string> taken_;
};

mil::Operation operation_of(std::string type, mil::NamedType output,
                            std::vector<mil::Argument> inputs) {
  mil::Operation operation;
  operation.type = std::move(type);
  operation.inputs = std::move(inputs);
  operation.attributes.push_back({"name", mil::Value::string(output.name)});
  operation.outputs.push_back(std::move(output));
  return operation;
}

mil::Operation const_operation(const std::string& name, mil::Value value) {
  mil::Operation operation = operation_of("const", {name, value.type()}, {});
  operation.attributes.push_back({"val", std::move(value)});
  return operation;
}

mil::Argument argument(std::string parameter, const std::string& name) {
  return {std::move(parameter), {mil::Binding(name)}, false};
}

// Appends the pair behind `value`; gives the name of its result.
std::string append_pair(const mil::NamedType& value, double scale, FreshNames& names,
                        std::vector<mil::Operation>& operations) {
  const std::string scale_name = names.make(value.name, "quantization_scale");
  const std::string type_name = names.make(value.name, "quantization_dtype");
  const std::string quantized = names.make(value.name, "quantized");
  const std::string dequantized = names.make(value.name, "dequantized");
  operations.push_back(const_operation(scale_name, mil::Value::fp16_scalar(scale)));
  operations.push_back(const_operation(type_name, mil::Value::string("int8")));
  operations.push_back(
      operation_of("quantize", {quantized, mil::Type::tensor(DataType::int8, value.type.shape())},
                   {argument("input", value.name), argument("output_dtype", type_name),
                    argument("scale", scale_name)}));
  operations.push_back(operation_of("dequantize", {dequantized, value.type},
                                    {argument("input", quantized), argument("scale", scale_name)}));
  return dequantized;
}

}  // namespace

std::string_view to_string(ActivationOutcome outcome) {
  switch (outcome) {
    case ActivationOutcome::quantized: return "quantized";
    case ActivationOutcome::already_quantized: return "it is quantized already";
    case ActivationOutcome::nested:
      return "it stands in the block of a loop or a branch, whose values are not observed";
    case ActivationOutcome::computed_operands:
      return "not exactly one of its operands is a constant";
    case ActivationOutcome::no_int8_weight: return "its weight is not int8 with zero point 0";
    case ActivationOutcome::not_half:
      return "its activation is not fp16, which integers stand in for";
    case ActivationOutcome::sums_too_large: return "its sums could exceed 32 bits";
    case ActivationOutcome::no_range: return "the range of its activation is not known";
    case ActivationOutcome::no_finite_range:
      return "its activation becomes infinite or has no scale in fp16";
    case ActivationOutcome::always_zero: return "its activation was always 0";
  }
  return "";
}

ActivationPlan plan_activations(const mil::Function& function,
                                const std::set<std::string_view>& int8_weights,
                                const ActivationRanges* ranges, weights::ScaleForm form) {
  return ActivationPlanner(function, int8_weights, ranges, form).plan();
}

void insert_pairs(const ActivationPlan& plan, mil::Function& function) {
  if (plan.sites.empty()) return;
  FreshNames names(function);
  std::map<std::string, std::string, std::less<>> replaced;
  std::vector<mil::Operation> operations;
  const auto append_if_planned = [&](const mil::NamedType& value) {
    const auto scale = plan.scales.find(value.name);
    if (scale == plan.scales.end()) return;
    replaced.emplace(value.name, append_pair(value, scale->second, names, operations));
  };
  for (const mil::NamedType& input : function.inputs) append_if_planned(input);
  auto site = plan.sites.begin();
  for (std::size_t i = 0; i < function.body.operations.size(); ++i) {
    mil::Operation operation = std::move(function.body.operations[i]);
    if (site != plan.sites.end() && site->operation == i) {
      for (mil::Argument& argument : operation.inputs) {
        if (argument.parameter != site->parameter) continue;
        argument.bindings.front() = replaced.find(site->value)->second;
      }
      ++site;
    }
    const std::vector<mil::NamedType> outputs = operation.outputs;
    operations.push_back(std::move(operation));
    for (const mil::NamedType& output : outputs) append_if_planned(output);
  }
  function.body.operations = std::move(operations);
}

bool is_int8_for_products(const mil::Operation& operation, std::size_t output_axis,
                          const mil::BlobResolver* resolver) {
  if (operation.type == "constexpr_affine_dequantize") {
    const mil::Value* zero_point = parameter_of(operation, "zero_point");
    return has_int8_data(operation, "quantized_data") && zero_point != nullptr &&
           is_zero(*zero_point, resolver) && scales_along(operation, output_axis);
  }
  if (operation.type != "constexpr_blockwise_shift_scale") return false;
  const mil::Value* scale = parameter_of(operation, "scale");
  if (!has_int8_data(operation, "data") || scale == nullptr || !scale->type().is_tensor() ||
      operation.find_input("offset") != nullptr || operation.find_attribute("offset") != nullptr) {
    return false;
  }
  const mil::Shape& blocks = scale->type().shape();
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (i != output_axis && blocks[i].size() != 1) return false;
  }
  return true;
}

}  // namespace anebench::transform
