#include "anebench/report/predict_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
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

std::string chip_of(const Record& record) {
  return record.device.name.substr(record.device.name.find(':') + 1);
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
    std::vector<Cell> row = {
        {chip_of(record)}, time_cell(record), bound_cell(record), types_cell(record)};
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

bool is_quantized(const Record& record) {
  return record.find_metric("count.quantized.weights") != nullptr;
}

Cell count_cell(const Record& record, std::string_view tag) {
  const record::Metric* metric = record.find_metric(tag);
  return metric == nullptr ? Cell{} : Cell{fmt::format("{:.0f}", metric->value)};
}

// A row a variant, from the first chip: none of it depends on the chip.
Table quantization_table(std::span<const Record> records) {
  Table table;
  table.columns = {{"Scheme", Align::left},
                   {"Weights changed"},
                   {"Int8 operations"},
                   {"Weights"},
                   {"Output SNR (dB)"}};
  for (const Record& record : records) {
    if (record.device.name != records.front().device.name) break;
    const record::Metric* snr = record.find_metric("snr.output");
    std::string snr_text;
    if (snr != nullptr) {
      // JSON has no infinity: it comes back as a NaN.
      snr_text = std::isfinite(snr->value) ? format_significant(snr->value) : "equal";
    }
    table.rows.push_back({{record.variant},
                          count_cell(record, "count.quantized.weights"),
                          count_cell(record, "count.quantized.activations"),
                          {format_bytes(static_cast<std::uint64_t>(record.program.weight_bytes))},
                          {std::move(snr_text)}});
  }
  return table;
}

Table gains_table(std::span<const Record> records) {
  Table table;
  table.columns = {
      {"Chip", Align::left}, {"Scheme", Align::left}, {"Predicted ms"}, {"Gain"}, {"Arithmetic"},
      {"Weights"},           {"Activations"},         {"Other"}};
  const std::string first = records.front().variant;
  for (const Record& record : records) {
    if (!is_quantized(record)) continue;
    table.rows.push_back({{chip_of(record)},
                          {record.variant},
                          time_cell(record),
                          metric_cell(record, "ratio." + first),
                          metric_cell(record, "gain.arithmetic"),
                          metric_cell(record, "gain.weights"),
                          metric_cell(record, "gain.activations"),
                          metric_cell(record, "gain.other")});
  }
  return table;
}

// Where the program was quantized for this: what that changed, and where the gain comes from.
void add_what_if(Document& document, std::span<const Record> records) {
  const auto quantized = std::ranges::find_if(records, is_quantized);
  if (quantized == records.end()) return;
  document.add(Heading{"Predicted gain of each scheme, and its parts"});
  document.add(gains_table(records));
  document.add(Paragraph{
      "Gain: predicted time as the program is ÷ predicted time quantized. It is the product of its "
      "parts: what int8 arithmetic, fewer bytes of weights and fewer bytes of activations bring "
      "(where one helps only after another, on average over all orders), and what operations "
      "that were added take."});
  document.add(Heading{"What each scheme changes"});
  document.add(quantization_table(records));
  const record::Metric* snr = quantized->find_metric("snr.output");
  document.add(Paragraph{snr == nullptr ? std::string("No outputs could be compared.")
                                        : fmt::format("Output SNR: {}.", snr->description)});
}

// What kind of program each prediction is taken for, with the chips that take it so.
Bullets kinds_of(std::span<const Record> records) {
  std::map<std::string, std::vector<std::string>> chips;
  for (const Record& record : records) {
    if (record.find_metric("time.eval") == nullptr) continue;
    const std::string chip = chip_of(record);
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
  add_what_if(document, records);
  Bullets bullets = kinds_of(records);
  for (Paragraph& refusal : refusals(records)) bullets.items.push_back(std::move(refusal));
  for (const std::string& note : notes) bullets.items.push_back({note});
  if (!bullets.items.empty()) document.add(std::move(bullets));
  document.append(published_section(records, experiments::published_rows()));
  return document;
}

}  // namespace anebench::report
