// Kernels of operations that only move elements. What they do is traced (trace_cache.h), joins
// are copies of blocks, and where a tensor is only seen in another shape, nothing is moved at all.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "anebench/device/cpu/kernel.h"
#include "anebench/device/cpu/parallel.h"
#include "anebench/device/cpu/trace_cache.h"
#include "anebench/ops/shapes.h"

namespace anebench::device::cpu {
namespace {

// Bytes of an element; 0 where it is no whole bytes.
std::size_t whole_bytes(const mil::Type& type) {
  const int bits = mil::bit_width(type.data_type());
  return bits % 8 == 0 ? static_cast<std::size_t>(bits) / 8 : 0;
}

// --- One argument -----------------------------------------------------------------------------

KernelPlan move_elements(const KernelRequest& request, const TraceCache::Trace& trace) {
  const ValueId x = request.value("x");
  const std::size_t width = whole_bytes(request.type(x));
  KernelPlan plan{.name = request.graph.operation(request.node.operation).type,
                  .inputs = {x},
                  .weight_bytes = trace.added_bytes,
                  .is_exact = true};
  if (std::ranges::all_of(*trace.parts,
                          [](const Rearrangement& part) { return part.first.has_value(); })) {
    plan.view_offsets.emplace();
    for (const Rearrangement& part : *trace.parts) {
      plan.view_offsets->push_back(*part.first * width);
    }
  }
  plan.make = [width, graph = &request.graph, node = &request.node, moves = trace.parts,
               held = trace.added_bytes](
                  const KernelOperands& at) -> Result<std::unique_ptr<TensorOperation>> {
    std::vector<std::byte> fill(width, std::byte{0});
    if (node->arguments.has("constant_val")) {
      ANEBENCH_ASSIGN(value, graph->constant(*node, "constant_val"));
      if (value.bytes().size() == width) std::ranges::copy(value.bytes(), fill.begin());
    }
    return make_operation(
        [=, from = at.inputs[0], to = at.outputs](const Memory& memory, ThreadPool& pool) {
          for (std::size_t i = 0; i < moves->size(); ++i) {
            copy_rearranged((*moves)[i], width, fill.data(), memory.read(from), memory.write(to[i]),
                            pool);
          }
        },
        held);
  };
  return plan;
}

Result<KernelChoice> plan_moves(const KernelRequest& request) {
  const ValueId x = request.value("x");
  if (x == kNone) return KernelChoice::none("the tensor is a literal");
  const std::size_t width = whole_bytes(request.type(x));
  if (width == 0) return KernelChoice::none("elements are no whole bytes");
  const auto trace = request.traces.get(request.graph, request.node);
  // What the evaluation refuses is reported when it runs.
  if (!trace) return KernelChoice::none(trace.error().message());
  return move_elements(request, *trace);
}

// A constant beside x has the type of x where the language is followed; where it is not, the
// evaluation converts it.
Result<KernelChoice> plan_pad(const KernelRequest& request) {
  if (request.arguments().has("constant_val")) {
    ANEBENCH_ASSIGN(type, request.arguments().tensor_type("constant_val"));
    const ValueId x = request.value("x");
    if (x == kNone || type.data_type() != request.type(x).data_type()) {
      return KernelChoice::none("the padding has another type than the tensor");
    }
  }
  return plan_moves(request);
}

Result<KernelChoice> plan_reshape(const KernelRequest& request) {
  const ValueId x = request.value("x");
  if (x == kNone) return KernelChoice::none("the tensor is a literal");
  if (whole_bytes(request.type(x)) == 0) return KernelChoice::none("elements are no whole bytes");
  Rearrangement same;
  same.count = static_cast<std::size_t>(request.type(x).element_count().value_or(0));
  same.first = 0;
  return move_elements(request, {std::make_shared<const Moves>(1, std::move(same))});
}

// --- Joins ------------------------------------------------------------------------------------

// The bytes that one of the joined tensors has in a row of the output.
struct JoinPart {
  std::size_t input = 0;
  std::size_t first = 0;
  std::size_t bytes = 0;
};

// Bytes [begin, end) of rows of these parts, none of which is empty; rows are `row_bytes` long.
// Where parts are few and long, threads share them; where they are many and short, the rows.
void copy_joined(const std::vector<JoinPart>& parts, std::size_t row_bytes, const Memory& memory,
                 const std::vector<Location>& from, std::byte* to, std::size_t begin,
                 std::size_t end) {
  std::size_t row = begin / row_bytes;
  const auto after = std::ranges::upper_bound(parts, begin % row_bytes, {}, &JoinPart::first);
  std::size_t i = static_cast<std::size_t>(after - parts.begin()) - 1;
  for (std::size_t at = begin; at < end;) {
    const JoinPart& part = parts[i];
    const std::size_t within = at - row * row_bytes - part.first;
    const std::size_t size = std::min(part.bytes - within, end - at);
    std::memcpy(to + at, memory.read(from[part.input]) + row * part.bytes + within, size);
    at += size;
    if (++i < parts.size()) continue;
    i = 0;
    ++row;
  }
}

// Each argument is rows of as many bytes, which lie one behind the other in a row of the output.
Result<KernelChoice> plan_join(const KernelRequest& request) {
  const ops::Arguments& arguments = request.arguments();
  const bool is_concat = arguments.definition().name == "concat";
  const mil::Type& out = request.output_type();
  ANEBENCH_ASSIGN(axis, arguments.axis("axis", out.rank()));
  ANEBENCH_ASSIGN(interleave, arguments.boolean_or("interleave", false));
  if (interleave) return KernelChoice::none("interleaved parts");
  const std::size_t width = whole_bytes(out);
  if (width == 0) return KernelChoice::none("elements are no whole bytes");
  const ops::AxisSplit whole = ops::split_at(ops::sizes(out.shape()), axis);
  KernelPlan plan{.name = std::string(arguments.definition().name), .inputs = {}, .is_exact = true};
  std::vector<JoinPart> parts;
  std::size_t row_bytes = 0;
  for (std::size_t i = 0; i < arguments.count("values"); ++i) {
    const ValueId value = request.value("values", i);
    if (value == kNone) return KernelChoice::none("one of the tensors is a literal");
    if (request.type(value).data_type() != out.data_type()) {
      return KernelChoice::none("tensors of different types");
    }
    const std::size_t along =
        is_concat ? static_cast<std::size_t>(request.type(value).shape()[axis].size()) : 1;
    const std::size_t bytes = along * whole.inner * width;
    if (bytes > 0) parts.push_back({plan.inputs.size(), row_bytes, bytes});
    plan.inputs.push_back(value);
    row_bytes += bytes;
  }
  plan.make = [rows = whole.outer, row_bytes, parts = std::move(parts)](
                  const KernelOperands& at) -> Result<std::unique_ptr<TensorOperation>> {
    return make_operation([=, from = at.inputs, to = at.outputs[0]](const Memory& memory,
                                                                    ThreadPool& pool) {
      // Beginning with a part takes some nanoseconds.
      const double ns_per_byte =
          kCopyNsPerByte + 3 * static_cast<double>(parts.size()) / static_cast<double>(row_bytes);
      parallel_ranges(pool, rows * row_bytes, grain_of(ns_per_byte),
                      [&](std::size_t begin, std::size_t end, int /*worker*/) {
                        copy_joined(parts, row_bytes, memory, from, memory.write(to), begin, end);
                      });
    });
  };
  return plan;
}

constexpr KernelEntry kRearrangementKernels[] = {
    {"batch_to_space", plan_moves},
    {"concat", plan_join},
    {"depth_to_space", plan_moves},
    {"expand_dims", plan_reshape},
    {"flatten2d", plan_reshape},
    {"gather", plan_moves},
    {"pad", plan_pad},
    {"pixel_shuffle", plan_moves},
    {"pixel_unshuffle", plan_moves},
    {"reshape", plan_reshape},
    {"reverse", plan_moves},
    {"slice_by_index", plan_moves},
    {"slice_by_size", plan_moves},
    {"sliding_windows", plan_moves},
    {"space_to_batch", plan_moves},
    {"space_to_depth", plan_moves},
    {"split", plan_moves},
    {"squeeze", plan_reshape},
    {"stack", plan_join},
    {"tile", plan_moves},
    {"transpose", plan_moves},
    {"upsample_nearest_neighbor", plan_moves},
};

}  // namespace

std::span<const KernelEntry> rearrangement_kernels() { return kRearrangementKernels; }

}  // namespace anebench::device::cpu
