#include "anebench/device/chip/program_work.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "anebench/mil/names_read.h"
#include "anebench/ops/arguments.h"
#include "anebench/ops/definition.h"
#include "anebench/ops/scope.h"

namespace anebench::device {
namespace {

using mil::DataType;
using Kind = LayerWork::Kind;

// Stored bits of a weight with a scale, scales included: at most 8 and a little.
constexpr double kInt8WeightBits = 9;

constexpr std::array<std::string_view, 5> kViews = {"reshape", "expand_dims", "squeeze",
                                                    "flatten2d", "identity"};

bool is_one_of(std::string_view type, std::span<const std::string_view> names) {
  return std::ranges::find(names, type) != names.end();
}

// Elements of a tensor of known size; 0 for what is no tensor.
double elements_of(const mil::Type& type) {
  return type.is_tensor() ? static_cast<double>(type.element_count().value_or(0)) : 0;
}

// The engine computes in fp16: what is wider in the program has two bytes on it.
double bytes_moved(const mil::Type& type, bool is_int8) {
  if (!type.is_tensor()) return 0;
  if (is_int8) return elements_of(type);
  if (type.data_type() == DataType::fp32) return 2 * elements_of(type);
  return static_cast<double>(type.byte_size().value_or(0));
}

// A constant factor, as it is stored.
struct StoredWeight {
  double bits = 16;
  bool is_affine = false;
};

class WorkReader {
 public:
  explicit WorkReader(const mil::Function& function) : function_(function), scope_(function) {
    for (const mil::Operation& operation : function.body.operations) {
      mil::visit_names_read(operation, [&](const std::string& name) { ++readers_[name]; });
    }
    for (const std::string& name : function.body.outputs) ++readers_[name];
    for (const mil::NamedType& input : function.inputs) {
      if (input.type.kind() != mil::Type::Kind::state) edge_.insert(input.name);
    }
  }

  Result<ProgramWork> read() {
    const auto& operations = function_.body.operations;
    for (index_ = 0; index_ < operations.size(); ++index_) {
      ANEBENCH_TRY(read_operation(operations[index_]));
      scope_.declare(operations[index_]);
    }
    if (!work_.layers.empty()) cover_pending(work_.layers.back());
    finish_outputs();
    ANEBENCH_TRY(count_edge());
    return std::move(work_);
  }

 private:
  Result<void> read_operation(const mil::Operation& operation) {
    if (operation.type == "const" || operation.outputs.empty()) return {};
    ANEBENCH_ASSIGN(arguments, ops::Arguments::bind(operation, scope_));
    if (!operation.blocks.empty()) {
      return fail(ErrorCode::unsupported,
                  "{}: how often its blocks run depends on values, so its time cannot be told",
                  arguments.describe());
    }
    if (arguments.definition().is_constexpr) return note_weight(arguments);
    if (operation.type == "quantize") return note_quantize(arguments);
    if (operation.type == "dequantize") return note_dequantize(arguments);
    if (is_free(arguments)) {
      pass_on(arguments);
      return {};
    }
    if (is_fused(arguments)) {
      fuse(arguments);
      return {};
    }
    return add_layer(arguments);
  }

  static std::string_view output_of(const ops::Arguments& arguments) {
    return arguments.operation().outputs.front().name;
  }

  Result<ops::OpCost> cost_of(const ops::Arguments& arguments) const {
    auto cost = ops::cost(arguments);
    if (!cost && cost.error().code() != ErrorCode::verification_error) {
      return fail(ErrorCode::unsupported, "its time cannot be told: {}", cost.error().to_string());
    }
    return cost;
  }

  Result<void> note_weight(const ops::Arguments& arguments) {
    ANEBENCH_ASSIGN(cost, cost_of(arguments));
    const mil::Operation& operation = arguments.operation();
    const double elements = elements_of(operation.outputs.front().type);
    StoredWeight stored;
    if (elements > 0) stored.bits = 8 * cost.weight_bytes / elements;
    stored.is_affine = operation.type == "constexpr_affine_dequantize" ||
                       operation.type == "constexpr_blockwise_shift_scale";
    stored_[operation.outputs.front().name] = stored;
    return {};
  }

  // Zero point 0 and a constant scale: what the engine folds into the layers on both sides.
  static bool is_on_grid(const ops::Arguments& arguments) {
    if (!arguments.is_constant("scale")) return false;
    if (!arguments.has("zero_point")) return true;
    const auto zero = arguments.number("zero_point");
    return zero && *zero == 0;
  }

  Result<void> note_quantize(const ops::Arguments& arguments) {
    const auto input = arguments.name("input");
    if (!input || !is_on_grid(arguments)) return add_layer(arguments);
    ++quantizing_readers_[*input];
    on_grid_.insert(output_of(arguments));
    cover(*input, output_of(arguments));
    return {};
  }

  Result<void> note_dequantize(const ops::Arguments& arguments) {
    const auto input = arguments.name("input");
    if (!input || !on_grid_.contains(*input) || !is_on_grid(arguments)) {
      return add_layer(arguments);
    }
    int8_values_.insert(output_of(arguments));
    cover(*input, output_of(arguments));
    return {};
  }

  // Views, and casts between what the caller sees and fp16.
  bool is_free(const ops::Arguments& arguments) const {
    const mil::Operation& operation = arguments.operation();
    if (is_one_of(operation.type, kViews)) return true;
    if (operation.type != "cast") return false;
    const auto x = arguments.name("x");
    const auto& outputs = function_.body.outputs;
    return (x && edge_.contains(*x)) ||
           std::ranges::find(outputs, operation.outputs.front().name) != outputs.end();
  }

  void pass_on(const ops::Arguments& arguments) {
    const auto x = arguments.name("x");
    if (!x) {
      pending_.push_back(index_);
      return;
    }
    if (int8_values_.contains(*x)) int8_values_.insert(output_of(arguments));
    cover(*x, output_of(arguments));
  }

  // One operand that a layer has just made for it alone; all others are constant.
  bool is_fused(const ops::Arguments& arguments) const {
    const std::string_view family = arguments.definition().family;
    const std::string& type = arguments.operation().type;
    const bool is_elementwise = family == "activation" || family == "elementwise_unary" ||
                                family == "elementwise_binary" || type == "batch_norm";
    if (!is_elementwise || type == "softmax" || type == "cast") return false;
    const auto x = arguments.name("x");
    if (!x) return false;
    const auto owner = owners_.find(*x);
    if (owner == owners_.end() || outputs_[owner->second] != *x) return false;
    if (work_.layers[owner->second].kind == Kind::other) return false;
    const auto readers = readers_.find(*x);
    if (readers == readers_.end() || readers->second != 1) return false;
    return !arguments.has("y") || arguments.is_constant("y");
  }

  void fuse(const ops::Arguments& arguments) {
    const std::size_t owner = owners_.find(*arguments.name("x"))->second;
    work_.layers[owner].covered.push_back(index_);
    owners_[output_of(arguments)] = owner;
    outputs_[owner] = output_of(arguments);
  }

  // Has the operation done by the layer that made `x`, or by the next where there is none yet.
  void cover(std::string_view x, std::string_view output) {
    const auto owner = owners_.find(x);
    if (owner == owners_.end()) {
      pending_.push_back(index_);
      return;
    }
    work_.layers[owner->second].covered.push_back(index_);
    owners_.emplace(output, owner->second);
  }

  void cover_pending(LayerWork& layer) {
    layer.covered.insert(layer.covered.end(), pending_.begin(), pending_.end());
    pending_.clear();
    std::ranges::sort(layer.covered);
  }

  Result<void> add_layer(const ops::Arguments& arguments) {
    ANEBENCH_ASSIGN(cost, cost_of(arguments));
    const mil::Operation& operation = arguments.operation();
    LayerWork layer;
    layer.name = operation.label();
    layer.type = operation.type;
    layer.operations = cost.operations;
    const bool is_dense = operation.type == "conv" || operation.type == "conv_transpose" ||
                          operation.type == "linear" || operation.type == "matmul";
    const bool all_int8 = read_operands(arguments, is_dense, layer);
    if (operation.type.starts_with("conv")) {
      ANEBENCH_TRY(describe_convolution(arguments, layer));
    } else if (is_dense) {
      ANEBENCH_TRY(describe_product(arguments, layer));
    }
    layer.is_int8 = is_dense && all_int8 &&
                    (layer.weight_elements == 0 ||
                     (layer.has_affine_weight && layer.weight_bits <= kInt8WeightBits));
    cover_pending(layer);
    layer.covered.push_back(index_);
    for (const mil::NamedType& output : operation.outputs) {
      owners_[output.name] = work_.layers.size();
    }
    outputs_.push_back(output_of(arguments));
    work_.layers.push_back(std::move(layer));
    return {};
  }

  // Adds what is read. True where every value that the program computes comes as int8.
  bool read_operands(const ops::Arguments& arguments, bool is_dense, LayerWork& layer) {
    bool all_int8 = true;
    for (const ops::Parameter& parameter : arguments.version().parameters) {
      for (std::size_t i = 0; i < arguments.count(parameter.name); ++i) {
        const auto type = arguments.type(parameter.name, i);
        if (!type) continue;
        const auto name = arguments.name(parameter.name, i);
        if (arguments.is_constant(parameter.name, i)) {
          if (is_dense && is_factor(arguments, parameter.name)) read_weight(*type, name, layer);
          continue;
        }
        const bool is_int8 = name && int8_values_.contains(*name);
        all_int8 = all_int8 && is_int8;
        layer.activation_bytes += bytes_moved(*type, is_int8);
      }
    }
    return all_int8;
  }

  static bool is_factor(const ops::Arguments& arguments, std::string_view parameter) {
    if (arguments.operation().type == "matmul") return parameter == "x" || parameter == "y";
    return parameter == "weight";
  }

  void read_weight(const mil::Type& type, std::optional<std::string_view> name,
                   LayerWork& layer) const {
    layer.weight_elements += elements_of(type);
    const auto stored = name ? stored_.find(*name) : stored_.end();
    if (stored == stored_.end()) return;
    layer.weight_bits = stored->second.bits;
    layer.has_affine_weight = stored->second.is_affine;
  }

  static Result<void> describe_convolution(const ops::Arguments& arguments, LayerWork& layer) {
    ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
    ANEBENCH_ASSIGN(weight, arguments.tensor_type("weight"));
    ANEBENCH_ASSIGN(groups, arguments.integer_or("groups", 1));
    const mil::Type& y = arguments.operation().outputs.front().type;
    layer.kind = Kind::conv;
    if (x.rank() < 3 || y.rank() != x.rank() || weight.rank() != x.rank()) return {};
    layer.in_channels = x.shape()[1].size();
    layer.out_channels = y.shape()[1].size();
    layer.is_flat = x.rank() == 3 || (x.rank() == 4 && x.shape()[2] == 1 && y.shape()[2] == 1);
    if (arguments.operation().type != "conv" || groups != 1) return {};
    const auto has_kernel = [&](std::int64_t size) {
      return std::all_of(weight.shape().begin() + 2, weight.shape().end(),
                         [&](mil::Dim dim) { return dim == size; });
    };
    bool has_stride = false;
    if (arguments.has("strides")) {
      ANEBENCH_ASSIGN(strides, arguments.integers("strides"));
      has_stride = std::ranges::any_of(strides, [](std::int64_t stride) { return stride != 1; });
    }
    if (has_kernel(1)) {
      layer.kind = Kind::conv1x1;
    } else if (x.rank() == 4 && has_kernel(3) && !has_stride) {
      layer.kind = Kind::conv3x3;
    }
    return {};
  }

  static Result<void> describe_product(const ops::Arguments& arguments, LayerWork& layer) {
    layer.kind = Kind::matrix_product;
    layer.is_flat = true;
    ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
    const mil::Type& y = arguments.operation().outputs.front().type;
    if (x.rank() == 0 || y.rank() == 0) return {};
    bool is_transposed = false;
    if (arguments.operation().type == "matmul") {
      ANEBENCH_ASSIGN(transpose, arguments.boolean_or("transpose_x", false));
      is_transposed = transpose && x.rank() >= 2;
    }
    layer.in_channels = x.shape()[x.rank() - (is_transposed ? 2 : 1)].size();
    layer.out_channels = y.shape().back().size();
    return {};
  }

  // What a layer writes is known once its readers are: a quantize of every reader's own makes it
  // int8 before it leaves the layer.
  void finish_outputs() {
    for (std::size_t i = 0; i < work_.layers.size(); ++i) {
      const ops::Name* output = scope_.find(outputs_[i]);
      if (output == nullptr) continue;
      const auto quantizing = quantizing_readers_.find(outputs_[i]);
      const bool is_int8 =
          quantizing != quantizing_readers_.end() && quantizing->second == readers_[outputs_[i]];
      work_.layers[i].activation_bytes += bytes_moved(output->type, is_int8);
    }
  }

  Result<void> count_edge() {
    const auto add = [&](const std::string& name, const mil::Type& type) -> Result<void> {
      if (type.kind() == mil::Type::Kind::state) return {};
      const auto bytes = type.is_tensor() ? type.byte_size() : std::nullopt;
      if (!bytes) {
        return fail(ErrorCode::unsupported,
                    "'{}' is a {}, whose size is not known before the program runs", name,
                    mil::to_string(type));
      }
      work_.io_bytes += static_cast<double>(*bytes);
      return {};
    };
    for (const mil::NamedType& input : function_.inputs) {
      ANEBENCH_TRY(add(input.name, input.type));
    }
    for (const std::string& name : function_.body.outputs) {
      if (const ops::Name* output = scope_.find(name)) ANEBENCH_TRY(add(name, output->type));
    }
    return {};
  }

  const mil::Function& function_;
  ops::Scope scope_;
  ProgramWork work_;
  std::size_t index_ = 0;
  // By value: what reads it, and how many of those are a quantize on the grid.
  std::map<std::string_view, std::size_t> readers_;
  std::map<std::string_view, std::size_t> quantizing_readers_;
  std::set<std::string_view> edge_;         // the function's inputs
  std::set<std::string_view> on_grid_;      // results of quantize
  std::set<std::string_view> int8_values_;  // of dequantize: one byte each on the engine
  std::map<std::string_view, StoredWeight> stored_;
  std::map<std::string_view, std::size_t> owners_;  // the layer that a value comes out of
  std::vector<std::string_view> outputs_;           // of each layer, before a quantize
  std::vector<std::size_t> pending_;                // covered by the next layer
};

}  // namespace

Result<ProgramWork> ProgramWork::of(const mil::Function& function) {
  return WorkReader(function).read();
}

}  // namespace anebench::device
