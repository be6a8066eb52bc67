#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "anebench/base/rng.h"
#include "anebench/device/loaded_program.h"
#include "anebench/io/npy.h"
#include "anebench/package/array_value.h"
#include "anebench/report/document.h"
#include "commands.h"
#include "console.h"
#include "model.h"

namespace anebench::cli {
namespace {

using FilesByName = std::map<std::string, std::string>;

// "NAME=FILE" each. Every name must be one of `known`.
Result<FilesByName> files_by_name(const std::vector<std::string>& texts, std::string_view kind,
                                  const std::vector<mil::NamedType>& known) {
  FilesByName files;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
      return fail(ErrorCode::invalid_argument, "--{} takes NAME=FILE, not \"{}\"", kind, text);
    }
    const std::string name = text.substr(0, equals);
    if (std::none_of(known.begin(), known.end(),
                     [&](const mil::NamedType& one) { return one.name == name; })) {
      std::string names;
      for (const mil::NamedType& one : known) names += (names.empty() ? "" : ", ") + one.name;
      return fail(ErrorCode::invalid_argument, "there is no {} \"{}\"; the program has {}", kind,
                  name, names);
    }
    if (!files.emplace(name, text.substr(equals + 1)).second) {
      return fail(ErrorCode::invalid_argument, "the {} \"{}\" is given twice", kind, name);
    }
  }
  return files;
}

// Floating-point numbers from -1 to 1, integers and bools 0 or 1 (so that they may be indices).
Result<mil::Value> random_value(const mil::Type& type, Rng rng) {
  const auto count = type.element_count();
  const auto size = type.byte_size();
  if (!count || !size) {
    return fail(ErrorCode::unsupported, "there are no random values for a {}",
                mil::to_string(type));
  }
  mil::Value::Bytes bytes(static_cast<std::size_t>(*size));
  const bool is_real = mil::is_floating_point(type.data_type());
  for (std::size_t i = 0; i < static_cast<std::size_t>(*count); ++i) {
    const double value =
        is_real ? 2 * rng.uniform() - 1 : static_cast<double>(rng.uniform_int(0, 1));
    mil::store_packed_element(type.data_type(), bytes, i, value);
  }
  return mil::Value::packed(type, std::move(bytes));
}

Result<void> set_inputs(const RunArguments& arguments, device::LoadedProgram& loaded) {
  const auto& inputs = loaded.executable().inputs();
  ANEBENCH_ASSIGN(files, files_by_name(arguments.inputs, "input", inputs));
  std::string missing;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto& [name, type] = inputs[i];
    if (const auto file = files.find(name); file != files.end()) {
      const auto rule = arguments.cast ? package::CastRule::any : package::CastRule::keep_kind;
      ANEBENCH_ASSIGN(array, io::read_npy_file(file->second), fmt::format("input \"{}\"", name));
      ANEBENCH_ASSIGN(value, package::value_from_array(array, type, rule),
                      fmt::format("input \"{}\": {}", name, file->second));
      ANEBENCH_TRY(loaded.set_input(i, value));
    } else if (arguments.random) {
      ANEBENCH_ASSIGN(value, random_value(type, Rng(*arguments.random).fork(i)),
                      fmt::format("input \"{}\"", name));
      ANEBENCH_TRY(loaded.set_input(i, value));
    } else {
      missing += fmt::format("{}{} ({})", missing.empty() ? "" : ", ", name, mil::to_string(type));
    }
  }
  if (missing.empty()) return {};
  return fail(ErrorCode::invalid_argument,
              "there are no values for {}; give files with --input NAME=FILE, or --random SEED",
              missing);
}

// Range and mean of the numbers that are finite.
std::string summary(const mil::Type& type, std::span<const std::byte> bytes) {
  double low = 0;
  double high = 0;
  double sum = 0;
  std::size_t finite = 0;
  const auto count = static_cast<std::size_t>(type.element_count().value_or(0));
  for (std::size_t i = 0; i < count; ++i) {
    const double value = mil::packed_element_as_double(type.data_type(), bytes, i);
    if (!(value - value == 0)) continue;  // infinite or NaN
    low = finite == 0 ? value : std::min(low, value);
    high = finite == 0 ? value : std::max(high, value);
    sum += value;
    ++finite;
  }
  if (finite == 0) return "no finite value";
  std::string text =
      fmt::format("{:.6g} … {:.6g}, mean {:.6g}", low, high, sum / static_cast<double>(finite));
  if (finite != count) text += fmt::format(", {} infinite or NaN", count - finite);
  return text;
}

Result<report::Table> write_outputs(const RunArguments& arguments, device::LoadedProgram& loaded) {
  const auto& outputs = loaded.executable().outputs();
  ANEBENCH_ASSIGN(files, files_by_name(arguments.outputs, "output", outputs));
  report::Table table{.columns = {{"output", report::Align::left},
                                  {"type", report::Align::left},
                                  {"values", report::Align::left},
                                  {"file", report::Align::left}},
                      .rows = {}};
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto& [name, type] = outputs[i];
    const std::span<const std::byte> bytes = std::as_const(loaded.output(i)).bytes();
    std::string file;
    if (const auto found = files.find(name); found != files.end()) {
      file = found->second;
      ANEBENCH_ASSIGN(array, package::array_from_tensor(type, bytes),
                      fmt::format("output \"{}\"", name));
      ANEBENCH_TRY(io::write_npy_file(file, array), fmt::format("output \"{}\"", name));
    }
    table.rows.push_back({{name}, {mil::to_string(type)}, {summary(type, bytes)}, {file}});
  }
  return table;
}

// Milliseconds of each evaluation, by the device's clock.
Result<std::vector<double>> evaluate(std::size_t repeat, const Clock& clock,
                                     device::LoadedProgram& loaded) {
  std::vector<double> times;
  for (std::size_t i = 0; i < repeat; ++i) {
    const std::int64_t start = clock.now_ns();
    ANEBENCH_TRY(loaded.evaluate(), "evaluate");
    times.push_back(static_cast<double>(clock.now_ns() - start) * 1e-6);
  }
  return times;
}

Result<report::Document> run_program(const RunArguments& arguments, Console& console) {
  const auto mode = arguments.strict ? weights::ReadMode::strict : weights::ReadMode::tolerant;
  ANEBENCH_ASSIGN(model, open_model(arguments.model, mode));
  ANEBENCH_ASSIGN(opened, device::open(arguments.device, {.threads = arguments.threads}));
  ANEBENCH_ASSIGN(loaded, device::LoadedProgram::open(*opened, model.program, model.weights,
                                                      {.lenient = arguments.lenient,
                                                       .strict_weights = arguments.strict,
                                                       .function = arguments.function}));
  for (const std::string& note : loaded.executable().notes()) console.message(note);
  // Names are checked before anything takes time.
  ANEBENCH_TRY(files_by_name(arguments.outputs, "output", loaded.executable().outputs()));
  ANEBENCH_TRY(set_inputs(arguments, loaded));
  loaded.poison_outputs();
  ANEBENCH_ASSIGN(times, evaluate(arguments.repeat, opened->clock(), loaded));
  ANEBENCH_ASSIGN(table, write_outputs(arguments, loaded));
  std::sort(times.begin(), times.end());
  report::Document document;
  document.add(report::Facts{
      {{"device", opened->info().description},
       {"time",
        fmt::format("{:.3f} ms at best, {:.3f} ms median of {} ({}; not warmed up)", times.front(),
                    times[times.size() / 2], times.size(), to_string(opened->info().origin))}}});
  document.add(std::move(table));
  return document;
}

}  // namespace

int run_run(const RunArguments& arguments) {
  Console console(arguments.console);
  const auto document = run_program(arguments, console);
  if (!document) return console.error("run " + arguments.model, document.error());
  console.print(*document);
  return kOk;
}

}  // namespace anebench::cli
