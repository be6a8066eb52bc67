#include "anebench/experiments/op_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "anebench/base/half.h"
#include "anebench/device/loaded_program.h"
#include "anebench/experiments/named_values.h"
#include "anebench/ops/tensor.h"
#include "anebench/transform/extract.h"

namespace anebench::experiments {
namespace {

using device::Comparison;
using device::LoadedProgram;
using mil::DataType;

mil::Value value_of(const device::Surface& surface) {
  const auto bytes = surface.bytes();
  return mil::Value::packed(surface.type(), {bytes.begin(), bytes.end()});
}

mil::Value magnitudes(const mil::Value& value) {
  const auto type = mil::Type::tensor(DataType::fp32, value.type().shape());
  auto elements = *value.as_doubles();
  mil::Value::Bytes bytes(elements.size() * sizeof(float));
  for (double& element : elements) element = std::fabs(element);
  ops::store_doubles(DataType::fp32, bytes, 0, elements);
  return mil::Value::packed(type, std::move(bytes));
}

// Σ|w·x| (+ |bias|) of a convolution, element by element: the same convolution of magnitudes, in
// fp32 so that it cannot overflow. Nothing for other ops.
struct SumBound {
  std::vector<double> sums;
  double terms = 0;  // K
};

Result<SumBound> sum_bound(device::Device& reference, const mil::Program& single,
                           const std::shared_ptr<weights::WeightFiles>& weights,
                           const NamedValues& values, const device::CompileOptions& options) {
  mil::ProgramData data = single.data();
  mil::Function& function = data.functions.front();
  mil::Operation& operation = function.body.operations.back();
  if (operation.type != "conv") return SumBound{};
  // The weight's values: run the single program with the weight as its output.
  const mil::Argument* weight = operation.find_input("weight");
  const auto* weight_name = std::get_if<std::string>(&weight->bindings.front());
  if (weight_name == nullptr) return SumBound{};
  mil::ProgramData constant = data;
  constant.functions.front().body.outputs = {*weight_name};
  ANEBENCH_ASSIGN(only_weight,
                  transform::with_outputs(mil::Program(constant), function.name, {*weight_name}));
  ANEBENCH_ASSIGN(weight_run, run_on(reference, only_weight, weights, values, options));
  const mil::Value weight_value = value_of(weight_run.output(0));

  // conv(|x|, |w|) with both as inputs in fp32.
  mil::Operation sum = operation;
  sum.outputs[0].type = mil::Type::tensor(DataType::fp32, operation.outputs[0].type.shape());
  std::erase_if(sum.inputs, [](const mil::Argument& a) { return a.parameter == "bias"; });
  const std::string x_name = std::get<std::string>(operation.find_input("x")->bindings.front());
  NamedValues absolute;
  absolute.emplace(x_name, magnitudes(values.find(x_name)->second));
  absolute.insert_or_assign(*weight_name, magnitudes(weight_value));
  function.inputs = {{x_name, absolute.at(x_name).type()},
                     {*weight_name, absolute.at(*weight_name).type()}};
  std::vector<mil::Operation> kept;
  for (const mil::Operation& op : function.body.operations) {
    if (op.type == "const" && op.outputs[0].name != *weight_name) kept.push_back(op);
  }
  kept.push_back(std::move(sum));
  function.body.operations = std::move(kept);
  ANEBENCH_ASSIGN(result,
                  run_on(reference, mil::Program(std::move(data)), weights, absolute, options));

  SumBound bound;
  bound.sums = *value_of(result.output(0)).as_doubles();
  const auto& shape = weight_value.type().shape();
  bound.terms = static_cast<double>(mil::element_count(shape).value_or(0)) /
                static_cast<double>(std::max<std::int64_t>(shape[0].size(), 1));
  return bound;
}

// The first element outside its bound.
std::optional<std::string> find_violation(const mil::Value& expected, const mil::Value& actual,
                                          const SumBound& bound) {
  const auto e = *expected.as_doubles();
  const auto a = *actual.as_doubles();
  const bool is_floating = mil::is_floating_point(expected.type().data_type());
  for (std::size_t i = 0; i < e.size(); ++i) {
    if (e[i] == a[i] || (std::isnan(e[i]) && std::isnan(a[i]))) continue;
    double allowed = is_floating ? half_ulp(e[i]) : 0;
    if (!bound.sums.empty()) allowed += bound.terms * 0x1p-24 * bound.sums[i];
    // Near the largest fp16 number the fp32 sum may round to the other side of infinity.
    const double nearest = std::isinf(e[i]) ? std::copysign(kHalfMax, e[i]) : e[i];
    const double given = std::isinf(a[i]) ? std::copysign(65536.0, a[i]) : a[i];
    if (std::fabs(given - nearest) <= allowed) continue;
    return fmt::format("value {} is {} where the reference has {} (allowed error {:.3g})", i, a[i],
                       e[i], allowed);
  }
  return std::nullopt;
}

void merge(Comparison& total, const Comparison& one) {
  total.compared_values += one.compared_values;
  total.mismatches += one.mismatches;
  total.bit_identical = total.bit_identical && one.bit_identical;
  total.special_mismatches += one.special_mismatches;
  total.max_absolute_error = std::max(total.max_absolute_error, one.max_absolute_error);
  total.max_relative_error = std::max(total.max_relative_error, one.max_relative_error);
  total.distinct_values = std::max(total.distinct_values, one.distinct_values);
  total.snr_db = std::min(total.snr_db, one.snr_db);
}

}  // namespace

Result<OpCheck> check_each_op(device::Device& device, device::Device& reference,
                              const mil::Program& program,
                              const std::shared_ptr<weights::WeightFiles>& weights,
                              const std::vector<mil::Value>& inputs,
                              const device::CompileOptions& options) {
  const mil::Function* main = program.find_function(options.function);
  if (main == nullptr || main->inputs.size() != inputs.size()) {
    return fail(ErrorCode::invalid_argument, "{} inputs were given for function '{}'",
                inputs.size(), options.function);
  }
  NamedValues values;
  for (std::size_t i = 0; i < inputs.size(); ++i) values.emplace(main->inputs[i].name, inputs[i]);

  OpCheck result;
  result.worst.snr_db = HUGE_VAL;
  for (std::size_t i = 0; i < main->body.operations.size(); ++i) {
    const mil::Operation& operation = main->body.operations[i];
    if (transform::is_constant_operation(operation)) continue;
    ANEBENCH_ASSIGN(single, transform::isolate_operation(program, main->name, i));
    ANEBENCH_ASSIGN(expected, run_on(reference, single, weights, values, options),
                    fmt::format("reference, op '{}'", operation.label()));
    ANEBENCH_ASSIGN(actual, run_on(device, single, weights, values, options),
                    fmt::format("op '{}'", operation.label()));
    ANEBENCH_ASSIGN(bound, sum_bound(reference, single, weights, values, options));
    for (std::size_t o = 0; o < operation.outputs.size(); ++o) {
      mil::Value wanted = value_of(expected.output(o));
      const mil::Value got = value_of(actual.output(o));
      merge(result.worst, device::compare(wanted.type(), wanted.bytes(), got.bytes()));
      if (const auto violation = find_violation(wanted, got, bound); violation && result.passed) {
        result.passed = false;
        result.reason = fmt::format("{} '{}': {}", operation.type, operation.label(), *violation);
      }
      values.insert_or_assign(operation.outputs[o].name, std::move(wanted));
    }
    ++result.checked_ops;
  }
  return result;
}

}  // namespace anebench::experiments
