#include "anebench/report/predict_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "anebench/base/units.h"
#include "anebench/experiments/published.h"
#include "anebench/report/figures.h"
#include "anebench/report/published_table.h"
#include "anebench/report/sentences.h"

namespace anebench::report {
namespace {

using record::Record;

constexpr std::size_t kShownTypes = 2;
constexpr double kShownShare = 0.005;  // smaller ones round to nothing

struct Share {
  std::string name;
  double value = 0;
};

// The metrics "<prefix>NAME", largest first.
std::vector<Share> shares_of(const Record& record, std::string_view prefix) {
  std::vector<Share> shares;
  for (const record::Metric& metric : record.metrics) {
    if (!metric.tag.starts_with(prefix)) continue;
    shares.push_back({metric.tag.substr(prefix.size()), metric.value});
  }
  std::ranges::stable_sort(shares, std::ranges::greater(), &Share::value);
  return shares;
}

std::string share_text(const Share& share) {
  return fmt::format("{} {:.0f} %", share.name, 100 * share.value);
}

// What bounds most of the time; the call and its transfers count as one.
Cell bound_cell(const Record& record) {
  const record::Metric* total = record.find_metric("time.eval");
  const record::Metric* call = record.find_metric("time.call");
  const record::Metric* transfer = record.find_metric("time.transfer");
  if (total == nullptr || call == nullptr || transfer == nullptr) return {};
  Share largest = {"call and I/O", (call->value + transfer->value) / total->value};
  for (const Share& share : shares_of(record, "share.bound.")) {
    if (share.value > largest.value) largest = share;
  }
  return {share_text(largest)};
}

Cell types_cell(const Record& record) {
  std::string text;
  std::vector<Share> shares = shares_of(record, "share.op.");
  for (std::size_t i = 0; i < std::min(kShownTypes, shares.size()); ++i) {
    if (shares[i].value < kShownShare) break;
    text += (text.empty() ? "" : ", ") + share_text(shares[i]);
  }
  return {std::move(text)};
}

Cell error_cell(const Record& record) {
  const record::Metric* mean = record.find_metric("error.mean");
  const record::Metric* worst = record.find_metric("error.worst");
  if (record.find_metric("time.eval") == nullptr) return {};
  if (mean == nullptr || worst == nullptr) return {"no data", Style::warning};
  return {fmt::format("{} % ({} %)", format_significant(mean->value * 100, 2),
                      format_significant(worst->value * 100, 2))};
}

// In the order of the records: the first is what the others are compared with.
std::vector<std::string> variants_of(std::span<const Record> records) {
  std::vector<std::string> variants;
  for (const Record& record : records) {
    if (std::ranges::find(variants, record.variant) == variants.end()) {
      variants.push_back(record.variant);
    }
  }
  return variants;
}

Table predictions_table(std::span<const Record> records) {
  const std::vector<std::string> variants = variants_of(records);
  Table table;
  table.columns = {{"Chip", Align::left},
                   {"Predicted ms"},
                   {"Bound", Align::left},
                   {"By operation", Align::left}};
  for (std::size_t i = 1; i < variants.size(); ++i) {
    table.columns.push_back({fmt::format("{} gain", variants[i])});
  }
  table.columns.push_back({"Known error", Align::left});
  for (const Record& record : records) {
    if (record.variant != variants.front()) continue;
    std::vector<Cell> row = {{record.device.name.substr(record.device.name.find(':') + 1)},
                             time_cell(record),
                             bound_cell(record),
                             types_cell(record)};
    for (std::size_t i = 1; i < variants.size(); ++i) {
      const auto other = std::ranges::find_if(records, [&](const Record& candidate) {
        return candidate.device.name == record.device.name && candidate.variant == variants[i];
      });
      row.push_back(other == records.end() ? Cell{}
                                           : metric_cell(*other, "ratio." + variants.front()));
    }
    row.push_back(error_cell(record));
    table.rows.push_back(std::move(row));
  }
  return table;
}

// What kind of program each prediction is taken for, with the chips that take it so.
Bullets kinds_of(std::span<const Record> records) {
  std::map<std::string, std::vector<std::string>> chips;
  for (const Record& record : records) {
    if (record.find_metric("time.eval") == nullptr) continue;
    const std::string chip = record.device.name.substr(record.device.name.find(':') + 1);
    std::vector<std::string>& list = chips[record.outcome.message];
    if (list.empty() || list.back() != chip) list.push_back(chip);
  }
  Bullets bullets;
  for (const auto& [message, list] : chips) {
    bullets.items.push_back({fmt::format("{}: {}", fmt::join(list, ", "), message), Style::faint});
  }
  return bullets;
}

}  // namespace

Document predict_report(std::span<const Record> records, std::span<const std::string> notes) {
  Document document;
  if (records.empty()) return document;
  document.add(Heading{fmt::format("Predicted times of {} (the chip model; nothing was measured)",
                                   records.front().program.name)});
  document.add(predictions_table(records));
  document.add(Paragraph{
      "Known error: of predictions of programs of this kind on published rows, on average and at "
      "worst; a gain is predicted time of the first variant ÷ predicted time of this one."});
  Bullets bullets = kinds_of(records);
  for (Paragraph& refusal : refusals(records)) bullets.items.push_back(std::move(refusal));
  for (const std::string& note : notes) bullets.items.push_back({note});
  if (!bullets.items.empty()) document.add(std::move(bullets));
  document.append(published_section(records, experiments::published_rows()));
  return document;
}

}  // namespace anebench::report
