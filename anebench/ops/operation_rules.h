// The verifier's rules for one operation against its definition.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "anebench/mil/program.h"
#include "anebench/ops/scope.h"
#include "anebench/ops/verifier.h"

namespace anebench::ops {

// Collects diagnostics, each with the place that the walk has reached.
class DiagnosticSink {
 public:
  explicit DiagnosticSink(const VerifyOptions& options) : options_(options) {}

  void enter_function(std::string_view name);
  void enter_operation(const mil::Operation& operation, std::size_t index);
  void leave_operation();

  void add(Severity severity, std::string_view rule, std::string message);
  void error(std::string_view rule, std::string message) {
    add(Severity::error, rule, std::move(message));
  }
  // An error, or under lenient verification a bent rule.
  void bend(std::string_view rule, std::string message);

  bool is_strict() const { return options_.strictness == Strictness::strict; }
  std::size_t error_count() const { return report_.error_count; }
  Report take() { return std::move(report_); }

 private:
  const VerifyOptions& options_;
  Report report_;
  std::string_view function_;
  const mil::Operation* operation_ = nullptr;
  std::size_t op_index_ = 0;
};

// Checks everything but names. `names_are_known` is false where an argument names nothing; then
// inference is left out. The caller has entered the operation.
void check_operation(const mil::Operation& operation, const Scope& scope, bool names_are_known,
                     DiagnosticSink& sink);

// Known dimensions whose product no machine holds.
void check_size(const mil::Type& type, std::string_view name, DiagnosticSink& sink);

}  // namespace anebench::ops
