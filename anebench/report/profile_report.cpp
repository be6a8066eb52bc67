#include "anebench/report/profile_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "anebench/base/units.h"
#include "anebench/programs/program_spec.h"
#include "anebench/report/device_facts.h"
#include "anebench/report/figures.h"
#include "anebench/report/roofline.h"
#include "anebench/report/sentences.h"

namespace anebench::report {
namespace {

using record::ProfileStep;
using record::Record;

constexpr std::size_t kShownSteps = 20;
constexpr std::size_t kShownLayers = 20;
constexpr double kMsPerSecondOfSteps = 1e3;

// Steps that a row sums up.
struct StepGroup {
  std::string name;
  std::size_t steps = 0;
  double time_ms = 0;
  double arithmetic = 0;
  double bytes = 0;
  double weight_bytes = 0;
  // Of each bound ("compute", "memory", ""), the time under it.
  std::map<std::string_view, double> bounds;

  std::string_view bound() const {
    const auto most =
        std::max_element(bounds.begin(), bounds.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == bounds.end() ? std::string_view() : most->first;
  }
};

double figure_of(const Record& record, std::string_view tag) {
  const record::Metric* metric = record.find_metric(tag);
  return metric == nullptr ? std::nan("") : metric->value;
}

// In the order in which the names come first.
std::vector<StepGroup> group_by(const Record& record,
                                const std::function<std::string(const ProfileStep&)>& name_of) {
  std::vector<StepGroup> groups;
  std::map<std::string, std::size_t> index;
  for (const ProfileStep& step : record.profile->steps) {
    const auto [found, is_new] = index.try_emplace(name_of(step), groups.size());
    if (is_new) groups.emplace_back().name = found->first;
    StepGroup& group = groups[found->second];
    ++group.steps;
    group.time_ms += step.time_ms;
    group.arithmetic += step.arithmetic.value_or(0);
    group.bytes += bytes_moved(step);
    group.weight_bytes += step.weight_bytes.value_or(0);
    group.bounds[bound_of(record, step)] += step.time_ms;
  }
  return groups;
}

void sort_by_time(std::vector<StepGroup>& groups) {
  std::ranges::stable_sort(groups, std::ranges::greater(), &StepGroup::time_ms);
}

// With the record's mark: no figure of a mistrusted measurement looks like a plain one.
Cell time_figure(const Record& record, double ms) {
  if (!std::isfinite(ms)) return {};
  const Trust trust = trust_of(record);
  return {fmt::format("{}{}", mark_of(trust), format_significant(ms, 4)),
          trust == Trust::sound ? Style::plain : Style::warning};
}

Cell share_figure(const Record& record, double ms) {
  const double share = ms / figure_of(record, "time.eval");
  if (!std::isfinite(share)) return {};
  return {fmt::format("{:.1f} %", share * 100)};
}

Cell rate_figure(double amount, double ms) {
  if (!(amount > 0) || !(ms > 0)) return {};
  return {format_significant(amount / ms * kMsPerSecondOfSteps / 1e9)};
}

Cell giga_figure(double amount) {
  if (!(amount > 0)) return {};
  return {format_significant(amount / 1e9)};
}

// The part of the device's ceiling that the step reaches.
Cell roof_figure(const Record& record, const ProfileStep& step) {
  const auto point = roofline_point(record, step);
  if (!point || !point->roof) return {};
  return {fmt::format("{:.0f} %", point->rate / *point->roof * 100)};
}

std::vector<Cell> group_row(const Record& record, const StepGroup& group) {
  return {{group.name},
          {std::to_string(group.steps)},
          time_figure(record, group.time_ms / static_cast<double>(group.steps)),
          time_figure(record, group.time_ms),
          share_figure(record, group.time_ms),
          giga_figure(group.arithmetic),
          rate_figure(group.arithmetic, group.time_ms),
          rate_figure(group.bytes, group.time_ms),
          {std::string(group.bound())}};
}

Table groups_table(const Record& record, std::string header, std::span<const StepGroup> shown,
                   std::span<const StepGroup> hidden) {
  Table table;
  table.columns = {{std::move(header), Align::left},
                   {"Steps"},
                   {"ms/step"},
                   {"ms"},
                   {"Share"},
                   {"GOP"},
                   {"GOPS"},
                   {"GB/s"},
                   {"Bound", Align::left}};
  for (const StepGroup& group : shown) table.rows.push_back(group_row(record, group));
  StepGroup rest;
  for (const StepGroup& group : hidden) {
    rest.steps += group.steps;
    rest.time_ms += group.time_ms;
    rest.arithmetic += group.arithmetic;
    rest.bytes += group.bytes;
  }
  if (rest.steps > 0) {
    rest.name = fmt::format("{} others", hidden.size());
    table.rows.push_back(group_row(record, rest));
  }
  const double residual = figure_of(record, "time.residual");
  const double whole = figure_of(record, "time.eval");
  table.rows.push_back({{"residual", Style::faint},
                        {},
                        {},
                        time_figure(record, residual),
                        share_figure(record, residual),
                        {},
                        {},
                        {},
                        {}});
  table.rows.push_back({{"TOTAL"},
                        {std::to_string(record.profile->steps.size())},
                        {},
                        time_figure(record, whole),
                        share_figure(record, whole),
                        giga_figure(record.program.operations),
                        rate_figure(record.program.operations, whole),
                        rate_figure(figure_of(record, "traffic.bytes"), whole),
                        {}});
  return table;
}

std::string interval_text(const record::Metric& metric, double scale, int digits,
                          std::string_view unit) {
  const auto shown = [&](double value) { return fmt::format("{:.{}f}", value * scale, digits); };
  if (!metric.low || !metric.high) return fmt::format("{}{}", shown(metric.value), unit);
  return fmt::format("{}{} [{}, {}]", shown(metric.value), unit, shown(*metric.low),
                     shown(*metric.high));
}

Facts program_facts(const Record& record) {
  const record::Program& program = record.program;
  Facts facts;
  if (record.profile && !record.profile->model.empty()) {
    facts.items.emplace_back("Model", record.profile->model);
  }
  facts.items.emplace_back("Program",
                           programs::ProgramSpec(program.name, program.parameters).to_string());
  if (record.profile) {
    facts.items.emplace_back(
        "Operations", fmt::format("{}, and {} that hold or expand constants",
                                  record.profile->operation_count, record.profile->constant_count));
  }
  facts.items.emplace_back("Arithmetic", format_si(program.operations, "OP"));
  facts.items.emplace_back("Weights",
                           format_bytes(static_cast<std::uint64_t>(program.weight_bytes)));
  facts.items.emplace_back("In and out",
                           format_bytes(static_cast<std::uint64_t>(program.io_bytes)));
  return facts;
}

Facts whole_facts(const Record& record) {
  const record::Profile& profile = *record.profile;
  Facts facts;
  const double whole = figure_of(record, "time.eval");
  facts.items.emplace_back(
      "Evaluation",
      fmt::format("{} ms {}: median without an observer, {}", time_figure(record, whole).text,
                  spread_cell(record).text, to_string(record.origin)));
  std::string rates = fmt::format("{} evaluations a second", format_significant(1e3 / whole));
  if (record.program.operations > 0) {
    rates += fmt::format(", {}", format_si(record.program.operations / whole * 1e3, "OPS"));
  }
  if (record.program.weight_bytes > 0) {
    rates += fmt::format(
        ", weights at {}",
        format_si(static_cast<double>(record.program.weight_bytes) / whole * 1e3, "B/s"));
  }
  facts.items.emplace_back("Rates", rates);
  facts.items.emplace_back(
      "Steps",
      fmt::format("{}, {} ms together: medians over {} observed evaluations", profile.steps.size(),
                  format_significant(figure_of(record, "time.steps"), 4),
                  figure_of(record, "count.observed")));
  facts.items.emplace_back("Residual",
                           fmt::format("{} ms, {:.1f} % of the evaluation",
                                       format_significant(figure_of(record, "time.residual")),
                                       figure_of(record, "share.residual") * 100));
  if (const record::Metric* cost = record.find_metric("share.observer")) {
    facts.items.emplace_back("Observing costs", interval_text(*cost, 100, 2, " %") +
                                                    " of an evaluation, from interleaved blocks");
  }
  if (const record::Metric* memory = record.find_metric("peak.memory")) {
    facts.items.emplace_back(
        "Memory", fmt::format("{} ({})", format_si(memory->value, "B/s"), memory->description));
  }
  return facts;
}

Bullets fallbacks_of(const Record& record) {
  Bullets bullets;
  std::vector<StepGroup> groups =
      group_by(record, [](const ProfileStep& step) { return step.fallback_reason; });
  sort_by_time(groups);
  for (const StepGroup& group : groups) {
    if (group.name.empty()) continue;
    bullets.items.push_back(
        {fmt::format("{} step{}, {}: {}", group.steps, group.steps == 1 ? "" : "s",
                     share_figure(record, group.time_ms).text, group.name),
         Style::warning});
  }
  return bullets;
}

std::vector<Paragraph> remarks_on(const Record& record) {
  std::vector<Paragraph> remarks;
  if (record.profile->steps.empty()) {
    remarks.push_back({"The device does not tell its steps apart, so all of the time is residual.",
                       Style::warning});
    return remarks;
  }
  const double residual = figure_of(record, "share.residual");
  if (std::abs(residual) > kMostResidual) {
    remarks.push_back(
        {fmt::format("The steps explain the evaluation badly: {:.1f} % of it is residual ({}). "
                     "Shares of single steps mean little then; a longer --min-time, or a quieter "
                     "machine, may help.",
                     residual * 100,
                     residual > 0 ? "calling, waiting, and work between the steps"
                                  : "the steps take longer where they are observed"),
         Style::warning});
  }
  return remarks;
}

bool is_convolution(const ProfileStep& step) { return step.type.find("conv") != std::string::npos; }

constexpr std::string_view kProfileExplanation =
    "A step is what the device executes at once; fused operations are joined by +. ms is the "
    "step's median over observed evaluations, Share its part of an evaluation without an observer. "
    "Steps and residual add up to that. GOP counts a multiply-add as two; bytes are the least that "
    "a step must move (each tensor that other steps make or use once, weights as stored), so GB/s "
    "may exceed the memory's rate where operands come from caches. Bound says which ceiling of the "
    "device decides at the step's intensity; Roof is the part of that ceiling which it reaches. A "
    "layer is an operation with weights and what follows up to the next.";

void add_profile(Document& document, const Record& record) {
  document.add(Heading{"Whole evaluation"});
  document.add(whole_facts(record));
  for (Paragraph& remark : remarks_on(record)) document.add(std::move(remark));
  if (record.profile->steps.empty()) return;
  document.add(Heading{"By type of operation"});
  document.add(operation_types_table(record));
  document.add(Heading{"By layer"});
  document.add(layers_table(record));
  document.add(Heading{
      fmt::format("The {} longest steps", std::min(kShownSteps, record.profile->steps.size()))});
  document.add(steps_table(record));
  if (std::ranges::any_of(record.profile->steps, is_convolution)) {
    document.add(Heading{"Convolutions"});
    document.add(convolutions_table(record));
  }
  document.add(Heading{"By kernel"});
  document.add(placement_table(record));
  Bullets fallbacks = fallbacks_of(record);
  if (!fallbacks.items.empty()) {
    document.add(Heading{"Why slower kernels were taken"});
    document.add(std::move(fallbacks));
  }
}

}  // namespace

Table operation_types_table(const Record& record) {
  std::vector<StepGroup> groups =
      group_by(record, [](const ProfileStep& step) { return step.type; });
  sort_by_time(groups);
  return groups_table(record, "Type", groups, {});
}

Table layers_table(const Record& record) {
  std::vector<StepGroup> groups = group_by(record, [](const ProfileStep& step) {
    return step.layer.empty() ? std::string("(no layer)") : step.layer;
  });
  if (groups.size() > kShownLayers) sort_by_time(groups);
  const std::size_t shown = std::min(groups.size(), kShownLayers);
  return groups_table(record, "Layer", std::span(groups).first(shown),
                      std::span(groups).subspan(shown));
}

Table steps_table(const Record& record) {
  std::vector<const ProfileStep*> steps;
  for (const ProfileStep& step : record.profile->steps) steps.push_back(&step);
  std::ranges::stable_sort(steps, std::ranges::greater(), &ProfileStep::time_ms);
  Table table;
  table.columns = {{"Step", Align::left},
                   {"Type", Align::left},
                   {"ms"},
                   {"Share"},
                   {"GOPS"},
                   {"GB/s"},
                   {"OP/B"},
                   {"Bound", Align::left},
                   {"Roof"},
                   {"Kernel", Align::left}};
  for (const ProfileStep* step : std::span(steps).first(std::min(steps.size(), kShownSteps))) {
    const auto point = roofline_point(record, *step);
    const double bytes = bytes_moved(*step);
    table.rows.push_back(
        {{step->name},
         {step->type},
         time_figure(record, step->time_ms),
         share_figure(record, step->time_ms),
         rate_figure(step->arithmetic.value_or(0), step->time_ms),
         rate_figure(bytes, step->time_ms),
         {point ? format_significant(point->intensity) : std::string()},
         {std::string(bound_of(record, *step))},
         roof_figure(record, *step),
         {step->kernel, step->fallback_reason.empty() ? Style::plain : Style::warning}});
  }
  return table;
}

Table convolutions_table(const Record& record) {
  Table table;
  table.columns = {
      {"Step", Align::left}, {"ms"},        {"GOPS"}, {"MB"}, {"GB/s"}, {"In", Align::left},
      {"Out", Align::left},  {"Efficiency"}};
  std::vector<const ProfileStep*> steps;
  for (const ProfileStep& step : record.profile->steps) {
    if (is_convolution(step)) steps.push_back(&step);
  }
  std::ranges::stable_sort(steps, std::ranges::greater(), &ProfileStep::time_ms);
  for (const ProfileStep* step : std::span(steps).first(std::min(steps.size(), kShownSteps))) {
    const double bytes = bytes_moved(*step);
    table.rows.push_back({{step->name},
                          time_figure(record, step->time_ms),
                          rate_figure(step->arithmetic.value_or(0), step->time_ms),
                          {bytes > 0 ? format_significant(bytes / 1e6) : std::string()},
                          rate_figure(bytes, step->time_ms),
                          {step->input},
                          {step->output},
                          roof_figure(record, *step)});
  }
  return table;
}

Table placement_table(const Record& record) {
  std::vector<StepGroup> groups =
      group_by(record, [](const ProfileStep& step) { return step.kernel; });
  sort_by_time(groups);
  return groups_table(record, "Kernel", groups, {});
}

Document profile_report(std::span<const Record> records, std::span<const std::string> notes) {
  Document document;
  for (const Record& record : records) {
    document.add(Heading{fmt::format("profile: {} on {}, {}", record.program.name,
                                     record.device.name, to_string(record.origin))});
    document.add(device_facts(record));
    document.add(program_facts(record));
    if (record.profile && record.outcome.state == record::State::ok) add_profile(document, record);
  }
  Bullets findings;
  for (auto paragraphs : {refusals(records), check_summary(records), warnings(records)}) {
    for (Paragraph& paragraph : paragraphs) findings.items.push_back(std::move(paragraph));
  }
  for (const std::string& note : notes) findings.items.push_back({note});
  document.add(std::move(findings));
  document.add(Paragraph{std::string(kProfileExplanation)});
  return document;
}

}  // namespace anebench::report
