// Diagnostics: collecting them and putting them into words.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "anebench/ops/operation_rules.h"
#include "anebench/ops/verifier.h"

namespace anebench::ops {

void DiagnosticSink::enter_function(std::string_view name) {
  function_ = name;
  leave_operation();
}

void DiagnosticSink::enter_operation(const mil::Operation& operation, std::size_t index) {
  operation_ = &operation;
  op_index_ = index;
}

void DiagnosticSink::leave_operation() { operation_ = nullptr; }

void DiagnosticSink::add(Severity severity, std::string_view rule, std::string message) {
  if (severity == Severity::error) ++report_.error_count;
  if (report_.diagnostics.size() >= options_.max_diagnostics) {
    ++report_.suppressed;
    return;
  }
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.rule = rule;
  diagnostic.message = std::move(message);
  diagnostic.function = function_;
  if (operation_ != nullptr) {
    diagnostic.op_index = op_index_;
    diagnostic.op_type = operation_->type;
    diagnostic.op_label = std::string(operation_->label());
    diagnostic.location = operation_->location;
  }
  report_.diagnostics.push_back(std::move(diagnostic));
}

void DiagnosticSink::bend(std::string_view rule, std::string message) {
  add(is_strict() ? Severity::error : Severity::bent, rule, std::move(message));
}

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::bent: return "bent rule";
    case Severity::warning: return "warning";
  }
  return "error";
}

std::string to_string(const Diagnostic& diagnostic) {
  std::string text;
  if (diagnostic.location.line != 0) text += fmt::format("line {}: ", diagnostic.location.line);
  text += fmt::format("{}: ", to_string(diagnostic.severity));
  if (!diagnostic.op_type.empty()) {
    text += fmt::format("{} '{}' (op {} of {}): ", diagnostic.op_type, diagnostic.op_label,
                        diagnostic.op_index, diagnostic.function);
  } else if (!diagnostic.function.empty()) {
    text += fmt::format("function {}: ", diagnostic.function);
  }
  return text + fmt::format("{} [{}]", diagnostic.message, diagnostic.rule);
}

std::vector<Diagnostic> Report::bent_rules() const {
  std::vector<Diagnostic> bent;
  std::ranges::copy_if(diagnostics, std::back_inserter(bent), [](const Diagnostic& diagnostic) {
    return diagnostic.severity == Severity::bent;
  });
  return bent;
}

std::string to_string(const Report& report) {
  std::string text;
  for (const Diagnostic& diagnostic : report.diagnostics) text += to_string(diagnostic) + "\n";
  if (report.suppressed != 0) text += fmt::format("and {} more\n", report.suppressed);
  return text;
}

}  // namespace anebench::ops
