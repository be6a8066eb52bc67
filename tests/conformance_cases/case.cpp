#include "case.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <system_error>
#include <utility>

#include "anebench/base/file.h"
#include "anebench/base/json.h"
#include "anebench/device/loaded_program.h"
#include "anebench/io/npy.h"
#include "anebench/ops/registry.h"
#include "anebench/package/array_value.h"
#include "anebench/package/package.h"

namespace anebench::tests {
namespace {

namespace fs = std::filesystem;

// The stored tolerances are those of the cases' authors: too loose for fp32 where a ratio is large,
// too strict for fp16, where they ask for more than the type holds. A case's own word on its type
// is what was asked of the converter; some that say fp32 have weights, inputs or results in fp16.
constexpr double kMaxRelativeFp32 = 1e-3;
constexpr double kAbsoluteFp16 = 2e-3;  // times the largest magnitude, at least 1
constexpr double kRelativeFp16 = 5e-3;

Result<Case> read_case(const fs::path& folder) {
  ANEBENCH_ASSIGN(text, read_text_file(folder / "case.json"));
  ANEBENCH_ASSIGN(json, parse_json(text));
  Case found;
  found.name = folder.filename().string();
  found.folder = folder;
  ANEBENCH_ASSIGN(type, json_string(json, "dtype"));
  found.is_fp16 = type == "fp16";
  ANEBENCH_ASSIGN(absolute, json_number(json, "atol"));
  ANEBENCH_ASSIGN(relative, json_number(json, "rtol"));
  found.absolute_tolerance = absolute;
  found.relative_tolerance = std::min(relative, kMaxRelativeFp32);
  const auto ops = json.find("ops");
  if (ops == json.end() || !ops->is_array()) {
    return fail(ErrorCode::parse_error, "\"ops\" is absent or no list");
  }
  for (const Json& op : *ops) {
    if (!op.is_string()) return fail(ErrorCode::parse_error, "an op is no string");
    const auto& name = op.get_ref<const std::string&>();
    if (name != "const" && name != "cast") found.ops.push_back(name);
  }
  return found;
}

// The first op type that has no definition; empty where all have.
std::string undefined_op(const mil::Block& block) {
  for (const mil::Operation& operation : block.operations) {
    if (ops::find(operation.type) == nullptr) return operation.type;
    for (const mil::Block& nested : operation.blocks) {
      if (std::string type = undefined_op(nested); !type.empty()) return type;
    }
  }
  return "";
}

bool holds_fp16(const mil::Type& type) {
  return type.is_tensor() && type.data_type() == mil::DataType::fp16;
}

bool computes_in_fp16(const mil::Block& block) {
  return std::ranges::any_of(block.operations, [](const mil::Operation& operation) {
    return std::ranges::any_of(operation.outputs, holds_fp16, &mil::NamedType::type) ||
           std::ranges::any_of(operation.blocks, computes_in_fp16);
  });
}

bool computes_in_fp16(const mil::Program& program) {
  return std::ranges::any_of(program.functions(), [](const mil::Function& function) {
    return std::ranges::any_of(function.inputs, holds_fp16, &mil::NamedType::type) ||
           computes_in_fp16(function.body);
  });
}

// Empty where all elements are near enough.
Result<std::string> difference(const Case& conformance_case, bool is_fp16,
                               const std::string& output, const mil::Value& actual) {
  ANEBENCH_ASSIGN(array, io::read_npy_file(conformance_case.folder / ("out_" + output + ".npy")));
  const auto elements = actual.type().element_count();
  if (!elements) return fmt::format("{} is a {}", output, mil::to_string(actual.type()));
  const auto count = static_cast<std::size_t>(*elements);
  if (array.element_count() != count) {
    return fmt::format("{} has {} elements where {} are expected", output, count,
                       array.element_count());
  }
  // Authors spell scalars and leading ones in several ways, so only the elements are compared.
  array.shape.assign(1, static_cast<std::int64_t>(count));
  const mil::Type row =
      mil::Type::tensor(actual.type().data_type(), {static_cast<std::int64_t>(count)});
  ANEBENCH_ASSIGN(expected, package::value_from_array(array, row, package::CastRule::any));

  double largest = 1;
  if (is_fp16) {
    for (std::size_t i = 0; i < count; ++i) {
      const double value =
          std::abs(mil::packed_element_as_double(row.data_type(), expected.bytes(), i));
      if (std::isfinite(value)) largest = std::max(largest, value);
    }
  }
  const double absolute = is_fp16 ? kAbsoluteFp16 * largest : conformance_case.absolute_tolerance;
  const double relative = is_fp16 ? kRelativeFp16 : conformance_case.relative_tolerance;
  std::size_t wrong = 0;
  std::string first;
  for (std::size_t i = 0; i < count; ++i) {
    const double want = mil::packed_element_as_double(row.data_type(), expected.bytes(), i);
    const double got = mil::packed_element_as_double(row.data_type(), actual.bytes(), i);
    const bool is_near = (std::isnan(want) && std::isnan(got)) || want == got ||
                         std::abs(got - want) <= absolute + relative * std::abs(want);
    if (is_near) continue;
    if (wrong++ == 0) first = fmt::format("element {} is {} where {} is expected", i, got, want);
  }
  if (wrong == 0) return std::string();
  return fmt::format("{}: {} of {} elements are wrong; {}", output, wrong, count, first);
}

Result<Verdict> evaluate(const Case& conformance_case, device::Device& device) {
  ANEBENCH_ASSIGN(package, package::read_package(conformance_case.folder / "m.mlpackage",
                                                 weights::ReadMode::tolerant));
  for (const mil::Function& function : package.program.functions()) {
    if (const std::string type = undefined_op(function.body); !type.empty()) {
      return fail(ErrorCode::unsupported, "{} has no definition", type);
    }
  }
  ANEBENCH_ASSIGN(loaded,
                  device::LoadedProgram::open(device, package.program, package.weights, {}));
  const auto& inputs = loaded.executable().inputs();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    ANEBENCH_ASSIGN(array,
                    io::read_npy_file(conformance_case.folder / ("in_" + inputs[i].name + ".npy")));
    ANEBENCH_ASSIGN(value, package::value_from_array(array, inputs[i].type, package::CastRule::any),
                    inputs[i].name);
    ANEBENCH_TRY(loaded.set_input(i, value));
  }
  loaded.poison_outputs();
  ANEBENCH_TRY(loaded.evaluate(), "evaluate");
  const bool is_fp16 = conformance_case.is_fp16 || computes_in_fp16(package.program);
  const auto& outputs = loaded.executable().outputs();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    ANEBENCH_ASSIGN(value, loaded.output_value(i), outputs[i].name);
    ANEBENCH_ASSIGN(found, difference(conformance_case, is_fp16, outputs[i].name, value));
    if (!found.empty()) return Verdict{Verdict::State::wrong, std::move(found)};
  }
  return Verdict{Verdict::State::passed, ""};
}

}  // namespace

Result<std::vector<Case>> read_cases(const fs::path& folder) {
  std::vector<Case> cases;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!fs::exists(entry->path() / "case.json", error)) continue;
    ANEBENCH_ASSIGN(found, read_case(entry->path()), entry->path().string());
    cases.push_back(std::move(found));
  }
  if (error) {
    return fail(ErrorCode::io_error, "cannot read {}: {}", folder.string(), error.message());
  }
  std::sort(cases.begin(), cases.end(),
            [](const Case& a, const Case& b) { return a.name < b.name; });
  return cases;
}

Verdict run_case(const Case& conformance_case, device::Device& device) {
  auto verdict = evaluate(conformance_case, device);
  if (verdict) return std::move(*verdict);
  const bool is_unsupported = verdict.error().code() == ErrorCode::unsupported;
  return {is_unsupported ? Verdict::State::unsupported : Verdict::State::failed,
          verdict.error().to_string()};
}

}  // namespace anebench::tests
