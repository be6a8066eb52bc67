#include "anebench/device/cpu/lookup_table.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

namespace anebench::device::cpu {
namespace {

using mil::DataType;

// Of types whose values a table can list.
std::optional<std::size_t> index_width(DataType type) {
  if (type == DataType::fp16) return 2;
  if (type == DataType::boolean || type == DataType::int8 || type == DataType::uint8) return 1;
  return std::nullopt;
}

std::size_t width(const mil::Type& type) {
  return static_cast<std::size_t>(mil::bit_width(type.data_type())) / 8;
}

bool has_stored_width(const mil::Type& type) {
  const int bits = mil::bit_width(type.data_type());
  return bits == 8 || bits == 16 || bits == 32;
}

template <typename Index, std::size_t kWidth>
void look_up(const std::byte* table, const void* x, void* out, std::size_t count) {
  const auto* indices = static_cast<const Index*>(x);
  auto* target = static_cast<std::byte*>(out);
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(target + i * kWidth, table + indices[i] * kWidth, kWidth);
  }
}

template <typename Index>
void look_up(std::size_t entry_bytes, const std::byte* table, const void* x, void* out,
             std::size_t count) {
  switch (entry_bytes) {
    case 1: return look_up<Index, 1>(table, x, out, count);
    case 2: return look_up<Index, 2>(table, x, out, count);
    default: return look_up<Index, 4>(table, x, out, count);
  }
}

// Every value of the type, in the order of the bit patterns, along the first of `rank` dimensions:
// of the rank that the operation's input has, so that constants of one element broadcast as they do
// there and what asks for a rank finds it.
Result<ops::Tensor> all_values(DataType type, std::size_t rank) {
  const std::size_t bytes = index_width(type).value_or(1);
  const std::size_t count = std::size_t{1} << (8 * bytes);
  mil::Shape shape(std::max<std::size_t>(rank, 1), mil::Dim(1));
  shape.front() = mil::Dim(static_cast<std::int64_t>(count));
  ANEBENCH_ASSIGN(tensor, ops::Tensor::create(mil::Type::tensor(type, std::move(shape))));
  const std::span<std::byte> target = tensor.mutable_bytes();
  for (std::size_t i = 0; i < target.size(); ++i) {
    target[i] = static_cast<std::byte>(i / bytes >> (8 * (i % bytes)));
  }
  return tensor;
}

}  // namespace

void LookupTable::apply(const void* x, void* out, std::size_t count) const {
  if (index_bytes_ == 2) {
    look_up<std::uint16_t>(entry_bytes_, entries_.data(), x, out, count);
  } else {
    look_up<std::uint8_t>(entry_bytes_, entries_.data(), x, out, count);
  }
}

std::optional<std::string_view> table_parameter(const Graph& graph, const GraphNode& node) {
  const ops::Definition& definition = node.arguments.definition();
  const bool is_unary =
      definition.family == "elementwise_unary" || definition.family == "activation";
  if (!is_unary && definition.family != "elementwise_binary") return std::nullopt;
  if (node.outputs.size() != 1 || !has_stored_width(graph.value(node.outputs[0]).type)) {
    return std::nullopt;
  }
  const std::optional<std::string_view> variable = only_variable(graph, node);
  // softmax looks at neighbours.
  if (!variable || definition.name == "softmax") return std::nullopt;
  for (const mil::Argument& argument : graph.operation(node.operation).inputs) {
    if (argument.parameter == *variable) continue;
    // Constants for each channel have more elements.
    const auto type = node.arguments.type(argument.parameter);
    if (!type || !type->is_tensor() || type->element_count() != 1) return std::nullopt;
  }
  const ValueId x = graph.argument(node, *variable);
  if (x == kNone || graph.value(x).is_constant) return std::nullopt;
  const mil::Type& type = graph.value(x).type;
  const mil::Type& out = graph.value(node.outputs[0]).type;
  if (!index_width(type.data_type()) || type.shape() != out.shape()) return std::nullopt;
  return variable;
}

Result<TableCache::Place> TableCache::find(const GraphNode& node, std::string_view parameter) {
  const DataType input = graph_.value(graph_.argument(node, parameter)).type.data_type();
  ANEBENCH_ASSIGN(probe, Probe::create(graph_, node, parameter));
  for (Entry& entry : tables_) {
    if (entry.input == input && entry.probe == probe) return Place{&entry, false};
  }
  tables_.push_back({std::move(probe), input, nullptr});
  return Place{&tables_.back(), true};
}

Result<std::size_t> TableCache::reserve(const GraphNode& node, std::string_view parameter) {
  ANEBENCH_ASSIGN(place, find(node, parameter));
  if (!place.is_new) return std::size_t{0};
  const std::size_t entries = std::size_t{1} << (8 * index_width(place.entry->input).value_or(1));
  return entries * width(graph_.value(node.outputs[0]).type);
}

Result<std::shared_ptr<const LookupTable>> TableCache::get(const GraphNode& node,
                                                           std::string_view parameter) {
  ANEBENCH_ASSIGN(place, find(node, parameter));
  Entry& entry = *place.entry;
  if (entry.table) return entry.table;
  const std::size_t rank = graph_.value(graph_.argument(node, parameter)).type.rank();
  const DataType output = graph_.value(node.outputs[0]).type.data_type();
  ANEBENCH_ASSIGN(x, all_values(entry.input, rank));
  const mil::Type out = mil::Type::tensor(output, x.type().shape());
  ANEBENCH_ASSIGN(results, entry.probe.evaluate(x, {out}), node.arguments.describe());
  const std::span<const std::byte> bytes = results[0].bytes();
  entry.table = std::make_shared<const LookupTable>(
      width(x.type()), width(out), std::vector<std::byte>(bytes.begin(), bytes.end()));
  return entry.table;
}

std::size_t TableCache::bytes() const {
  std::size_t sum = 0;
  for (const Entry& entry : tables_) sum += entry.table ? entry.table->bytes() : 0;
  return sum;
}

}  // namespace anebench::device::cpu
