// What the families write their signatures with: the parameters that many ops have, and short ways
// to state the others. Constant data, built at compile time.
//
//   constexpr Parameter kReverse[] = {kAnyX, optional_parameter("axes", kInt32, "all dimensions")};
//   constexpr Version kReverseVersions[] = {{Opset::ios13, kReverse}};
//   constexpr Definition kReverseDefinitions[] = {define(
//       "tensor_transformation", "reverse", kReverseVersions, infer_like_x, evaluate_reverse)};
#pragma once

#include <span>
#include <string_view>

#include "anebench/ops/definition.h"
#include "anebench/ops/type_set.h"

namespace anebench::ops {

// Known at compile time and always there.
constexpr Parameter constant_parameter(std::string_view name, TypeSet types,
                                       std::string_view type_variable = {}) {
  return {.name = name, .types = types, .type_variable = type_variable, .constant = true};
}

// Known at compile time where it is there.
constexpr Parameter optional_parameter(std::string_view name, TypeSet types,
                                       std::string_view default_text,
                                       std::string_view type_variable = {}) {
  return {.name = name,
          .types = types,
          .type_variable = type_variable,
          .optional = true,
          .constant = true,
          .default_text = default_text};
}

// The parameter in a signature that does not list its default.
constexpr Parameter unlisted(Parameter parameter) {
  parameter.default_text = {};
  return parameter;
}

// The input `x`, by the element types that it has.
inline constexpr Parameter kFloatX = {.name = "x", .types = kFloats, .type_variable = "T"};
inline constexpr Parameter kNumberX = {.name = "x", .types = kFloatsAndInt32, .type_variable = "T"};
inline constexpr Parameter kAnyX = {.name = "x", .types = kFloatsInt32Bool, .type_variable = "T"};
inline constexpr Parameter kAnyXSinceIos17 = {
    .name = "x", .types = kAllSinceIos17, .type_variable = "T"};

inline constexpr Parameter kAxisOrFirst = optional_parameter("axis", kInt32, "0");
inline constexpr Parameter kAxisOrLast = optional_parameter("axis", kInt32, "-1");
inline constexpr Parameter kKeepDims = optional_parameter("keep_dims", kBool, "false");

// An op whose outputs are tensors.
constexpr Definition define(std::string_view family, std::string_view name,
                            std::span<const Version> versions, InferFunction infer,
                            EvaluateFunction evaluate, CountFunction count_operations = nullptr) {
  return {.name = name,
          .family = family,
          .versions = versions,
          .infer = infer,
          .evaluate = evaluate,
          .count_operations = count_operations};
}

}  // namespace anebench::ops
