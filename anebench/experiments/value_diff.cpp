#include "anebench/experiments/value_diff.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "anebench/experiments/named_values.h"
#include "anebench/ops/tensor.h"
#include "anebench/transform/extract.h"

namespace anebench::experiments {
namespace {

using transform::ListMatch;
using transform::MatchedPair;

bool is_numeric_tensor(const mil::Type& type) {
  return type.is_tensor() && type.data_type() != mil::DataType::string;
}

// Each element rounded once to the type.
Result<mil::Value> cast_value(const mil::Value& value, mil::DataType type) {
  if (value.type().data_type() == type) return value;
  const auto elements = value.as_doubles();
  const auto cast = mil::Type::tensor(type, value.type().shape());
  const auto size = cast.byte_size();
  if (!elements || !size) {
    return fail(ErrorCode::invalid_argument, "a {} cannot be turned into {}",
                mil::to_string(value.type()), mil::to_string(type));
  }
  mil::Value::Bytes bytes(static_cast<std::size_t>(*size));
  ops::store_doubles(type, bytes, 0, *elements);
  return mil::Value::packed(cast, std::move(bytes));
}

void compare_values(const mil::Value& before, const mil::Value& after,
                    std::optional<device::Comparison>& comparison, std::string& reason) {
  if (!before.is_packed() || !after.is_packed()) {
    reason = "no numeric tensor";
  } else if (before.type().shape() != after.type().shape()) {
    reason = fmt::format("{} before, {} after", mil::to_string(before.type()),
                         mil::to_string(after.type()));
  } else {
    comparison =
        device::compare(before.type(), before.bytes(), after.type().data_type(), after.bytes());
  }
}

// Both versions of one function, run with every matched value as an output.
class Differ {
 public:
  Differ(device::Device& device, const ModelVersion& before, const ModelVersion& after,
         const transform::FunctionDiff& structure, const device::CompileOptions& options)
      : device_(device), before_(before), after_(after), options_(options) {
    options_.function = structure.name;
    for (const transform::OperationChange& change : structure.operations) {
      if (change.kind == transform::ChangeKind::changed) changed_.insert(change.name);
    }
  }

  Result<ValueDiff> run(const std::vector<mil::Value>& inputs) {
    function_before_ = before_.program.find_function(options_.function);
    function_after_ = after_.program.find_function(options_.function);
    if (function_before_ == nullptr || function_after_ == nullptr) {
      return fail(ErrorCode::not_found, "one of the programs has no function '{}'",
                  options_.function);
    }
    ANEBENCH_TRY(match_inputs(inputs));
    match_layers();
    match_outputs();
    ANEBENCH_TRY(evaluate(before_, true), "the program before");
    ANEBENCH_TRY(evaluate(after_, false), "the program after");
    for (ValueDifference& output : diff_.outputs) compare(output);
    for (ValueDifference& layer : diff_.layers) compare(layer);
    ANEBENCH_TRY(run_changed_alone());
    return std::move(diff_);
  }

 private:
  Result<void> match_inputs(const std::vector<mil::Value>& inputs) {
    const auto inputs_before = inputs_of(*function_before_);
    const auto inputs_after = inputs_of(*function_after_);
    if (inputs.size() != inputs_before.size()) {
      return fail(ErrorCode::invalid_argument, "{} values for {} inputs", inputs.size(),
                  inputs_before.size());
    }
    const ListMatch match = transform::match_values(inputs_before, inputs_after);
    if (!match.added.empty()) {
      const mil::NamedType& lonely = inputs_after[match.added.front()];
      return fail(ErrorCode::invalid_argument,
                  "the input '{}' ({}) is only in the second program, so the two cannot be given "
                  "the same values",
                  lonely.name, mil::to_string(lonely.type));
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      values_before_.insert_or_assign(inputs_before[i].name, inputs[i]);
    }
    for (const MatchedPair& pair : match.pairs) {
      const mil::NamedType& input = inputs_after[pair.after];
      ANEBENCH_ASSIGN(value, cast_value(inputs[pair.before], input.type.data_type()),
                      fmt::format("input '{}'", input.name));
      values_after_.insert_or_assign(input.name, std::move(value));
      before_of_[input.name] = inputs_before[pair.before].name;
    }
    return {};
  }

  void match_layers() {
    const mil::Block& block_before = function_before_->body;
    const mil::Block& block_after = function_after_->body;
    for (const MatchedPair& pair : transform::match_operations(block_before, block_after).pairs) {
      const mil::Operation& was = block_before.operations[pair.before];
      const mil::Operation& is = block_after.operations[pair.after];
      const std::size_t count = std::min(was.outputs.size(), is.outputs.size());
      for (std::size_t i = 0; i < count; ++i) {
        before_of_[is.outputs[i].name] = was.outputs[i].name;
        if (!is_numeric_tensor(was.outputs[i].type) || !is_numeric_tensor(is.outputs[i].type)) {
          continue;
        }
        ValueDifference layer;
        layer.name_before = was.outputs[i].name;
        layer.name_after = is.outputs[i].name;
        layer.op_type = was.type;
        layer.match = pair.kind;
        layer.is_changed = changed_.contains(was.outputs.front().name);
        operation_of_.push_back(pair.after);
        diff_.layers.push_back(std::move(layer));
      }
    }
  }

  void match_outputs() {
    const auto outputs_before = transform::outputs_of(*function_before_);
    const auto outputs_after = transform::outputs_of(*function_after_);
    for (const MatchedPair& pair : transform::match_values(outputs_before, outputs_after).pairs) {
      ValueDifference output;
      output.name_before = outputs_before[pair.before].name;
      output.name_after = outputs_after[pair.after].name;
      output.match = pair.kind;
      diff_.outputs.push_back(std::move(output));
    }
  }

  Result<void> evaluate(const ModelVersion& version, bool is_before) {
    NamedValues& values = is_before ? values_before_ : values_after_;
    std::vector<std::string> names;
    std::set<std::string_view> seen;
    const auto want = [&](const ValueDifference& value) {
      const std::string& name = is_before ? value.name_before : value.name_after;
      if (seen.insert(name).second) names.push_back(name);
    };
    for (const ValueDifference& output : diff_.outputs) want(output);
    for (const ValueDifference& layer : diff_.layers) want(layer);
    if (names.empty()) return fail(ErrorCode::invalid_argument, "nothing in it was matched");
    ANEBENCH_ASSIGN(exposed, transform::with_outputs(version.program, options_.function, names));
    ANEBENCH_ASSIGN(loaded, run_on(device_, exposed, version.weights, values, options_));
    for (std::size_t i = 0; i < names.size(); ++i) {
      ANEBENCH_ASSIGN(value, loaded.output_value(i), names[i]);
      values.insert_or_assign(names[i], std::move(value));
    }
    return {};
  }

  void compare(ValueDifference& value) const {
    compare_values(values_before_.find(value.name_before)->second,
                   values_after_.find(value.name_after)->second, value.comparison, value.reason);
  }

  // What an operation takes, from before; nothing where something has no partner there.
  std::optional<NamedValues> inputs_from_before(const mil::Function& single) const {
    NamedValues values;
    for (const mil::NamedType& input : single.inputs) {
      const auto name = before_of_.find(input.name);
      if (name == before_of_.end()) return std::nullopt;
      const auto value = values_before_.find(name->second);
      if (value == values_before_.end() || !input.type.is_tensor()) return std::nullopt;
      auto cast = cast_value(value->second, input.type.data_type());
      if (!cast || !mil::compatible(cast->type(), input.type)) return std::nullopt;
      values.emplace(input.name, std::move(*cast));
    }
    return values;
  }

  Result<void> run_changed_alone() {
    for (std::size_t i = 0; i < diff_.layers.size(); ++i) {
      ValueDifference& layer = diff_.layers[i];
      if (!layer.is_changed) continue;
      const mil::Operation& operation = function_after_->body.operations[operation_of_[i]];
      if (!operation.blocks.empty()) continue;
      ANEBENCH_ASSIGN(single, transform::isolate_operation(after_.program, options_.function,
                                                           operation_of_[i]));
      const auto inputs = inputs_from_before(single.functions().front());
      if (!inputs) continue;
      ANEBENCH_ASSIGN(loaded, run_on(device_, single, after_.weights, *inputs, options_),
                      fmt::format("{} '{}' alone", operation.type, operation.label()));
      const auto& outputs = loaded.executable().outputs();
      for (std::size_t output = 0; output < outputs.size(); ++output) {
        if (outputs[output].name != layer.name_after) continue;
        ANEBENCH_ASSIGN(value, loaded.output_value(output), layer.name_after);
        std::string reason;
        compare_values(values_before_.find(layer.name_before)->second, value, layer.alone, reason);
      }
    }
    return {};
  }

  device::Device& device_;
  const ModelVersion& before_;
  const ModelVersion& after_;
  device::CompileOptions options_;
  // Operations by their first output before.
  std::set<std::string, std::less<>> changed_;
  const mil::Function* function_before_ = nullptr;
  const mil::Function* function_after_ = nullptr;
  NamedValues values_before_;
  NamedValues values_after_;
  // The matched value before of one after.
  std::map<std::string, std::string, std::less<>> before_of_;
  // The position after of each layer's operation.
  std::vector<std::size_t> operation_of_;
  ValueDiff diff_;
};

}  // namespace

std::vector<mil::NamedType> inputs_of(const mil::Function& function) {
  std::vector<mil::NamedType> inputs;
  for (const mil::NamedType& input : function.inputs) {
    if (input.type.kind() != mil::Type::Kind::state) inputs.push_back(input);
  }
  return inputs;
}

Result<ValueDiff> diff_values(device::Device& device, const ModelVersion& before,
                              const ModelVersion& after, const transform::FunctionDiff& structure,
                              const std::vector<mil::Value>& inputs,
                              const device::CompileOptions& options) {
  return Differ(device, before, after, structure, options).run(inputs);
}

std::optional<double> lowest_output_snr(const ValueDiff& diff) {
  std::optional<double> lowest;
  for (const ValueDifference& output : diff.outputs) {
    if (!output.comparison) continue;
    const double snr = output.comparison->special_mismatches > 0
                           ? -std::numeric_limits<double>::infinity()
                           : output.comparison->snr_db;
    lowest = std::min(lowest.value_or(snr), snr);
  }
  return lowest;
}

}  // namespace anebench::experiments
