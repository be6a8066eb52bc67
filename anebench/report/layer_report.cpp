#include "anebench/report/layer_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

#include "anebench/base/units.h"
#include "anebench/mil/data_type.h"
#include "anebench/transform/walk.h"

namespace anebench::report {
namespace {

// A constexpr operation: which parameter holds the codes, and how its result is called.
struct Compression {
  std::string_view type;
  std::string_view data;
  std::string_view name;
};
constexpr std::array kCompressions = {
    Compression{"constexpr_affine_dequantize", "quantized_data", "affine"},
    Compression{"constexpr_blockwise_shift_scale", "data", "blockwise"},
    Compression{"constexpr_lut_to_dense", "indices", "table"},
    Compression{"constexpr_lut_to_sparse", "indices_nonzero_data", "table, sparse"},
    Compression{"constexpr_sparse_blockwise_shift_scale", "nonzero_data", "blockwise, sparse"},
    Compression{"constexpr_sparse_to_dense", "nonzero_data", "sparse"},
    Compression{"constexpr_cast", "source_val", "cast"},
};

bool is_constexpr(const mil::Operation& operation) {
  return operation.type.starts_with("constexpr_");
}

// Sizes beyond an int64 are for the verifier to name.
void add_saturating(std::int64_t& sum, std::int64_t more) {
  sum = sum > INT64_MAX - more ? INT64_MAX : sum + more;
}

std::string data_type_name(const mil::Type& type) {
  return type.is_tensor() ? std::string(mil::to_string(type.data_type())) : "";
}

struct StoredWeight {
  // Empty where the operation makes no weight.
  std::string format;
  std::int64_t bytes = 0;
};

// Looks up where values come from. The program need not be valid.
class WeightSources {
 public:
  explicit WeightSources(const mil::Function& function) {
    transform::visit_operations(function.body, [&](const mil::Operation& operation) {
      for (const mil::NamedType& output : operation.outputs) {
        producers_.insert_or_assign(output.name, &operation);
      }
    });
  }

  // Null for literals and inputs.
  const mil::Operation* producer_of(const mil::Binding& binding) const {
    const auto* name = std::get_if<std::string>(&binding);
    if (name == nullptr) return nullptr;
    const auto found = producers_.find(*name);
    return found == producers_.end() ? nullptr : found->second;
  }
  const mil::Operation* producer_of(const mil::Operation& user, std::string_view parameter) const {
    const mil::Argument* argument = user.find_input(parameter);
    const bool is_there = argument != nullptr && !argument->bindings.empty();
    return is_there ? producer_of(argument->bindings.front()) : nullptr;
  }

  // Each operation is looked at once, so that programs that refer to themselves end, too.
  const StoredWeight& stored(const mil::Operation& operation) {
    const auto [entry, is_new] = stored_.try_emplace(&operation);
    if (is_new) entry->second = look_at(operation);
    return entry->second;
  }

 private:
  // The literal or constant that a parameter is given; null for anything else.
  const mil::Value* value_of(const mil::Operation& operation, std::string_view parameter) const {
    if (const mil::Value* value = operation.find_attribute(parameter)) return value;
    const mil::Argument* argument = operation.find_input(parameter);
    if (argument == nullptr || argument->bindings.empty()) return nullptr;
    if (const auto* literal = std::get_if<mil::Value>(&argument->bindings.front())) return literal;
    const mil::Operation* producer = producer_of(argument->bindings.front());
    const bool is_constant = producer != nullptr && producer->type == "const";
    return is_constant ? producer->find_attribute("val") : nullptr;
  }

  StoredWeight look_at(const mil::Operation& operation) {
    if (operation.type == "const") {
      const mil::Value* value = operation.find_attribute("val");
      if (value == nullptr || !value->is_blob()) return {};
      return {data_type_name(value->type()), value->type().byte_size().value_or(0)};
    }
    const auto compression =
        std::find_if(kCompressions.begin(), kCompressions.end(),
                     [&](const Compression& known) { return known.type == operation.type; });
    if (compression == kCompressions.end()) return {};
    return {code_type(operation, compression->data) + std::string(compression->name),
            bytes_of(operation)};
  }

  // "int8 ", or nothing where another constexpr operation makes the codes.
  std::string code_type(const mil::Operation& operation, std::string_view parameter) const {
    const mil::Value* codes = value_of(operation, parameter);
    if (codes == nullptr) return "";
    // The tables of iOS 16 pack their indices into bytes: the number of entries tells the width.
    const mil::Value* table = value_of(operation, "lut");
    if (parameter == "indices" && table != nullptr && table->type().rank() == 1) {
      const std::int64_t entries = table->type().element_count().value_or(0);
      int bits = 0;
      while (bits < 8 && (std::int64_t{1} << bits) < entries) ++bits;
      return fmt::format("uint{} ", bits);
    }
    return data_type_name(codes->type()) + " ";
  }

  // Of codes, tables, scales; those of other constexpr operations below included.
  std::int64_t bytes_of(const mil::Operation& operation) {
    std::int64_t sum = 0;
    for (const mil::Attribute& attribute : operation.attributes) {
      add_saturating(sum, attribute.value.type().byte_size().value_or(0));
    }
    for (const mil::Argument& argument : operation.inputs) {
      for (const mil::Binding& binding : argument.bindings) {
        if (const auto* literal = std::get_if<mil::Value>(&binding)) {
          add_saturating(sum, literal->type().byte_size().value_or(0));
        } else if (const mil::Operation* producer = producer_of(binding)) {
          add_saturating(sum, stored(*producer).bytes);
        }
      }
    }
    return sum;
  }

  std::map<std::string, const mil::Operation*, std::less<>> producers_;
  std::map<const mil::Operation*, StoredWeight> stored_;
};

// The element type of what the weights are applied to: int8 where it comes from a dequantize.
std::string activation_type(const mil::Operation& operation, const WeightSources& weights) {
  const mil::Operation* source = weights.producer_of(operation, "x");
  if (source != nullptr && source->type == "dequantize") {
    const mil::Operation* quantize = weights.producer_of(*source, "input");
    if (quantize != nullptr) return data_type_name(quantize->outputs.front().type);
  }
  return operation.outputs.empty() ? "" : data_type_name(operation.outputs.front().type);
}

struct LayerRow {
  std::size_t uses = 0;
  std::int64_t elements = 0;
  std::int64_t bytes = 0;
};
// Type of operation, activations, format of the weights.
using LayerKey = std::tuple<std::string, std::string, std::string>;

}  // namespace

Document layer_report(const mil::Function& function) {
  WeightSources weights(function);
  std::map<LayerKey, LayerRow> rows;
  transform::visit_operations(function.body, [&](const mil::Operation& operation) {
    if (operation.type == "const" || is_constexpr(operation)) return;
    for (const mil::Argument& argument : operation.inputs) {
      for (const mil::Binding& binding : argument.bindings) {
        const mil::Operation* producer = weights.producer_of(binding);
        if (producer == nullptr) continue;
        const StoredWeight& stored = weights.stored(*producer);
        if (stored.format.empty()) continue;
        LayerRow& row = rows[{operation.type, activation_type(operation, weights), stored.format}];
        ++row.uses;
        add_saturating(row.elements, producer->outputs.front().type.element_count().value_or(0));
        add_saturating(row.bytes, stored.bytes);
      }
    }
  });
  Document document;
  if (rows.empty()) return document;
  document.add(Heading{"layers by precision"});
  Table table;
  table.columns = {{"Operation", Align::left},
                   {"Activations", Align::left},
                   {"Weights", Align::left},
                   {"Uses"},
                   {"Elements"},
                   {"Stored"}};
  for (const auto& [key, row] : rows) {
    const auto& [type, activations, format] = key;
    table.rows.push_back({{type},
                          {activations},
                          {format},
                          {std::to_string(row.uses)},
                          {std::to_string(row.elements)},
                          {format_bytes(static_cast<std::uint64_t>(row.bytes))}});
  }
  document.add(std::move(table));
  return document;
}

}  // namespace anebench::report
