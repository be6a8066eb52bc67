#include "anebench/transform/requantize.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "anebench/ops/verifier.h"
#include "anebench/package/opset_name.h"
#include "anebench/transform/weight_plan.h"
#include "anebench/transform/weight_store.h"

namespace anebench::transform {
namespace {

// `quantize` and `dequantize` are operations of iOS 17.
constexpr mil::Opset kActivationsSince = mil::Opset::ios17;

struct FunctionChange {
  const mil::Function* function = nullptr;
  WeightPlan weights;
  ActivationPlan activations;
  // Of the new function, as spelled.
  std::string opset;

  bool is_change() const { return !weights.replacements.empty() || !activations.sites.empty(); }
};

mil::Operation constexpr_operation(const mil::Operation& constant, const StoredWeight& stored) {
  mil::Operation operation;
  operation.type = stored.op_type;
  operation.outputs = constant.outputs;
  operation.location = constant.location;
  for (const auto& [name, value] : stored.parameters) {
    if (stored.in_attributes) {
      operation.attributes.push_back({name, value});
    } else {
      operation.inputs.push_back({name, {value}, false});
    }
  }
  if (const mil::Value* label = constant.find_attribute("name")) {
    operation.attributes.push_back({"name", *label});
  }
  return operation;
}

class Requantizer {
 public:
  Requantizer(const mil::Program& program, const weights::WeightFiles* files,
              const RequantizeOptions& options)
      : program_(program), options_(options), planner_(files, options), store_(files) {}

  // Fills the report. Whether there is anything to change.
  Result<bool> plan();
  // The changed program.
  Result<mil::Program> build();
  Result<std::shared_ptr<weights::WeightFiles>> take_files(weights::ReadMode mode) {
    return store_.finish(mode);
  }
  RequantizeReport take_report() { return std::move(report_); }

 private:
  Result<FunctionChange> plan_function(const mil::Function& function);
  tl::unexpected<Error> refuse_opset(const mil::Function& function, mil::Opset needed) const;
  Result<void> choose_opset(FunctionChange& change);
  Result<mil::Block> rebuild(const mil::Block& block, const FunctionChange& change);
  Result<mil::Operation> rebuild(const mil::Operation& operation, const FunctionChange& change);

  const mil::Program& program_;
  const RequantizeOptions& options_;
  WeightPlanner planner_;
  WeightStore store_;
  std::vector<FunctionChange> changes_;
  RequantizeReport report_;
};

tl::unexpected<Error> Requantizer::refuse_opset(const mil::Function& function,
                                                mil::Opset needed) const {
  return fail(ErrorCode::unsupported,
              "scheme {} needs opset {}, but function '{}' has {}; it would have to be raised, and "
              "so would the oldest system that the model runs on",
              options_.scheme->name, mil::to_string(needed), function.name, function.opset);
}

Result<void> Requantizer::choose_opset(FunctionChange& change) {
  const mil::Function& function = *change.function;
  const mil::Opset own = opset_of(function);
  mil::Opset needed = options_.scheme->since;
  if (!change.activations.sites.empty()) needed = std::max(needed, kActivationsSince);
  if (own >= needed) return {};
  if (!options_.raises_opset) {
    return refuse_opset(function, needed);
  }
  change.opset = std::string(mil::to_string(needed));
  report_.opsets.push_back({function.name, function.opset, change.opset});
  return {};
}

Result<FunctionChange> Requantizer::plan_function(const mil::Function& function) {
  FunctionChange change;
  change.function = &function;
  change.opset = function.opset;
  if (!options_.function.empty() && options_.function != function.name) return change;
  // Before anything takes time: what may not be raised is refused.
  if (!options_.raises_opset && opset_of(function) < options_.scheme->since &&
      std::ranges::any_of(planner_.expect(function).results, [](const WeightResult& weight) {
        return weight.outcome == WeightOutcome::quantized;
      })) {
    return refuse_opset(function, options_.scheme->since);
  }
  ANEBENCH_ASSIGN(weights, planner_.plan(function));
  change.weights = std::move(weights);
  if (options_.scheme->has_activations) {
    static const ActivationRanges kNoRanges;
    const auto ranges = options_.ranges.find(function.name);
    change.activations = plan_activations(
        function, change.weights.int8_weights,
        ranges == options_.ranges.end() ? &kNoRanges : &ranges->second, options_.activation_scales);
  }
  if (change.is_change()) ANEBENCH_TRY(choose_opset(change));
  return change;
}

Result<bool> Requantizer::plan() {
  if (!options_.function.empty() && program_.find_function(options_.function) == nullptr) {
    return fail(ErrorCode::not_found, "the program has no function '{}'", options_.function);
  }
  for (const mil::Function& function : program_.functions()) {
    ANEBENCH_ASSIGN(change, plan_function(function), fmt::format("function '{}'", function.name));
    std::ranges::copy(change.weights.results, std::back_inserter(report_.weights));
    std::ranges::copy(change.activations.results, std::back_inserter(report_.activations));
    changes_.push_back(std::move(change));
  }
  return std::ranges::any_of(changes_, &FunctionChange::is_change);
}

Result<mil::Operation> Requantizer::rebuild(const mil::Operation& operation,
                                            const FunctionChange& change) {
  const auto found = change.weights.replacements.find(&operation);
  const bool is_new = found != change.weights.replacements.end();
  mil::Operation result = is_new ? constexpr_operation(operation, *found->second) : operation;
  const auto move = [&](mil::Value& value) -> Result<void> {
    ANEBENCH_ASSIGN(moved, is_new ? store_.add(value) : store_.keep(value),
                    fmt::format("{} '{}'", operation.type, operation.label()));
    value = std::move(moved);
    return {};
  };
  for (mil::Attribute& attribute : result.attributes) ANEBENCH_TRY(move(attribute.value));
  for (mil::Argument& argument : result.inputs) {
    for (mil::Binding& binding : argument.bindings) {
      if (auto* value = std::get_if<mil::Value>(&binding)) ANEBENCH_TRY(move(*value));
    }
  }
  for (mil::Block& block : result.blocks) {
    ANEBENCH_ASSIGN(inner, rebuild(block, change));
    block = std::move(inner);
  }
  return result;
}

Result<mil::Block> Requantizer::rebuild(const mil::Block& block, const FunctionChange& change) {
  mil::Block result;
  result.inputs = block.inputs;
  result.outputs = block.outputs;
  result.attributes = block.attributes;
  result.operations.reserve(block.operations.size());
  for (const mil::Operation& operation : block.operations) {
    ANEBENCH_ASSIGN(rebuilt, rebuild(operation, change));
    result.operations.push_back(std::move(rebuilt));
  }
  return result;
}

Result<mil::Program> Requantizer::build() {
  mil::ProgramData data = program_.data();
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    const FunctionChange& change = changes_[i];
    mil::Function& function = data.functions[i];
    ANEBENCH_ASSIGN(body, rebuild(change.function->body, change));
    function.body = std::move(body);
    function.opset = change.opset;
    insert_pairs(change.activations, function);
    // The text of newer opsets is of a newer format.
    if (change.opset != change.function->opset) {
      const std::string_view version =
          package::text_version(package::specification_of(change.opset));
      if (data.version < version) data.version = std::string(version);
    }
  }
  return mil::Program(std::move(data));
}

// A newer opset may want other arguments than an older one; what was not valid before is no news.
Result<void> check_validity(const mil::Program& before, const weights::WeightFiles* files_before,
                            const Requantized& after) {
  const ops::Report now = ops::verify(after.program, {.resolver = after.weights.get()});
  if (now.ok()) return {};
  const ops::Report then = ops::verify(before, {.resolver = files_before});
  if (now.error_count <= then.error_count) return {};
  const auto is_error = [](const ops::Diagnostic& diagnostic) {
    return diagnostic.severity == ops::Severity::error;
  };
  const auto first = std::ranges::find_if(now.diagnostics, is_error);
  std::string opsets;
  for (const OpsetChange& change : after.report.opsets) {
    opsets += fmt::format("; function '{}' was raised from {} to {}", change.function,
                          change.before, change.after);
  }
  return fail(ErrorCode::verification_error, "the quantized program breaks a rule{}: {}", opsets,
              first == now.diagnostics.end() ? "" : ops::to_string(*first));
}

}  // namespace

std::size_t RequantizeReport::quantized_weights() const {
  return static_cast<std::size_t>(
      std::ranges::count(weights, WeightOutcome::quantized, &WeightResult::outcome));
}

std::size_t RequantizeReport::quantized_activations() const {
  return static_cast<std::size_t>(
      std::ranges::count(activations, ActivationOutcome::quantized, &ActivationResult::outcome));
}

Result<Requantized> requantize(const mil::Program& program,
                               std::shared_ptr<weights::WeightFiles> files,
                               const RequantizeOptions& options) {
  Requantizer requantizer(program, files.get(), options);
  ANEBENCH_ASSIGN(is_changed, requantizer.plan());
  if (!is_changed) return Requantized{program, std::move(files), requantizer.take_report()};
  Requantized result;
  ANEBENCH_ASSIGN(changed, requantizer.build());
  result.program = std::move(changed);
  ANEBENCH_ASSIGN(new_files,
                  requantizer.take_files(files ? files->mode() : weights::ReadMode::tolerant));
  result.weights = std::move(new_files);
  result.report = requantizer.take_report();
  ANEBENCH_TRY(check_validity(program, files.get(), result));
  return result;
}

Result<std::vector<std::string>> needed_activations(const mil::Program& program,
                                                    const weights::WeightFiles* files,
                                                    const RequantizeOptions& options,
                                                    std::string_view function) {
  const mil::Function* found = program.find_function(function);
  if (found == nullptr) {
    return fail(ErrorCode::not_found, "the program has no function '{}'", function);
  }
  std::vector<std::string> names;
  if (!options.scheme->has_activations) return names;
  const WeightPlan weights = WeightPlanner(files, options).expect(*found);
  const ActivationPlan plan =
      plan_activations(*found, weights.int8_weights, nullptr, options.activation_scales);
  std::set<std::string_view> seen;
  for (const ActivationSite& site : plan.sites) {
    if (seen.insert(site.value).second) names.emplace_back(site.value);
  }
  return names;
}

}  // namespace anebench::transform
