#include "anebench/report/chain_reports.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "anebench/experiments/published.h"
#include "anebench/report/device_facts.h"
#include "anebench/report/figures.h"
#include "anebench/report/published_table.h"
#include "anebench/report/sentences.h"

namespace anebench::report {
namespace {

using record::Record;

bool is_classic(const Record& record) {
  return record.parameters.is_object() &&
         json_string(record.parameters, "protocol").value_or("") == "classic";
}

std::vector<Record> of_variant(std::span<const Record> records, std::string_view variant) {
  std::vector<Record> chosen;
  for (const Record& record : records) {
    if (record.variant == variant) chosen.push_back(record);
  }
  return chosen;
}

std::string time_explanation(const Record& record) {
  return is_classic(record) ? "ms/eval is the mean time of one evaluation (classic protocol). "
                            : "ms/eval is the median time of one evaluation and ± half its 95 % "
                              "interval. ";
}

constexpr std::string_view kConfiguration =
    "Config is channels × spatial size × layers; a multiply-add counts as two operations; W(MB) is "
    "in MiB. ";

// What every report of chains ends with.
void add_findings(Document& document, std::span<const Record> records,
                  std::span<const std::string> notes) {
  Bullets bullets;
  const auto append = [&](std::vector<Paragraph> paragraphs) {
    for (Paragraph& paragraph : paragraphs) bullets.items.push_back(std::move(paragraph));
  };
  append(refusals(records));
  append(check_summary(records));
  append(warnings(records));
  for (const std::string& note : notes) bullets.items.push_back({note});
  if (!bullets.items.empty()) document.add(std::move(bullets));
}

Document empty_report() {
  Document document;
  document.add(Paragraph{"There is no record to report.", Style::warning});
  return document;
}

std::string int8_explanation(const Record& record) {
  std::string text = std::string(kConfiguration) + time_explanation(record);
  if (is_classic(record)) {
    return text +
           "Ratio is the fp16 time ÷ the W8A8 time of two runs one after the other; it has "
           "no interval, so small differences mean nothing.";
  }
  return text +
         "Ratio is the fp16 time ÷ the W8A8 time from interleaved blocks with its 95 % interval: "
         "int8 is faster where the interval lies above 1, and nothing was found where it holds 1.";
}

}  // namespace

Table int8_table(std::span<const Record> records) {
  const RateUnit unit = rate_unit(records, "OPS");
  Table table;
  table.columns = {{"Config", Align::left},
                   {"Type", Align::left},
                   {"W(MB)"},
                   {"GOP"},
                   {"ms/eval"},
                   {"±"},
                   {unit.name},
                   {"Ratio"},
                   {"Check", Align::left}};
  for (const Record& record : records) {
    table.rows.push_back({{configuration_name(record.program)},
                          {record.variant},
                          weights_cell(record),
                          operations_cell(record),
                          time_cell(record),
                          spread_cell(record),
                          rate_cell(record, unit),
                          ratio_cell(record),
                          check_cell(record)});
  }
  return table;
}

Table peak_table(std::span<const Record> records, std::string_view variant) {
  const std::vector<Record> chosen = of_variant(records, variant);
  const bool is_int8 = variant == "w8a8";
  const RateUnit unit = rate_unit(chosen, is_int8 ? "OPS" : "FLOPS");
  Table table;
  table.columns = {{"Config", Align::left},
                   {"W(MB)"},
                   {is_int8 ? "GOP" : "GFLOP"},
                   {"ms/eval"},
                   {"±"},
                   {unit.name}};
  const std::vector<std::string> shares =
      is_int8 ? std::vector<std::string>{"share.peak.fp16", "share.peak"}
              : std::vector<std::string>{"share.peak"};
  if (is_int8) {
    table.columns.push_back({"%fp16"});
    table.columns.push_back({"%int8"});
  } else {
    table.columns.push_back({"%peak"});
  }
  const bool has_clock = std::any_of(chosen.begin(), chosen.end(), [](const Record& record) {
    return record.find_metric("clock.estimate") != nullptr;
  });
  if (has_clock) table.columns.push_back({"Est.MHz"});
  table.columns.push_back({"Check", Align::left});
  for (const Record& record : chosen) {
    std::vector<Cell> row = {{configuration_name(record.program)},
                             weights_cell(record),
                             operations_cell(record),
                             time_cell(record),
                             spread_cell(record),
                             rate_cell(record, unit)};
    for (const std::string& tag : shares) row.push_back(share_cell(record, tag));
    if (has_clock) {
      const record::Metric* clock = record.find_metric("clock.estimate");
      row.push_back({clock == nullptr ? "" : fmt::format("{:.0f}", clock->value)});
    }
    row.push_back(check_cell(record));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Document int8_report(std::span<const Record> records, std::span<const std::string> notes) {
  if (records.empty()) return empty_report();
  Document document;
  document.add(device_facts(records.front()));
  document.add(Heading{fmt::format("int8: W8A8 against fp16 on {}, {}", records.front().device.name,
                                   to_string(records.front().origin))});
  document.add(int8_table(records));
  add_findings(document, records, notes);
  document.append(published_section(records, experiments::published_rows()));
  document.add(Paragraph{int8_explanation(records.front())});
  return document;
}

Document peak_report(std::span<const Record> records, std::span<const std::string> notes) {
  if (records.empty()) return empty_report();
  Document document;
  const Record& first = records.front();
  document.add(device_facts(first));
  const std::string batch = fmt::format("batch {}", parameter(first.program, "batch"));
  const bool has_relu = parameter(first.program, "relu") == "on";
  for (const std::string_view variant : {"fp16", "w8a8"}) {
    Table table = peak_table(records, variant);
    if (table.rows.empty()) continue;
    document.add(Heading{fmt::format("peak: {} on {}, {}{}, {}", variant, first.device.name, batch,
                                     has_relu ? ", relu" : "", to_string(first.origin))});
    document.add(std::move(table));
  }
  add_findings(document, records, notes);
  document.append(published_section(records, experiments::published_rows()));
  document.add(Paragraph{
      std::string(kConfiguration) + time_explanation(first) +
      "%peak, %fp16 and %int8 are shares of the device's own peaks, which the header names with "
      "their origin; a share near 100 % leaves nothing to gain on that device."});
  return document;
}

}  // namespace anebench::report
