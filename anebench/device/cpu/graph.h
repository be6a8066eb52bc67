// A function as a graph: values with their producers and consumers, constants evaluated on demand.
//
// The graph refers to the function and the resolver, which must outlive it. `identity` operations
// are looked through: a value computed by one is an alias of its input. Not thread-safe but for
// constant(), which may be called from several threads at once.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/ops/arguments.h"
#include "anebench/ops/scope.h"
#include "anebench/ops/tensor.h"

namespace anebench::device::cpu {

using ValueId = std::size_t;
inline constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// Of an activation [images, channels, …] of known dimensions.
inline std::size_t channel_count(const mil::Type& type) {
  return static_cast<std::size_t>(type.shape()[1].size());
}

struct GraphValue {
  std::string_view name;
  mil::Type type;
  // Index of the operation that computes it; kNone for the function's inputs.
  std::size_t producer = kNone;
  // Known at load time: a const, or the result of a constexpr operation.
  bool is_constant = false;
  // Operations that compute at run time and take this value (or an alias of it), ascending.
  std::vector<std::size_t> consumers;
  // Position among the function's outputs (the first one), kNone where it is none.
  std::size_t output = kNone;
};

// An operation that runs at evaluation time.
struct GraphNode {
  std::size_t operation = 0;
  ops::Arguments arguments;
  std::vector<ValueId> outputs;
};

class Graph {
 public:
  // Resolves every reference to a weight file, so that what is missing is known now. Errors name
  // the operation: unknown dimensions, types that are no tensors, broken references.
  static Result<std::unique_ptr<Graph>> build(const mil::Function& function,
                                              const mil::BlobResolver& resolver);

  const mil::Function& function() const { return *function_; }
  const ops::Scope& scope() const { return scope_; }
  const mil::BlobResolver& resolver() const { return *resolver_; }
  const std::vector<GraphNode>& nodes() const { return nodes_; }
  // Null where the operation is a constant or an identity.
  const GraphNode* node(std::size_t operation) const;
  const mil::Operation& operation(std::size_t index) const {
    return function_->body.operations[index];
  }

  const GraphValue& value(ValueId id) const { return values_[id]; }
  std::size_t value_count() const { return values_.size(); }
  // Aliases resolved; kNone for unknown names.
  ValueId find(std::string_view name) const;
  // The value bound to a parameter; kNone where it is a literal or absent.
  ValueId argument(const GraphNode& node, std::string_view parameter, std::size_t index = 0) const;
  // The producer of a value, or null where it is an input or a constant.
  const GraphNode* producer(ValueId id) const;
  // The operations looked through, and what each passes on.
  struct Identity {
    std::size_t operation;
    ValueId value;
  };
  const std::vector<Identity>& identities() const { return identities_; }

  // The tensor of a constant value.
  Result<ops::Tensor> constant(ValueId id) const { return constant(id, 0); }
  // The tensor bound to a constant parameter: a literal or a constant value.
  Result<ops::Tensor> constant(const GraphNode& node, std::string_view parameter) const;
  // The constant bound to a parameter of any operation, constexpr ones included.
  Result<ops::Tensor> constant(const ops::Arguments& arguments, std::string_view parameter) const;

 private:
  Graph(const mil::Function& function, const mil::BlobResolver& resolver)
      : function_(&function), resolver_(&resolver), scope_(function, &resolver) {}
  Result<void> add_operation(std::size_t index);
  Result<void> add_values(const mil::Operation& operation, std::size_t index, bool is_constant,
                          std::vector<ValueId>& ids);
  Result<ops::Tensor> constant(ValueId id, int depth) const;

  const mil::Function* function_;
  const mil::BlobResolver* resolver_;
  ops::Scope scope_;
  std::vector<GraphValue> values_;
  std::vector<GraphNode> nodes_;
  std::vector<std::size_t> node_of_operation_;
  std::vector<Identity> identities_;
  std::unordered_map<std::string_view, ValueId> ids_;
};

}  // namespace anebench::device::cpu
