#include "anebench/device/cpu/trace_cache.h"

#include <algorithm>
#include <new>
#include <numeric>
#include <span>
#include <utility>

namespace anebench::device::cpu {
namespace {

using mil::DataType;

// Elements of an argument or output that is traced: their numbers take some hundred megabytes.
constexpr std::int64_t kMaxTraced = std::int64_t{1} << 24;

// The elements of a tensor of int32, which nothing else shares.
std::span<std::int32_t> integers_of(ops::Tensor& tensor) {
  return {reinterpret_cast<std::int32_t*>(tensor.mutable_bytes().data()), tensor.element_count()};
}

// The shapes of x and the outputs, if the operation can be traced.
Result<std::vector<mil::Shape>> traceable_shapes(const Graph& graph, const GraphNode& node) {
  for (const mil::Argument& argument : graph.operation(node.operation).inputs) {
    if (argument.parameter == "x" || node.arguments.is_constant(argument.parameter)) continue;
    return fail(ErrorCode::unsupported, "positions are computed at run time");
  }
  std::vector<ValueId> values = {graph.argument(node, "x")};
  values.insert(values.end(), node.outputs.begin(), node.outputs.end());
  std::vector<mil::Shape> shapes;
  for (const ValueId value : values) {
    const mil::Type& type = graph.value(value).type;
    if (type.element_count().value_or(0) > kMaxTraced) {
      return fail(ErrorCode::unsupported, "more than {} elements are moved", kMaxTraced);
    }
    shapes.push_back(type.shape());
  }
  return shapes;
}

Result<Moves> trace(const Probe& probe, std::span<const mil::Shape> shapes) {
  std::vector<mil::Type> types;
  for (const mil::Shape& shape : shapes) types.push_back(mil::Type::tensor(DataType::int32, shape));
  // The elements' numbers from 1 on: padding is 0.
  ANEBENCH_ASSIGN(numbers, ops::Tensor::create(types.front()));
  std::iota(integers_of(numbers).begin(), integers_of(numbers).end(), 1);
  types.erase(types.begin());
  ANEBENCH_ASSIGN(outputs, probe.evaluate(numbers, types));
  Moves moves;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::span<std::int32_t> sources = integers_of(outputs[i]);
    for (std::int32_t& source : sources) --source;
    moves.push_back(rearrangement_of(sources, outputs[i].dims()));
  }
  return moves;
}

}  // namespace

TraceCache::Entry* TraceCache::find(const Probe& probe, const std::vector<mil::Shape>& shapes) {
  const auto found = std::ranges::find_if(
      entries_, [&](const Entry& entry) { return entry.shapes == shapes && entry.probe == probe; });
  return found == entries_.end() ? nullptr : &*found;
}

Result<TraceCache::Trace> TraceCache::get(const Graph& graph, const GraphNode& node) {
  // Sizes come from the program: numbers and lists of runs may not fit, though kMaxTraced bounds
  // them.
  try {
    ANEBENCH_ASSIGN(shapes, traceable_shapes(graph, node));
    ANEBENCH_ASSIGN(probe, Probe::create(graph, node, "x", "constant_val"));
    Entry* entry = find(probe, shapes);
    if (entry == nullptr) {
      ANEBENCH_ASSIGN(moves, trace(probe, shapes));
      entries_.push_back({std::move(probe), std::move(shapes),
                          std::make_shared<const Moves>(std::move(moves)), 0});
      entry = &entries_.back();
    }
    Trace result{entry->parts};
    if (entry->plan != plan_) {
      for (const Rearrangement& part : *entry->parts) result.added_bytes += part.bytes();
    }
    entry->plan = plan_;
    return result;
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::resource_exhausted, "no memory to find out where its elements go");
  }
}

void TraceCache::end_plan() {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.plan != plan_; });
}

}  // namespace anebench::device::cpu
