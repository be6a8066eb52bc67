#include "anebench/report/ceiling_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "anebench/base/units.h"
#include "anebench/report/device_facts.h"
#include "anebench/report/figures.h"
#include "anebench/report/sentences.h"

namespace anebench::report {
namespace {

using record::Record;

constexpr double kUsPerMs = 1e3;

bool is_call(const Record& record, std::string_view part) {
  return record.variant.starts_with(part);
}

// The ratio that the record has.
Cell any_ratio_cell(const Record& record) {
  for (const char* baseline : {"run_only", "shared_surfaces"}) {
    const std::string tag = fmt::format("ratio.{}", baseline);
    if (record.find_metric(tag) != nullptr) return interval_cell(record, tag);
  }
  return {};
}

const Record* find_variant(std::span<const Record> records, std::string_view variant) {
  const auto found = std::find_if(records.begin(), records.end(),
                                  [&](const Record& record) { return record.variant == variant; });
  return found == records.end() ? nullptr : &*found;
}

std::string with_interval(const record::Metric& metric) {
  const auto shown = [](double ms) { return format_significant(ms * kUsPerMs); };
  if (!metric.low || !metric.high) return shown(metric.value) + " µs";
  return fmt::format("{} µs [{}, {}]", shown(metric.value), shown(*metric.low),
                     shown(*metric.high));
}

// What a copy and a hand-over cost.
Bullets copies_of(std::span<const Record> records) {
  Bullets bullets;
  if (const Record* copies = find_variant(records, "copies_only")) {
    const record::Metric* time = copies->find_metric("time.copy");
    const record::Metric* size = copies->find_metric("size.copy");
    if (time != nullptr && size != nullptr) {
      bullets.items.push_back(
          {fmt::format("A copy: {} bytes, {}.", size->value, with_interval(*time))});
    }
  }
  if (const Record* sequential = find_variant(records, "sequential")) {
    if (const record::Metric* overhead = sequential->find_metric("time.overhead")) {
      bullets.items.push_back(
          {fmt::format("Overhead of a hand-over, (sequential - run_only) / (kernels - 1): {}.",
                       with_interval(*overhead))});
    }
  }
  return bullets;
}

// Consecutive records of one configuration.
std::vector<std::span<const Record>> configurations(std::span<const Record> records) {
  std::vector<std::span<const Record>> groups;
  std::size_t begin = 0;
  const auto key = [](const Record& record) {
    return fmt::format("{}x{}", parameter(record.program, "channels"),
                       parameter(record.program, "width"));
  };
  for (std::size_t i = 0; i < records.size(); ++i) {
    const bool ends = i + 1 == records.size() || key(records[i]) != key(records[i + 1]);
    if (!ends) continue;
    const auto group = records.subspan(begin, i + 1 - begin);
    if (!is_call(group.front(), "idle_") && !is_call(group.front(), "in_flight_")) {
      groups.push_back(group);
    }
    begin = i + 1;
  }
  return groups;
}

constexpr std::string_view kCeilingExplanation =
    "A pass runs all kernels once, each compiled on its own: sequential copies every output into "
    "the next input; run_only leaves the copies out; queue submits the same calls to a serial "
    "queue of another thread and waits once; shared_surfaces needs no copies because the output "
    "surface of a kernel is the input of the next; one_program has all layers in one program. "
    "Ratio is the time of run_only (for one_program, of shared_surfaces) ÷ the time of the row, "
    "from interleaved blocks with its 95 % interval: above 1, the row is faster. After each way "
    "but copies_only the input must "
    "have come out. Calls are of the smallest program, timed one by one; their ratios come from "
    "interleaved rounds.";

}  // namespace

Table passes_table(std::span<const Record> records) {
  Table table;
  table.columns = {{"Test", Align::left}, {"ms/pass"}, {"±"},      {"ms/kernel"},
                   {"kernels/s"},         {"Ratio"},   {"Errors"}, {"Check", Align::left}};
  for (const Record& record : records) {
    const record::Metric* errors = record.find_metric("count.errors");
    table.rows.push_back({{record.variant},
                          time_cell(record),
                          spread_cell(record),
                          metric_cell(record, "time.kernel", 1, 4),
                          metric_cell(record, "rate.kernels", 1, 4),
                          any_ratio_cell(record),
                          {errors == nullptr ? "" : fmt::format("{:.0f}", errors->value),
                           errors != nullptr && errors->value > 0 ? Style::bad : Style::plain},
                          check_cell(record)});
  }
  return table;
}

Table idle_table(std::span<const Record> records) {
  Table table;
  table.columns = {{"Idle before (ms)"}, {"median (µs)"}, {"p90 (µs)"},
                   {"p99 (µs)"},         {"of idle_0"},   {"Check", Align::left}};
  for (const Record& record : records) {
    if (!is_call(record, "idle_")) continue;
    table.rows.push_back(
        {metric_cell(record, "time.idle"), metric_cell(record, "time.eval", kUsPerMs),
         metric_cell(record, "time.p90", kUsPerMs), metric_cell(record, "time.p99", kUsPerMs),
         interval_cell(record, "ratio.idle_0"), check_cell(record)});
  }
  return table;
}

Table in_flight_table(std::span<const Record> records) {
  Table table;
  table.columns = {{"In flight"}, {"µs/call"},  {"calls/s"}, {"wait (µs)"},
                   {"p90 (µs)"},  {"p99 (µs)"}, {"of one"},  {"Check", Align::left}};
  for (const Record& record : records) {
    if (!is_call(record, "in_flight_")) continue;
    table.rows.push_back({{record.variant.substr(std::string_view("in_flight_").size())},
                          metric_cell(record, "time.eval", kUsPerMs),
                          metric_cell(record, "rate.calls", 1, 4),
                          metric_cell(record, "time.latency", kUsPerMs),
                          metric_cell(record, "time.p90", kUsPerMs),
                          metric_cell(record, "time.p99", kUsPerMs),
                          interval_cell(record, "ratio.in_flight_1"),
                          check_cell(record)});
  }
  return table;
}

Document ceiling_report(std::span<const Record> records, std::span<const std::string> notes) {
  Document document;
  if (records.empty()) {
    document.add(Paragraph{"There is no record to report.", Style::warning});
    return document;
  }
  const Record& first = records.front();
  const std::string where = fmt::format("on {}, {}", first.device.name, to_string(first.origin));
  document.add(device_facts(first));
  for (const auto group : configurations(records)) {
    const record::Program& program = group.front().program;
    document.add(
        Heading{fmt::format("ceiling: kernels of {} channels, {} positions {}",
                            parameter(program, "channels"), parameter(program, "width"), where)});
    document.add(passes_table(group));
    Bullets copies = copies_of(group);
    if (!copies.items.empty()) document.add(std::move(copies));
  }
  if (Table idle = idle_table(records); !idle.rows.empty()) {
    document.add(Heading{"ceiling: a call after idle time " + where});
    document.add(std::move(idle));
  }
  if (Table in_flight = in_flight_table(records); !in_flight.rows.empty()) {
    document.add(Heading{"ceiling: calls in flight " + where});
    document.add(std::move(in_flight));
  }
  // The check column says all there is to say of single calls.
  std::vector<Record> passes;
  for (const auto group : configurations(records)) {
    passes.insert(passes.end(), group.begin(), group.end());
  }
  Bullets findings;
  for (auto paragraphs : {refusals(records), check_summary(passes), warnings(records)}) {
    for (Paragraph& paragraph : paragraphs) findings.items.push_back(std::move(paragraph));
  }
  for (const std::string& note : notes) findings.items.push_back({note});
  document.add(std::move(findings));
  document.add(Paragraph{std::string(kCeilingExplanation)});
  return document;
}

}  // namespace anebench::report
