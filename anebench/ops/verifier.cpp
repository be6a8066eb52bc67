#include "anebench/ops/verifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "anebench/ops/operation_rules.h"
#include "anebench/ops/scope.h"

namespace anebench::ops {
namespace {

// Blocks within blocks; bounds the recursion.
constexpr int kMaxNesting = 64;

class Walker {
 public:
  explicit Walker(const VerifyOptions& options) : options_(options), sink_(options) {}

  Report walk(const mil::Program& program) {
    check_version(program.version());
    std::set<std::string_view> names;
    bool found = false;
    for (const mil::Function& function : program.functions()) {
      sink_.enter_function(function.name);
      if (!names.insert(function.name).second) {
        sink_.error("duplicate-function", fmt::format("two functions '{}'", function.name));
      }
      if (!options_.function.empty() && function.name != options_.function) continue;
      found = true;
      walk(function);
    }
    sink_.enter_function({});
    if (!found) {
      sink_.error("no-function", options_.function.empty()
                                     ? "the program has no function"
                                     : fmt::format("there is no function '{}'", options_.function));
    }
    return sink_.take();
  }

 private:
  void check_version(const std::string& version) {
    if (version == "1.0" || version == "1.3") return;
    auto message = fmt::format("format {}; Apple's tools write 1.0 and 1.3", version);
    const bool tolerated = version == "1" || version == "1.2";
    sink_.add(tolerated ? Severity::warning : Severity::error, "program-version",
              std::move(message));
  }

  void walk(const mil::Function& function) {
    if (!mil::parse_opset(function.opset)) {
      sink_.error("unknown-opset", fmt::format("unknown opset '{}'", function.opset));
    }
    Scope scope(function, options_.resolver);
    check_inputs(function.inputs);
    if (!function.body.inputs.empty()) {
      sink_.error("blocks", "the inputs of a function's body are the function's");
    }
    walk(function.body, scope, 0);
  }

  void check_inputs(const std::vector<mil::NamedType>& inputs) {
    std::set<std::string_view> names;
    for (const mil::NamedType& input : inputs) {
      check_size(input.type, input.name, sink_);
      if (!names.insert(input.name).second) duplicate(input.name);
    }
  }

  void duplicate(std::string_view name) {
    sink_.error("duplicate-name", fmt::format("the name '{}' is defined twice", name));
  }

  void walk(const mil::Block& block, Scope& scope, int depth) {
    for (std::size_t i = 0; i < block.operations.size(); ++i) {
      const mil::Operation& operation = block.operations[i];
      sink_.enter_operation(operation, i);
      check_operation(operation, scope, check_names(operation, scope), sink_);
      for (const mil::Block& nested : operation.blocks) {
        if (depth == kMaxNesting) {
          sink_.error("nesting", fmt::format("blocks nest deeper than {}", kMaxNesting));
          break;
        }
        Scope inner(scope, nested);
        check_inputs(nested.inputs);
        walk(nested, inner, depth + 1);
        sink_.enter_operation(operation, i);
      }
      for (const mil::NamedType& output : operation.outputs) {
        if (scope.declares(output.name)) duplicate(output.name);
      }
      check_repeated_outputs(operation);
      scope.declare(operation);
    }
    sink_.leave_operation();
    for (const std::string& output : block.outputs) {
      if (scope.find(output) == nullptr) {
        sink_.error("unknown-name", fmt::format("the output '{}' is not defined", output));
      }
    }
  }

  void check_repeated_outputs(const mil::Operation& operation) {
    if (operation.outputs.size() < 2) return;
    std::set<std::string_view> names;
    for (const mil::NamedType& output : operation.outputs) {
      if (!names.insert(output.name).second) duplicate(output.name);
    }
  }

  bool check_names(const mil::Operation& operation, const Scope& scope) {
    bool all_known = true;
    for (const mil::Argument& argument : operation.inputs) {
      for (const mil::Binding& binding : argument.bindings) {
        const auto* name = std::get_if<std::string>(&binding);
        if (name == nullptr || scope.find(*name) != nullptr) continue;
        all_known = false;
        sink_.error("unknown-name", fmt::format("parameter '{}' names '{}', which is not defined",
                                                argument.parameter, *name));
      }
    }
    return all_known;
  }

  const VerifyOptions& options_;
  DiagnosticSink sink_;
};

}  // namespace

Report verify(const mil::Program& program, const VerifyOptions& options) {
  return Walker(options).walk(program);
}

Result<Report> require_valid(const mil::Program& program, const VerifyOptions& options) {
  // What a message should carry at most; verify() gives all.
  constexpr std::size_t kShown = 5;
  Report report = verify(program, options);
  if (report.ok()) return report;
  std::string text;
  std::size_t shown = 0;
  for (const Diagnostic& diagnostic : report.diagnostics) {
    if (diagnostic.severity != Severity::error) continue;
    if (shown == kShown) break;
    text += (shown++ == 0 ? "" : "; ") + to_string(diagnostic);
  }
  if (report.error_count > shown) {
    text += fmt::format("; and {} more", report.error_count - shown);
  }
  return fail(ErrorCode::verification_error, "{}", text);
}

}  // namespace anebench::ops
