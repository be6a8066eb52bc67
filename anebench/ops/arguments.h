// One reader for an operation's parameters, wherever they stand: inputs (names or literals) or, for
// constexpr ops and const, attributes.
//
//   ANEBENCH_ASSIGN(arguments, Arguments::bind(operation, scope));
//   ANEBENCH_ASSIGN(x, arguments.type("x"));
//   ANEBENCH_ASSIGN(groups, arguments.integer_or("groups", 1));
//
// Errors name the operation and the parameter. References the operation and the scope, which must
// outlive it. Safe to read from several threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/ops/definition.h"
#include "anebench/ops/runtime_value.h"
#include "anebench/ops/scope.h"

namespace anebench::ops {

// A rule of the language that a program breaks though its meaning is plain.
struct BentRule {
  std::string rule;     // stable short name, e.g. "older-form"
  std::string message;  // what was found and what the rule asks
};

class Arguments {
 public:
  // Finds the op's definition and the version that the scope's opset has. Where the arguments do
  // not fit that version but do fit an older one, the older is taken (a bent rule: `older_form`).
  static Result<Arguments> bind(const mil::Operation& operation, const Scope& scope);

  const mil::Operation& operation() const { return *operation_; }
  const Scope& scope() const { return *scope_; }
  const Definition& definition() const { return *definition_; }
  const Version& version() const { return *version_; }
  bool older_form() const { return older_form_; }
  // "conv 'y'": for messages.
  std::string describe() const;

  bool has(std::string_view parameter) const { return count(parameter) != 0; }
  // Bindings of the parameter; 1 for ordinary ones, 0 where absent.
  std::size_t count(std::string_view parameter) const;
  // The name bound, or nothing where it is a literal or absent.
  std::optional<std::string_view> name(std::string_view parameter, std::size_t index = 0) const;
  Result<mil::Type> type(std::string_view parameter, std::size_t index = 0) const;
  // Fails unless the value is a tensor.
  Result<mil::Type> tensor_type(std::string_view parameter, std::size_t index = 0) const;
  // Known at compile time, even where the value itself is another op's result.
  bool is_constant(std::string_view parameter, std::size_t index = 0) const;
  // The literal or const; null where absent or not a const.
  const mil::Value* value(std::string_view parameter, std::size_t index = 0) const;

  // Values of const parameters. Weight files are read through the scope's resolver. Values that are
  // out of reach (no resolver, another op's result) give ErrorCode::unavailable.
  Result<std::string> string(std::string_view parameter) const;
  Result<std::string> string_or(std::string_view parameter, std::string_view fallback) const;
  Result<std::int64_t> integer(std::string_view parameter) const;
  Result<std::int64_t> integer_or(std::string_view parameter, std::int64_t fallback) const;
  Result<bool> boolean_or(std::string_view parameter, bool fallback) const;
  Result<double> number(std::string_view parameter) const;
  Result<double> number_or(std::string_view parameter, double fallback) const;
  Result<std::vector<std::int64_t>> integers(std::string_view parameter) const;
  // Nothing where the argument is absent.
  Result<std::optional<std::vector<bool>>> booleans(std::string_view parameter) const;
  // Nothing where the argument is present but its value is not known here (computed by the program
  // that has not run yet, or in a weight file without a resolver).
  Result<std::optional<std::vector<std::int64_t>>> integers_if_known(
      std::string_view parameter) const;
  // An axis in [-rank, rank), made non-negative.
  Result<std::size_t> axis(std::string_view parameter, std::size_t rank) const;

  // While a program runs: what `values` has counts as known, so that parameters computed by the
  // program read like constants. `values` must outlive this object.
  void read_values_from(const ValueSource& values) { values_ = &values; }

  // For rules that are broken with plain meaning: noted, and an error under strict reading. Without
  // `watch_rules` everything of that sort passes silently.
  Result<void> bend(std::string_view rule, std::string message) const;
  // `bent` receives bent rules and must outlive this object.
  void watch_rules(bool strict, std::vector<BentRule>* bent);

  // An error of this operation: "conv 'y': parameter 'pad': …".
  [[nodiscard]] tl::unexpected<Error> error(std::string_view parameter, std::string message) const;

 private:
  Arguments() = default;
  // Nothing where the value is not known here.
  Result<std::optional<mil::Value>> known_value(std::string_view parameter) const;
  Result<mil::Value> packed_value(std::string_view parameter) const;

  const mil::Operation* operation_ = nullptr;
  const Scope* scope_ = nullptr;
  const Definition* definition_ = nullptr;
  const Version* version_ = nullptr;
  const ValueSource* values_ = nullptr;
  bool older_form_ = false;
  bool strict_ = false;
  std::vector<BentRule>* bent_ = nullptr;
};

}  // namespace anebench::ops
