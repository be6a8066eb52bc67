#include "anebench/report/reload_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "anebench/report/device_facts.h"
#include "anebench/report/figures.h"
#include "anebench/report/sentences.h"

namespace anebench::report {
namespace {

using record::Record;

Cell finding_cell(const Record& record) {
  if (!record.verdict) return {std::string(to_string(record.outcome.state)), Style::bad};
  const std::string& reason = record.verdict->reason;
  std::string text = reason;
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  if (reason == "success") return {text, Style::good};
  return {text, reason == "recompiled" ? Style::warning : Style::bad};
}

// The median, or the single reading where nothing was repeated.
Cell time_or_once(const Record& record, const std::string& tag, const std::string& once) {
  if (record.find_metric(tag) != nullptr) return metric_cell(record, tag, 1, 4);
  Cell cell = metric_cell(record, once, 1, 4);
  if (!cell.text.empty()) cell.text += " (once)";
  return cell;
}

// The verdict's sentences of the first size: outputs, errors, the three times.
Bullets evidence_of(const Record& record) {
  Bullets bullets;
  if (record.verdict) {
    for (const std::string& sentence : record.verdict->evidence) {
      bullets.items.push_back({sentence});
    }
  }
  return bullets;
}

constexpr std::string_view kReloadExplanation =
    "Each row compiles and loads a program of 1x1 convolutions with identity weights, replaces its "
    "weight file by one whose last layer is 3 times the identity, and unloads and loads it without "
    "compiling; SUCCESS means that the outputs then are 3 times what they were. Times are ms: "
    "medians of calls that were interleaved, or single readings marked (once). compile÷reload is "
    "(compile + load) ÷ (unload + load) with its 95 % interval: above 1, reloading is faster. "
    "reload÷load is (unload + load) ÷ the first load, which reads and packs the weights once: 1 "
    "means that reloading does nothing beside that. GB/s are weights ÷ (unload + load).";

}  // namespace

Table reload_table(std::span<const Record> records) {
  Table table;
  table.columns = {{"Layers"},
                   {"Channels"},
                   {"W(MB)"},
                   {"Finding", Align::left},
                   {"compile+load"},
                   {"load"},
                   {"unload+load"},
                   {"GB/s"},
                   {"compile÷reload"},
                   {"reload÷load"},
                   {"Check", Align::left}};
  for (const Record& record : records) {
    table.rows.push_back({{std::string(parameter(record.program, "depth"))},
                          {std::string(parameter(record.program, "channels"))},
                          weights_cell(record),
                          finding_cell(record),
                          time_or_once(record, "time.compile_load", "time.compile_load.once"),
                          metric_cell(record, "time.load", 1, 4),
                          time_or_once(record, "time.reload", "time.load.once"),
                          metric_cell(record, "rate.reload", 1e-9),
                          interval_cell(record, "ratio.compile"),
                          interval_cell(record, "ratio.reload.load"),
                          check_cell(record)});
  }
  return table;
}

Document reload_report(std::span<const Record> records, std::span<const std::string> notes) {
  Document document;
  if (records.empty()) {
    document.add(Paragraph{"There is no record to report.", Style::warning});
    return document;
  }
  const Record& first = records.front();
  document.add(device_facts(first));
  document.add(Heading{fmt::format("reload: weights without compiling on {}, {}", first.device.name,
                                   to_string(first.origin))});
  document.add(reload_table(records));
  if (first.verdict) {
    document.add(Paragraph{fmt::format(
        "The three steps, {} layer(s) of {} channels:", parameter(first.program, "depth"),
        parameter(first.program, "channels"))});
    document.add(evidence_of(first));
  }
  Bullets findings;
  for (auto paragraphs : {refusals(records), check_summary(records), warnings(records)}) {
    for (Paragraph& paragraph : paragraphs) findings.items.push_back(std::move(paragraph));
  }
  for (const std::string& note : notes) findings.items.push_back({note});
  document.add(std::move(findings));
  document.add(Paragraph{std::string(kReloadExplanation)});
  return document;
}

}  // namespace anebench::report
