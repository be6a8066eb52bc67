// Checks a program against the rules of the language.
//
//   Report report = verify(program, {.strictness = Strictness::strict});
//   if (!report.ok()) fmt::print("{}", to_string(report));
//
// All problems are reported, up to a bound, not only the first; an op type without a definition
// gives one problem and no further ones downstream (its declared output types are believed).
// Hostile input costs no more than a walk over the program. Pure and thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/mil/resolver.h"

namespace anebench::ops {

enum class Strictness : std::uint8_t {
  strict,
  // Rules that are broken with plain meaning become `bent` diagnostics instead of errors.
  lenient,
};

enum class Severity : std::uint8_t { error, bent, warning };
std::string_view to_string(Severity severity);

struct VerifyOptions {
  Strictness strictness = Strictness::strict;
  // Only this function; empty for all.
  std::string function = {};
  // Reads constants from weight files; without it their values count as unknown.
  const mil::BlobResolver* resolver = nullptr;
  std::size_t max_diagnostics = 100;
};

struct Diagnostic {
  Severity severity = Severity::error;
  // A stable short name, listed in docs/ops.md, e.g. "unknown-op".
  std::string rule;
  std::string message;
  std::string function;
  // The operation's position in its block, type and label; of none where the type is empty.
  std::size_t op_index = 0;
  std::string op_type;
  std::string op_label;
  mil::SourceLocation location;
};
// "line 12: error: conv 'y' (op 3 of main): … [shape]".
std::string to_string(const Diagnostic& diagnostic);

struct Report {
  std::vector<Diagnostic> diagnostics;
  // Problems beyond max_diagnostics.
  std::size_t suppressed = 0;
  std::size_t error_count = 0;

  bool ok() const { return error_count == 0; }
  // Diagnostics of Severity::bent.
  std::vector<Diagnostic> bent_rules() const;
};
std::string to_string(const Report& report);

Report verify(const mil::Program& program, const VerifyOptions& options = {});

// The report, or an error (ErrorCode::verification_error) that carries the first problems.
Result<Report> require_valid(const mil::Program& program, const VerifyOptions& options = {});

}  // namespace anebench::ops
