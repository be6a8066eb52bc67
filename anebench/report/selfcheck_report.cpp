#include "anebench/report/selfcheck_report.h"

#include <fmt/format.h>

#include "anebench/report/device_facts.h"
#include "anebench/report/sentences.h"

namespace anebench::report {
namespace {

using experiments::ConfusionCell;
using experiments::StatisticsCell;

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

// What failed, cell by cell; or that nothing did.
template <typename CellType>
void add_result(Document& document, std::span<const CellType> cells, const std::string& passed) {
  Bullets failures;
  for (const CellType& cell : cells) {
    const std::string failure = failure_of(cell);
    if (!failure.empty()) failures.items.push_back({"FAILED: " + failure + ".", Style::bad});
  }
  if (failures.items.empty()) {
    document.add(Paragraph{"PASSED: " + passed, Style::good});
  } else {
    document.add(std::move(failures));
  }
}

// "12 inconclusive, 3 not native: dequantized".
std::string other_labels(const ConfusionCell& cell) {
  std::string text;
  for (const auto& [label, count] : cell.labels) {
    if (label == experiments::expected_label(cell.mechanism)) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, label);
  }
  return text;
}

}  // namespace

Document selfcheck_report(std::span<const record::Record> records,
                          std::span<const std::string> notes) {
  Document document;
  if (records.empty()) {
    document.add(Paragraph{"There is no record to report.", Style::warning});
    return document;
  }
  document.add(Heading{"selfcheck: a program compared with itself"});
  document.add(device_facts(records.front()));
  Bullets bullets;
  for (const record::Record& record : records) {
    if (!record.verdict) continue;
    const bool is_bad = record.verdict->kind != "passed";
    bullets.items.push_back(
        {fmt::format("{} ({})", is_bad ? "FAILED" : "PASSED", record.verdict->reason),
         is_bad ? Style::bad : Style::good});
    for (const std::string& sentence : record.verdict->evidence)
      bullets.items.push_back({sentence});
    const record::Metric* mistrusted = record.find_metric("selfcheck.mistrusted");
    if (mistrusted != nullptr && mistrusted->value > 0) {
      bullets.items.push_back(
          {fmt::format("{:.0f} comparisons were disturbed and do not count.", mistrusted->value),
           Style::warning});
    }
  }
  for (Paragraph& refusal : refusals(records)) bullets.items.push_back(std::move(refusal));
  for (const std::string& note : notes) bullets.items.push_back({note});
  if (!bullets.items.empty()) document.add(std::move(bullets));
  return document;
}

Document statistics_report(std::span<const StatisticsCell> cells) {
  Document document;
  document.add(Heading{"selfcheck: the statistics under made-up noise"});
  Table table;
  table.columns = {{"Noise", Align::left}, {"Runs"},    {"Coverage"}, {"Alarms"},
                   {"+2 % cov."},          {"Power"},   {"Blocks"},   {"Single"},
                   {"Autocorr."},          {"Drifting"}};
  for (const StatisticsCell& cell : cells) {
    // A dependent series' interval promises nothing; its codes say so.
    const bool has_level = experiments::is_independent(cell.noise);
    table.rows.push_back({{std::string(stats::to_string(cell.noise))},
                          {std::to_string(cell.runs)},
                          {percent(cell.equal.covered)},
                          {percent(cell.equal.different)},
                          {percent(cell.effect.covered)},
                          {percent(cell.effect.different)},
                          {fmt::format("{:.0f}", cell.equal.mean_blocks)},
                          {percent(cell.series.covered), has_level ? Style::plain : Style::faint},
                          {percent(cell.series.autocorrelated)},
                          {percent(cell.series.drifting)}});
  }
  document.add(std::move(table));
  add_result(
      document, cells,
      "coverage of the 95 % interval, false alarms, power and validity codes hold their bars "
      "under every noise.");
  return document;
}

Document confusion_report(std::span<const ConfusionCell> cells) {
  Document document;
  document.add(Heading{"selfcheck: the verdict on simulated devices"});
  Table table;
  table.columns = {{"Mechanism", Align::left},
                   {"Noise", Align::left},
                   {"Runs"},
                   {"Right"},
                   {"False native"},
                   {"Inconclusive"},
                   {"Other labels", Align::left}};
  for (const ConfusionCell& cell : cells) {
    const bool is_bad = !failure_of(cell).empty();
    table.rows.push_back(
        {{std::string(to_string(cell.mechanism))},
         {std::string(stats::to_string(cell.noise))},
         {std::to_string(cell.runs)},
         {fmt::format("{:.2f} %", 100 * cell.right_share()), is_bad ? Style::bad : Style::plain},
         {std::to_string(cell.false_native), cell.false_native > 0 ? Style::bad : Style::plain},
         {std::to_string(cell.inconclusive)},
         {other_labels(cell)}});
  }
  document.add(std::move(table));
  add_result(document, cells,
             "every mechanism got its label, and none but the native one was called native.");
  return document;
}

}  // namespace anebench::report
