#include "anebench/report/doctor_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "anebench/base/units.h"

namespace anebench::report {
namespace {

using device::AneInspection;
using device::ane::SurveyItem;
using device::ane::SurveyKind;

// More than this much background work is seen in times (stats/thresholds.h has the same limit for a
// rise during a measurement).
constexpr double kQuietLoad = 0.5;

Facts machine_facts(const measure::Environment& environment) {
  Facts facts;
  const auto add = [&](std::string name, std::string value) {
    if (!value.empty()) facts.items.emplace_back(std::move(name), std::move(value));
  };
  add("System", fmt::format("{} {}", environment.os, environment.kernel));
  add("Machine", environment.machine);
  add("Processor", fmt::format("{}, {} processors", environment.cpu_model, environment.cpus));
  add("Power", environment.power_source.empty() ? "not known" : environment.power_source);
  std::string heat = environment.thermal_state;
  if (environment.temperature_celsius) {
    heat += fmt::format("{}{} °C", heat.empty() ? "" : ", ",
                        format_significant(*environment.temperature_celsius, 3));
  }
  add("Thermal state", heat.empty() ? "not known" : heat);
  if (environment.load_1min) {
    add("Background load",
        fmt::format("{} (mean of a minute)", format_significant(*environment.load_1min, 3)));
  }
  add("Frequency governor", environment.governor);
  return facts;
}

// "18 of 19 functions".
std::string found_of(const device::ane::Survey& survey, SurveyKind kind, std::string_view plural) {
  std::size_t all = 0;
  std::size_t found = 0;
  for (const SurveyItem& item : survey.items) {
    if (item.kind != kind) continue;
    ++all;
    if (item.problem.empty()) ++found;
  }
  return all == 0 ? "" : fmt::format("{} of {} {}", found, all, plural);
}

std::string describe_facts(const device::ane::EngineFacts& facts) {
  const auto number = [](const std::optional<std::uint32_t>& count) {
    return count ? fmt::format("{}", *count) : std::string("not told");
  };
  return fmt::format("subtype {}; engines: {}; clusters: {}",
                     facts.subtype.empty() ? "not told" : facts.subtype, number(facts.engines),
                     number(facts.cores));
}

Facts engine_facts(const AneInspection& engine) {
  Facts facts;
  const auto add = [&](std::string name, std::string value) {
    if (!value.empty()) facts.items.emplace_back(std::move(name), std::move(value));
  };
  if (!engine.obstacle.empty()) {
    add("Neural Engine", "cannot be used");
    add("Because", engine.obstacle);
  } else {
    add("Neural Engine", engine.location.is_stand_in ? "a stand-in, for tests" : "can be used");
    add("Engine", describe_facts(engine.engine));
    add("Models' folders", engine.folder_problem.empty()
                               ? engine.temporary_directory
                               : fmt::format("cannot be made: {}", engine.folder_problem));
    if (engine.abandoned_folders > 0) {
      add("Removed",
          fmt::format("{} model folder{} that killed processes had left", engine.abandoned_folders,
                      engine.abandoned_folders == 1 ? "" : "s"));
    }
  }
  std::string found;
  const std::pair<SurveyKind, std::string_view> kinds[] = {{SurveyKind::library, "libraries"},
                                                           {SurveyKind::function, "functions"},
                                                           {SurveyKind::variable, "variables"},
                                                           {SurveyKind::object_class, "classes"},
                                                           {SurveyKind::message, "selectors"}};
  for (const auto& [kind, plural] : kinds) {
    const std::string part = found_of(engine.survey, kind, plural);
    if (!part.empty()) found += (found.empty() ? "" : ", ") + part;
  }
  add("Found", found);
  return facts;
}

// What is missing or not as this program knows it; no rows where nothing is.
Table problem_table(const device::ane::Survey& survey) {
  Table table;
  table.columns = {{"Kind", Align::left},
                   {"Name", Align::left},
                   {"Problem", Align::left},
                   {"Needed", Align::left}};
  for (const SurveyItem& item : survey.items) {
    if (item.problem.empty()) continue;
    table.rows.push_back(
        {{std::string(to_string(item.kind))},
         {item.name},
         {item.problem},
         {item.is_needed ? "yes" : "no", item.is_needed ? Style::bad : Style::faint}});
  }
  return table;
}

bool has_framework(const AneInspection& engine) {
  return std::all_of(engine.survey.items.begin(), engine.survey.items.end(),
                     [](const SurveyItem& item) {
                       return item.kind != SurveyKind::library || item.problem.empty();
                     });
}

void add_engine_advice(const AneInspection& engine, Bullets& advice) {
  const auto add = [&](std::string text, Style style = Style::plain) {
    advice.items.push_back({std::move(text), style});
  };
  if (engine.obstacle.empty() && !engine.folder_problem.empty()) {
    add("The framework reads a model's files from a folder below the one for temporary files. Let "
        "TMPDIR name a folder that you may write to.",
        Style::bad);
  } else if (engine.obstacle.empty()) {
    add("The Neural Engine is ready: `anebench probe --device ane` asks what it computes natively.",
        Style::good);
  } else if (!has_framework(engine)) {
    add("This machine has no Neural Engine that a program could reach. Programs, models and "
        "experiments run on `cpu` and `reference`; `anebench check` says what of a model a Neural "
        "Engine would refuse.");
  } else {
    add("The framework is there, but not as this version of anebench knows it; a system update has "
        "changed it. Please report the table above with the system's version.",
        Style::bad);
  }
}

void add_machine_advice(const measure::Environment& environment, Bullets& advice) {
  const auto warn = [&](std::string text) {
    advice.items.push_back({std::move(text), Style::warning});
  };
  if (environment.power_source == "battery") {
    warn("It runs on battery, which may slow everything. Plug it in before measuring.");
  }
  if (!environment.thermal_state.empty() && environment.thermal_state != "nominal") {
    warn(fmt::format("Its thermal state is {}: times will be too long. Let it cool down.",
                     environment.thermal_state));
  }
  if (environment.load_1min && *environment.load_1min > kQuietLoad) {
    warn(fmt::format("Other programs keep {} processors busy. End them before measuring.",
                     format_significant(*environment.load_1min, 2)));
  }
  if (environment.governor == "powersave") {
    warn("The frequency governor is \"powersave\": measure with \"performance\" if you may.");
  }
}

}  // namespace

Document doctor_report(const DoctorFindings& findings) {
  Document document;
  document.add(Heading{"This machine"});
  document.add(machine_facts(findings.environment));
  document.add(Heading{"The Neural Engine"});
  document.add(engine_facts(findings.engine));
  Table problems = problem_table(findings.engine.survey);
  if (!problems.rows.empty()) document.add(std::move(problems));

  document.add(Heading{"What runs here"});
  Bullets runs;
  for (const device::DeviceListing& listing : findings.devices) {
    if (!listing.unavailable_reason.empty()) continue;
    runs.items.push_back({fmt::format("{}: {}", listing.name, listing.description)});
  }
  document.add(std::move(runs));

  document.add(Heading{"What to do"});
  Bullets advice;
  add_engine_advice(findings.engine, advice);
  add_machine_advice(findings.environment, advice);
  document.add(std::move(advice));
  return document;
}

}  // namespace anebench::report
