#include "anebench/device/simulated/cost_model.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "anebench/ops/arguments.h"
#include "anebench/ops/definition.h"
#include "anebench/ops/scope.h"

namespace anebench::device {
namespace {

// How values are used: a layer's output is moved in 8 bits where nothing but quantize reads it.
struct Uses {
  std::size_t all = 0;
  std::size_t by_quantize = 0;
};

std::map<std::string_view, Uses> count_uses(const mil::Function& function) {
  std::map<std::string_view, Uses> uses;
  for (const mil::Operation& operation : function.body.operations) {
    for (const mil::Argument& argument : operation.inputs) {
      for (const mil::Binding& binding : argument.bindings) {
        const auto* name = std::get_if<std::string>(&binding);
        if (name == nullptr) continue;
        ++uses[*name].all;
        if (operation.type == "quantize") ++uses[*name].by_quantize;
      }
    }
  }
  for (const std::string& name : function.body.outputs) ++uses[name].all;
  return uses;
}

class CostModel {
 public:
  CostModel(const mil::Function& function, const SimulatedOptions& options)
      : options_(options), uses_(count_uses(function)), scope_(function) {}

  // Adds the time of an operation; to be called in their order.
  Result<void> add(const mil::Operation& operation) {
    ANEBENCH_TRY(add_time(operation));
    scope_.declare(operation);
    return {};
  }

  double time_ns() const { return time_ns_; }

 private:
  bool moves_weights_compressed() const {
    return options_.mechanism == Mechanism::storage || options_.mechanism == Mechanism::native;
  }
  bool moves_activations_in_8_bits() const {
    return options_.mechanism == Mechanism::activations || options_.mechanism == Mechanism::native;
  }

  Result<void> add_time(const mil::Operation& operation) {
    if (operation.type == "const" || operation.outputs.empty()) return {};
    const std::string_view output = operation.outputs.front().name;
    if (operation.type == "dequantize") dequantized_.insert(output);
    if (operation.type == "dequantize" || operation.type == "quantize") return {};
    ANEBENCH_ASSIGN(arguments, ops::Arguments::bind(operation, scope_));
    ANEBENCH_ASSIGN(cost, ops::cost(arguments));
    if (arguments.definition().is_constexpr) {
      compressed_[output] = cost.weight_bytes;
      return {};
    }
    add_layer(arguments, cost, output);
    return {};
  }

  void add_layer(const ops::Arguments& arguments, const ops::OpCost& cost,
                 std::string_view output) {
    double weight_bytes = cost.weight_bytes;
    bool has_compressed_weights = false;
    if (const auto weight = arguments.name("weight")) {
      if (const auto stored = compressed_.find(*weight); stored != compressed_.end()) {
        has_compressed_weights = true;
        if (moves_weights_compressed()) weight_bytes = stored->second;
      }
    }
    // An int8 is half an fp16.
    const auto x = arguments.name("x");
    const bool reads_8_bits = x && dequantized_.contains(*x);
    const auto uses = uses_.find(output);
    const bool writes_8_bits = uses != uses_.end() && uses->second.by_quantize == uses->second.all;
    double read = cost.bytes_read - cost.weight_bytes;
    double written = cost.bytes_written;
    if (moves_activations_in_8_bits() && reads_8_bits) read /= 2;
    if (moves_activations_in_8_bits() && writes_8_bits) written /= 2;
    const bool is_int8 =
        options_.mechanism == Mechanism::native && has_compressed_weights && reads_8_bits;
    const double rate = options_.fp16_ops_per_second * (is_int8 ? 2 : 1);
    time_ns_ +=
        1e9 * std::max({cost.operations / rate, weight_bytes / options_.weight_bytes_per_second,
                        (read + written) / options_.activation_bytes_per_second});
  }

  const SimulatedOptions& options_;
  std::map<std::string_view, Uses> uses_;
  ops::Scope scope_;
  std::set<std::string_view> dequantized_;
  std::map<std::string_view, double> compressed_;  // stored bytes
  double time_ns_ = 0;
};

}  // namespace

Result<double> simulated_time_ns(const mil::Function& function, const SimulatedOptions& options) {
  CostModel model(function, options);
  for (const mil::Operation& operation : function.body.operations) {
    ANEBENCH_TRY(model.add(operation));
  }
  return options.floor_ns + model.time_ns();
}

}  // namespace anebench::device
