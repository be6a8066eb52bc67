// Kernels for single operations on whole row-major tensors, found by the operation's type.
//
// A family's file says for each of its operations which kernel would serve, before anything is
// placed: its name, what it reads at run time, the memory it needs. Constants that decide that (the
// indices of a gather, say) are read then, weights only by `make`, which gives the operation that
// runs once the tensors have places. Where nothing serves the
// reference evaluation does, and the reason goes into the step.
//
//   Result<KernelChoice> plan_softmax(const KernelRequest& request) {
//     const ValueId x = request.value("x");
//     if (x == kNone || !is_fp16_or_fp32(…)) return KernelChoice::none("only fp16 and fp32 …");
//     return KernelPlan{.name = "softmax", .inputs = {x}, .make = […](const KernelOperands& at)
//     {…}};
//   }
//
// Planners are pure and thread-safe. Plans refer to the graph, which must outlive them.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/base/thread_pool.h"
#include "anebench/device/cpu/graph.h"
#include "anebench/device/cpu/plan.h"

namespace anebench::device::cpu {

// Where a kernel's tensors lie.
struct KernelOperands {
  std::vector<Location> inputs;   // KernelPlan::inputs
  std::vector<Location> outputs;  // of the operation
  Location scratch;               // KernelPlan::scratch_bytes
};

struct KernelPlan {
  // For Step::kernel.
  std::string name = {};
  // Values read at run time.
  std::vector<ValueId> inputs = {};
  // In the arena while the step runs, for all threads together.
  std::size_t scratch_bytes = 0;
  // Held from load to unload.
  std::size_t weight_bytes = 0;
  // Equal to the reference in every bit.
  bool is_exact = false;
  // Where the outputs are consecutive parts of the first input: the bytes at which each begins.
  // They can share its memory, and then nothing runs.
  std::optional<std::vector<std::size_t>> view_offsets = {};
  std::function<Result<std::unique_ptr<TensorOperation>>(const KernelOperands&)> make = {};
};

struct KernelChoice {
  KernelChoice(KernelPlan chosen)
      : plan(std::move(chosen)) {}  // implicit, so that planners return it
  static KernelChoice none(std::string reason) {
    KernelChoice choice;
    choice.reason = std::move(reason);
    return choice;
  }

  std::optional<KernelPlan> plan;
  // Why there is none.
  std::string reason;

 private:
  KernelChoice() = default;
};

class TraceCache;  // trace_cache.h

struct KernelRequest {
  const Graph& graph;
  const GraphNode& node;
  TraceCache& traces;
  std::size_t threads = 1;

  const ops::Arguments& arguments() const { return node.arguments; }
  // kNone where the parameter is absent or a literal.
  ValueId value(std::string_view parameter, std::size_t index = 0) const {
    return graph.argument(node, parameter, index);
  }
  const mil::Type& type(ValueId id) const { return graph.value(id).type; }
  const mil::Type& output_type() const { return type(node.outputs.front()); }
};

using PlanKernel = Result<KernelChoice> (*)(const KernelRequest&);
struct KernelEntry {
  std::string_view operation;
  PlanKernel plan = nullptr;
};

// The families: one file each.
std::span<const KernelEntry> attention_kernels();
std::span<const KernelEntry> conv_transpose_kernels();
std::span<const KernelEntry> matrix_kernels();
std::span<const KernelEntry> normalization_kernels();
std::span<const KernelEntry> pool_kernels();
std::span<const KernelEntry> rearrangement_kernels();
std::span<const KernelEntry> recurrent_kernels();
std::span<const KernelEntry> reduction_kernels();

// Null where no family has the operation.
PlanKernel find_kernel(std::string_view operation);

// A TensorOperation of a callable (const Memory&, ThreadPool&) that gives nothing or a
// Result<void>.
template <typename Body>
std::unique_ptr<TensorOperation> make_operation(Body body, std::size_t resident_bytes = 0) {
  class Operation final : public TensorOperation {
   public:
    Operation(Body run, std::size_t bytes) : body_(std::move(run)), resident_bytes_(bytes) {}
    Result<void> run(const Memory& memory, ThreadPool& pool) const override {
      if constexpr (std::is_void_v<decltype(body_(memory, pool))>) {
        body_(memory, pool);
        return {};
      } else {
        return body_(memory, pool);
      }
    }
    std::size_t resident_bytes() const override { return resident_bytes_; }

   private:
    Body body_;
    std::size_t resident_bytes_;
  };
  return std::make_unique<Operation>(std::move(body), resident_bytes);
}

}  // namespace anebench::device::cpu
