// Asks an operation's own reference evaluation what it does, at compile and at load: it is run on
// chosen values of the one argument that the program computes, with its constants written into it.
//
//   ANEBENCH_ASSIGN(probe, Probe::create(graph, node, "x"));
//   ANEBENCH_ASSIGN(outputs, probe.evaluate(every_fp16_number));
//
// Equal probes ask the same. Values; thread-safe.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/cpu/graph.h"

namespace anebench::device::cpu {

// The only argument that is no constant; nothing where there are none or several, or where it is
// bound several times.
std::optional<std::string_view> only_variable(const Graph& graph, const GraphNode& node);

class Probe {
 public:
  // `left_out` is a parameter whose default is to stand in for the argument.
  static Result<Probe> create(const Graph& graph, const GraphNode& node, std::string_view variable,
                              std::string_view left_out = {});

  // Errors: what the evaluation gives, and outputs of other types than these.
  Result<std::vector<ops::Tensor>> evaluate(const ops::Tensor& x,
                                            const std::vector<mil::Type>& outputs) const;

  friend bool operator==(const Probe& a, const Probe& b) { return a.operation_ == b.operation_; }

 private:
  // Its outputs are not set.
  mil::Operation operation_;
  mil::Opset opset_ = mil::Opset::ios26;
};

}  // namespace anebench::device::cpu
