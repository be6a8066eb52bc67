#include "anebench/transform/weight_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "anebench/base/half.h"
#include "anebench/ops/registry.h"
#include "anebench/transform/extract.h"

namespace anebench::transform {
namespace {

using mil::DataType;

std::int64_t parameter_bytes(const mil::Operation& operation) {
  std::int64_t bytes = 0;
  const auto add = [&](const mil::Value& value) {
    // Sizes beyond an int64 are for the verifier to name.
    const std::int64_t size = value.type().byte_size().value_or(0);
    bytes += std::min(size, INT64_MAX - bytes);
  };
  for (const mil::Attribute& attribute : operation.attributes) add(attribute.value);
  for (const mil::Argument& argument : operation.inputs) {
    for (const mil::Binding& binding : argument.bindings) {
      if (const auto* value = std::get_if<mil::Value>(&binding)) add(*value);
    }
  }
  return bytes;
}

bool is_half_or_single(const mil::Type& type) {
  return type.data_type() == DataType::fp16 || type.data_type() == DataType::fp32;
}

// Why a constant with this use must stay as it is; empty where it need not.
std::string use_problem(const ConstantUse& use) {
  if (use.operation == nullptr) return "a block returns it";
  const std::string& type = use.operation->type;
  if (!use.operation->blocks.empty() || type == "quantize" || type == "dequantize" ||
      ops::find(type) == nullptr) {
    return fmt::format("{} takes it", describe(*use.operation));
  }
  return {};
}

Result<std::vector<float>> floats_of(const mil::Value& value, const mil::BlobResolver* files) {
  const mil::NoBlobs none;
  ANEBENCH_ASSIGN(shared, mil::packed_bytes(value, files != nullptr ? *files : none));
  const auto count = static_cast<std::size_t>(value.type().element_count().value_or(0));
  std::vector<float> floats(count);
  if (value.type().data_type() == DataType::fp32) {
    std::memcpy(floats.data(), shared.bytes.data(), count * sizeof(float));
    return floats;
  }
  // Copied, since blobs need not be aligned.
  std::vector<std::uint16_t> halves(count);
  std::memcpy(halves.data(), shared.bytes.data(), count * sizeof(std::uint16_t));
  floats_from_halves(halves, floats);
  return floats;
}

}  // namespace

std::string_view to_string(WeightOutcome outcome) {
  switch (outcome) {
    case WeightOutcome::quantized: return "quantized";
    case WeightOutcome::already_quantized: return "it is quantized already";
    case WeightOutcome::too_small: return "it is too small";
    case WeightOutcome::vector: return "it is a vector, such as a bias";
    case WeightOutcome::no_weight: return "it is used as a value, not as a weight";
    case WeightOutcome::unsupported_type: return "it is neither fp16 nor fp32";
    case WeightOutcome::no_blocks: return "its channels do not divide into blocks";
    case WeightOutcome::not_smaller: return "it would not become smaller";
    case WeightOutcome::not_representable: return "its values do not fit";
  }
  return "";
}

mil::Opset opset_of(const mil::Function& function) {
  return mil::parse_opset(function.opset).value_or(mil::Opset::ios26);
}

void WeightPlanner::judge_const(const ConstantUses& constant, WeightResult& result) const {
  const auto set = [&](WeightOutcome outcome, std::string detail = {}) {
    result.outcome = outcome;
    result.detail = std::move(detail);
  };
  const auto expands = std::ranges::find_if(constant.uses, [](const ConstantUse& use) {
    return use.operation != nullptr && is_constant_operation(*use.operation);
  });
  if (expands != constant.uses.end()) {
    return set(WeightOutcome::already_quantized, "part of " + describe(*expands->operation));
  }
  if (result.type.rank() < 2) return set(WeightOutcome::vector);
  const auto count = result.type.element_count();
  if (!count || *count < std::max<std::int64_t>(options_.min_elements, 1)) {
    return set(WeightOutcome::too_small, fmt::format("{} elements", count.value_or(0)));
  }
  if (constant.uses.empty()) return set(WeightOutcome::no_weight, "nothing takes it");
  for (const ConstantUse& use : constant.uses) {
    std::string problem = use_problem(use);
    if (!problem.empty()) return set(WeightOutcome::no_weight, std::move(problem));
  }
  if (!is_half_or_single(result.type)) return set(WeightOutcome::unsupported_type);
  if (options_.scheme->kind != SchemeKind::blockwise) return;
  std::string problem = block_problem(result.type.shape(), constant.leading_use()->axes);
  if (!problem.empty()) set(WeightOutcome::no_blocks, std::move(problem));
}

std::optional<WeightResult> WeightPlanner::judge(const mil::Function& function,
                                                 const ConstantUses& constant) const {
  if (constant.operation->outputs.empty()) return std::nullopt;
  const mil::NamedType& output = constant.operation->outputs.front();
  WeightResult result;
  result.function = function.name;
  result.name = output.name;
  result.type = constant.value != nullptr ? constant.value->type() : output.type;
  if (!result.type.is_tensor() || !mil::is_floating_point(result.type.data_type()) ||
      result.type.rank() == 0) {
    return std::nullopt;
  }
  const ConstantUse* use = constant.leading_use();
  if (use != nullptr && use->operation != nullptr) result.used_by = describe(*use->operation);
  if (constant.value == nullptr) {
    result.outcome = WeightOutcome::already_quantized;
    result.detail = constant.operation->type;
    result.bytes_before = parameter_bytes(*constant.operation);
  } else {
    result.bytes_before = result.type.byte_size().value_or(0);
    judge_const(constant, result);
  }
  result.bytes_after = result.bytes_before;
  return result;
}

bool WeightPlanner::is_int8_for_all(const ConstantUses& constant,
                                    const WeightResult& result) const {
  if (constant.uses.empty()) return false;
  const std::size_t output_axis = constant.leading_use()->axes.output;
  if (constant.value == nullptr) {
    if (!is_int8_for_products(*constant.operation, output_axis, files_)) return false;
  } else if (result.outcome != WeightOutcome::quantized ||
             options_.scheme->kind != SchemeKind::affine) {
    return false;
  }
  // Scales run along the output channels of one use; of another they may be what is summed over.
  return std::ranges::all_of(
      constant.uses, [&](const ConstantUse& use) { return use.axes.output == output_axis; });
}

WeightPlanner::Expectation WeightPlanner::expect(const mil::Function& function,
                                                 const std::vector<ConstantUses>& constants) const {
  Expectation expected;
  for (const ConstantUses& constant : constants) {
    std::optional<WeightResult> result = judge(function, constant);
    if (!result) continue;
    if (!constant.is_nested && is_int8_for_all(constant, *result)) {
      expected.plan.int8_weights.insert(constant.operation->outputs.front().name);
    }
    expected.plan.results.push_back(*std::move(result));
    expected.constants.push_back(&constant);
  }
  return expected;
}

WeightPlan WeightPlanner::expect(const mil::Function& function) const {
  return expect(function, constants_of(function, files_)).plan;
}

Result<std::shared_ptr<const StoredWeight>> WeightPlanner::store(const mil::Value& value,
                                                                 const WeightAxes& axes,
                                                                 mil::Opset opset) {
  const bool is_in_file = value.is_blob();
  Key key;
  if (is_in_file) {
    const mil::BlobReference& place = value.blob_reference();
    key = {place.path, place.offset, mil::to_string(value.type()), axes, opset};
    const auto found = stored_.find(key);
    if (found != stored_.end()) return found->second;
  }
  ANEBENCH_ASSIGN(floats, floats_of(value, files_));
  ANEBENCH_ASSIGN(weight, store_weight(*options_.scheme, value.type(), floats, axes, opset));
  auto shared = std::make_shared<const StoredWeight>(std::move(weight));
  if (is_in_file) stored_.emplace(std::move(key), shared);
  return shared;
}

Result<WeightPlan> WeightPlanner::plan(const mil::Function& function) {
  const std::vector<ConstantUses> constants = constants_of(function, files_);
  auto [plan, expected] = expect(function, constants);
  const mil::Opset opset = std::max(opset_of(function), options_.scheme->since);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    WeightResult& current = plan.results[i];
    if (current.outcome != WeightOutcome::quantized) continue;
    const ConstantUses& constant = *expected[i];
    auto stored = store(*constant.value, constant.leading_use()->axes, opset);
    // What cannot be read is an error; what cannot be quantized stays.
    if (!stored && stored.error().code() != ErrorCode::invalid_argument) {
      return fail_with_context(std::move(stored).error(), fmt::format("weight '{}'", current.name));
    }
    if (!stored || (*stored)->bytes >= current.bytes_before) {
      current.outcome = stored ? WeightOutcome::not_smaller : WeightOutcome::not_representable;
      current.detail =
          stored ? fmt::format("{} bytes before, {} after", current.bytes_before, (*stored)->bytes)
                 : stored.error().message();
      plan.int8_weights.erase(current.name);
      continue;
    }
    current.bytes_after = (*stored)->bytes;
    current.snr_db = (*stored)->error.snr_db;
    plan.replacements.emplace(constant.operation, *std::move(stored));
  }
  return std::move(plan);
}

}  // namespace anebench::transform
