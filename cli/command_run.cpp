#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "anebench/base/units.h"
#include "anebench/device/loaded_program.h"
#include "anebench/report/document.h"
#include "commands.h"
#include "console.h"
#include "model.h"
#include "named_files.h"
#include "run_outputs.h"

namespace anebench::cli {
namespace {

// What executed how many operations, and why a slower path was taken.
report::Table placement(const device::Executable& executable) {
  std::map<std::pair<std::string, std::string>, std::size_t> counts;
  for (const device::Step& step : executable.steps()) {
    counts[{step.kernel, step.fallback_reason}] += step.operations.size();
  }
  std::vector<std::pair<std::pair<std::string, std::string>, std::size_t>> sorted(counts.begin(),
                                                                                  counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  report::Table table;
  table.columns = {{"Executed by", report::Align::left},
                   {"Operations"},
                   {"Fallback, because", report::Align::left}};
  for (const auto& [place, operations] : sorted) {
    table.rows.push_back({{place.first}, {std::to_string(operations)}, {place.second}});
  }
  return table;
}

// Nanoseconds of each evaluation by the device's clock, ascending. States go on from one to the
// next.
Result<std::vector<double>> evaluate(std::size_t repeat, const Clock& clock,
                                     device::LoadedProgram& loaded) {
  std::vector<double> times;
  for (std::size_t i = 0; i < repeat; ++i) {
    const std::int64_t start = clock.now_ns();
    ANEBENCH_TRY(loaded.evaluate(), "evaluate");
    times.push_back(static_cast<double>(clock.now_ns() - start));
  }
  std::sort(times.begin(), times.end());
  return times;
}

report::Facts facts_of(const device::DeviceInfo& info, const device::LoadedProgram& loaded,
                       const std::vector<double>& times) {
  const auto phase = [](std::int64_t ns) { return format_duration_ns(static_cast<double>(ns)); };
  report::Facts facts;
  facts.items = {{"Device", info.description},
                 {"Compile, load", fmt::format("{}, {}", phase(loaded.times().compile_ns),
                                               phase(loaded.times().load_ns))},
                 {"Evaluate", fmt::format("{} at best, {} median of {} ({}, not warmed up)",
                                          format_duration_ns(times.front()),
                                          format_duration_ns(times[times.size() / 2]), times.size(),
                                          to_string(info.origin))}};
  if (const auto& states = loaded.executable().states(); !states.empty()) {
    facts.items.emplace_back("States", names_of(states) + " (zeros at first)");
  }
  return facts;
}

Result<report::Document> run_program(const RunArguments& arguments, Console& console) {
  const auto mode = arguments.strict ? weights::ReadMode::strict : weights::ReadMode::tolerant;
  ANEBENCH_ASSIGN(model, open_model(arguments.model, mode));
  const mil::Function* function = model.program.find_function(arguments.function);
  if (function == nullptr) {
    std::string names;
    for (const mil::Function& one : model.program.functions()) {
      names += (names.empty() ? "" : ", ") + one.name;
    }
    return fail(ErrorCode::invalid_argument, "there is no function \"{}\"; the program has {}",
                arguments.function, names);
  }
  ANEBENCH_ASSIGN(device, device::open(arguments.device, {.threads = arguments.threads}));
  device::CompileOptions options;
  options.lenient = arguments.lenient;
  options.strict_weights = arguments.strict;
  options.function = arguments.function;
  if (arguments.max_iterations) {
    options.max_iterations = static_cast<std::int64_t>(*arguments.max_iterations);
  }
  ANEBENCH_ASSIGN(loaded,
                  device::LoadedProgram::open(*device, model.program, model.weights, options));
  for (const std::string& note : loaded.executable().notes()) console.message(note);
  // Names are checked before anything takes time.
  ANEBENCH_ASSIGN(images, ModelImages::of(model, function->name));
  ANEBENCH_ASSIGN(files, output_files(arguments.outputs, loaded.executable().outputs(), images));
  ANEBENCH_ASSIGN(inputs,
                  read_inputs(arguments.inputs, *function, loaded.executable().inputs(), images));
  for (const std::string& remark : inputs.remarks) console.message(remark);
  for (std::size_t i = 0; i < inputs.values.size(); ++i) {
    ANEBENCH_TRY(loaded.set_input(i, inputs.values[i]),
                 fmt::format("input \"{}\"", loaded.executable().inputs()[i].name));
  }
  loaded.poison_outputs();
  ANEBENCH_ASSIGN(times, evaluate(arguments.repeat, device->clock(), loaded));
  ANEBENCH_ASSIGN(outputs, write_outputs(files, loaded));
  report::Document document;
  document.add(facts_of(device->info(), loaded, times));
  document.add(std::move(outputs));
  document.add(placement(loaded.executable()));
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
