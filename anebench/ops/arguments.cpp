#include "anebench/ops/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>
#include <variant>

#include "anebench/ops/registry.h"

namespace anebench::ops {
namespace {

// Where a parameter stands; both null where it is absent.
struct Place {
  const mil::Argument* argument = nullptr;
  const mil::Value* attribute = nullptr;
};

Place find_place(const mil::Operation& operation, const Definition& definition,
                 std::string_view parameter) {
  if (const mil::Argument* argument = operation.find_input(parameter)) return {argument, nullptr};
  if (definition.attributes_are_parameters()) {
    return {nullptr, operation.find_attribute(parameter)};
  }
  return {};
}

// Every argument is a parameter of the version and every required parameter is there.
bool fits(const mil::Operation& operation, const Definition& definition, const Version& version) {
  for (const mil::Argument& argument : operation.inputs) {
    if (version.find(argument.parameter) == nullptr) return false;
  }
  for (const mil::Attribute& attribute : operation.attributes) {
    if (definition.attributes_are_parameters() && attribute.name != "name" &&
        version.find(attribute.name) == nullptr) {
      return false;
    }
  }
  return std::ranges::all_of(version.parameters, [&](const Parameter& parameter) {
    if (parameter.optional) return true;
    const Place place = find_place(operation, definition, parameter.name);
    return place.argument != nullptr || place.attribute != nullptr;
  });
}

// Not the program's fault: a value that this reader cannot get at.
tl::unexpected<Error> unavailable(const Arguments& arguments, std::string_view parameter,
                                  std::string_view what) {
  return fail(ErrorCode::unavailable, "{}: parameter '{}' {}", arguments.describe(), parameter,
              what);
}

}  // namespace

Result<Arguments> Arguments::bind(const mil::Operation& operation, const Scope& scope) {
  Arguments result;
  result.operation_ = &operation;
  result.scope_ = &scope;
  result.definition_ = ops::find(operation.type);
  if (result.definition_ == nullptr) {
    return fail(ErrorCode::unsupported, "unknown op type '{}' of '{}'", operation.type,
                operation.label());
  }
  result.version_ = version_for(*result.definition_, scope.opset());
  if (result.version_ == nullptr) {
    return fail(ErrorCode::verification_error, "{}: the op exists since {}, the function is {}",
                result.describe(), to_string(result.definition_->versions.front().since),
                to_string(scope.opset()));
  }
  if (!fits(operation, *result.definition_, *result.version_)) {
    for (const Version& version : result.definition_->versions) {
      if (&version == result.version_) break;
      if (!fits(operation, *result.definition_, version)) continue;
      result.version_ = &version;
      result.older_form_ = true;
      break;
    }
  }
  return result;
}

std::string Arguments::describe() const {
  return fmt::format("{} '{}'", operation_->type, operation_->label());
}

std::size_t Arguments::count(std::string_view parameter) const {
  const Place place = find_place(*operation_, *definition_, parameter);
  if (place.argument != nullptr) return place.argument->bindings.size();
  return place.attribute != nullptr ? 1 : 0;
}

std::optional<std::string_view> Arguments::name(std::string_view parameter,
                                                std::size_t index) const {
  const Place place = find_place(*operation_, *definition_, parameter);
  if (place.argument == nullptr || index >= place.argument->bindings.size()) return std::nullopt;
  const auto* bound = std::get_if<std::string>(&place.argument->bindings[index]);
  if (bound == nullptr) return std::nullopt;
  return *bound;
}

Result<mil::Type> Arguments::type(std::string_view parameter, std::size_t index) const {
  if (index >= count(parameter)) return error(parameter, "is missing");
  if (const auto bound = name(parameter, index)) {
    const Name* known = scope_->find(*bound);
    if (known == nullptr) return error(parameter, fmt::format("unknown name '{}'", *bound));
    return known->type;
  }
  return value(parameter, index)->type();
}

Result<mil::Type> Arguments::tensor_type(std::string_view parameter, std::size_t index) const {
  ANEBENCH_ASSIGN(found, type(parameter, index));
  if (!found.is_tensor()) {
    return error(parameter, fmt::format("wants a tensor, got {}", to_string(found)));
  }
  return found;
}

bool Arguments::is_constant(std::string_view parameter, std::size_t index) const {
  if (const auto bound = name(parameter, index)) {
    const Name* known = scope_->find(*bound);
    return known != nullptr && known->is_constant;
  }
  return value(parameter, index) != nullptr;
}

const mil::Value* Arguments::value(std::string_view parameter, std::size_t index) const {
  const Place place = find_place(*operation_, *definition_, parameter);
  if (place.argument == nullptr) return index == 0 ? place.attribute : nullptr;
  if (index >= place.argument->bindings.size()) return nullptr;
  const mil::Binding& binding = place.argument->bindings[index];
  if (const auto* literal = std::get_if<mil::Value>(&binding)) return literal;
  const Name* known = scope_->find(std::get<std::string>(binding));
  return known == nullptr ? nullptr : known->value;
}

Result<std::optional<mil::Value>> Arguments::known_value(std::string_view parameter) const {
  if (!has(parameter)) return error(parameter, "is missing");
  if (const mil::Value* found = value(parameter)) {
    if (!found->is_blob()) return *found;
    if (scope_->resolver() == nullptr) return std::nullopt;
    ANEBENCH_ASSIGN(tensor, Tensor::from_value(*found, *scope_->resolver()), describe());
    return tensor.to_value();
  }
  const auto bound = name(parameter);
  if (values_ == nullptr || !bound) return std::nullopt;
  const std::optional<RuntimeValue> computed = values_->find_value(*bound);
  if (!computed) return std::nullopt;
  ANEBENCH_ASSIGN(copy, computed->to_value(), describe());
  return copy;
}

Result<mil::Value> Arguments::packed_value(std::string_view parameter) const {
  ANEBENCH_ASSIGN(found, known_value(parameter));
  if (found) return *std::move(found);
  return unavailable(*this, parameter,
                     value(parameter) == nullptr ? "is not known at compile time"
                                                 : "lies in a weight file, which is not at hand");
}

Result<std::string> Arguments::string(std::string_view parameter) const {
  ANEBENCH_ASSIGN(found, packed_value(parameter));
  const auto text = found.as_string();
  if (!text) {
    return error(parameter, fmt::format("wants a string, got {}", to_string(found.type())));
  }
  return std::string(*text);
}

Result<std::string> Arguments::string_or(std::string_view parameter,
                                         std::string_view fallback) const {
  if (!has(parameter)) return std::string(fallback);
  return string(parameter);
}

Result<std::int64_t> Arguments::integer(std::string_view parameter) const {
  ANEBENCH_ASSIGN(found, packed_value(parameter));
  const auto number = found.as_int();
  if (!number) {
    return error(parameter, fmt::format("wants one integer, got {}", to_string(found.type())));
  }
  return *number;
}

Result<std::int64_t> Arguments::integer_or(std::string_view parameter,
                                           std::int64_t fallback) const {
  if (!has(parameter)) return fallback;
  return integer(parameter);
}

Result<bool> Arguments::boolean_or(std::string_view parameter, bool fallback) const {
  if (!has(parameter)) return fallback;
  ANEBENCH_ASSIGN(found, packed_value(parameter));
  const auto flag = found.as_bool();
  if (!flag) {
    return error(parameter, fmt::format("wants one bool, got {}", to_string(found.type())));
  }
  return *flag;
}

Result<double> Arguments::number(std::string_view parameter) const {
  ANEBENCH_ASSIGN(found, packed_value(parameter));
  const auto number = found.as_double();
  if (!number) {
    return error(parameter, fmt::format("wants one number, got {}", to_string(found.type())));
  }
  return *number;
}

Result<double> Arguments::number_or(std::string_view parameter, double fallback) const {
  if (!has(parameter)) return fallback;
  return number(parameter);
}

Result<std::vector<std::int64_t>> Arguments::integers(std::string_view parameter) const {
  ANEBENCH_ASSIGN(found, packed_value(parameter));
  auto numbers = found.as_ints();
  if (!numbers) {
    return error(parameter, fmt::format("wants integers, got {}", to_string(found.type())));
  }
  return *std::move(numbers);
}

Result<std::optional<std::vector<bool>>> Arguments::booleans(std::string_view parameter) const {
  if (!has(parameter)) return std::nullopt;
  ANEBENCH_ASSIGN(found, packed_value(parameter));
  if (!found.is_packed() || found.type().data_type() != mil::DataType::boolean) {
    return error(parameter, fmt::format("wants bools, got {}", to_string(found.type())));
  }
  std::vector<bool> flags;
  for (const std::byte flag : found.bytes()) flags.push_back(flag != std::byte{0});
  return flags;
}

Result<std::optional<std::vector<std::int64_t>>> Arguments::integers_if_known(
    std::string_view parameter) const {
  ANEBENCH_ASSIGN(found, known_value(parameter));
  if (!found) return std::nullopt;
  auto numbers = found->as_ints();
  if (!numbers) {
    return error(parameter, fmt::format("wants integers, got {}", to_string(found->type())));
  }
  return numbers;
}

Result<std::size_t> Arguments::axis(std::string_view parameter, std::size_t rank) const {
  ANEBENCH_ASSIGN(given, integer(parameter));
  const auto signed_rank = static_cast<std::int64_t>(rank);
  if (given < -signed_rank || given >= signed_rank) {
    return error(parameter,
                 fmt::format("{} is outside [-{}, {})", given, signed_rank, signed_rank));
  }
  return static_cast<std::size_t>(given < 0 ? given + signed_rank : given);
}

Result<void> Arguments::bend(std::string_view rule, std::string message) const {
  if (bent_ != nullptr) bent_->push_back({std::string(rule), message});
  if (!strict_) return {};
  return fail(ErrorCode::verification_error, "{}: {}", describe(), message);
}

void Arguments::watch_rules(bool strict, std::vector<BentRule>* bent) {
  strict_ = strict;
  bent_ = bent;
}

tl::unexpected<Error> Arguments::error(std::string_view parameter, std::string message) const {
  return fail(ErrorCode::verification_error, "{}: parameter '{}' {}", describe(), parameter,
              message);
}

}  // namespace anebench::ops
