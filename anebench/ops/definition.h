// What an op is: its name, its parameters in each opset, and the three functions that give it
// meaning. Parser, verifier, devices, profiler, chip model and documentation all read this one
// definition; docs/ops.md shows how to add one.
//
// Definitions are constant data that lives as long as the program; registry.h finds them. All
// functions are pure (evaluation apart from its context) and safe to call from several threads.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/ops/runtime_value.h"
#include "anebench/ops/tensor.h"
#include "anebench/ops/type_set.h"

namespace anebench::ops {

class Arguments;
class OpContext;

// What kind of value a parameter takes.
enum class ParameterKind : std::uint8_t {
  tensor,
  variadic,  // several bindings in parentheses, "values = (a, b)"
  list,
  state,
  any,    // a tensor, a list or a dictionary
  value,  // the payload of `const`: always an attribute, of any type
};

struct Parameter {
  std::string_view name;
  // Element types allowed; empty where the kind says it all.
  TypeSet types = {};
  // Parameters that name the same variable have the same element type; empty for none.
  std::string_view type_variable = {};
  bool optional = false;
  // Known at compile time: a literal, a `const`, or the result of a constexpr op.
  bool constant = false;
  // What stands in for an absent argument, in words; empty where nothing does.
  std::string_view default_text = {};
  ParameterKind kind = ParameterKind::tensor;
  // Types outside the domain whose meaning is plain: executed when asked to be lenient.
  TypeSet lenient_types = {};
};

// The parameters from one opset on, until the next version.
struct Version {
  mil::Opset since = mil::Opset::ios13;
  std::span<const Parameter> parameters;

  // Null where absent.
  const Parameter* find(std::string_view name) const;
};

// The output types. Dimensions that depend on unknown ones are unknown. Errors are broken rules of
// the op (ErrorCode::verification_error) and name the parameter.
using InferFunction = Result<std::vector<mil::Type>> (*)(const Arguments& arguments);
// The outputs. Arithmetic in double (or exact integers), rounded once to each output's type, unless
// the language says otherwise.
using EvaluateFunction = Result<std::vector<Tensor>> (*)(OpContext& context);
// The same for ops whose outputs need not be tensors: lists, dictionaries, what blocks return.
using EvaluateValuesFunction = Result<std::vector<RuntimeValue>> (*)(OpContext& context);
// Arithmetic operations, a multiply-add counted as two.
using CountFunction = Result<double> (*)(const Arguments& arguments,
                                         std::span<const mil::Type> outputs);

struct Definition {
  std::string_view name;
  std::string_view family;
  // Ascending by opset, never empty.
  std::span<const Version> versions;
  InferFunction infer = nullptr;
  // One of the two is set.
  EvaluateFunction evaluate = nullptr;
  EvaluateValuesFunction evaluate_values = nullptr;
  // Null for ops that only move data.
  CountFunction count_operations = nullptr;
  // Evaluated when the program is loaded; its parameters may stand in attributes.
  bool is_constexpr = false;
  // Nested blocks that the op carries.
  int block_count = 0;
  // Its outputs differ from evaluation to evaluation, unless its seed says otherwise.
  bool draws_random_numbers = false;

  // Whether attributes give parameters: of constexpr ops and `const`.
  bool attributes_are_parameters() const;
};

// What one execution of an operation costs, from types alone.
struct OpCost {
  double operations = 0;     // arithmetic, a multiply-add counted as two
  double bytes_read = 0;     // all inputs once, weights included
  double bytes_written = 0;  // all outputs once
  double weight_bytes = 0;   // the part of bytes_read that is known at compile time
};

// Fails where a shape is unknown or the op breaks a rule.
Result<OpCost> cost(const Arguments& arguments);

}  // namespace anebench::ops
