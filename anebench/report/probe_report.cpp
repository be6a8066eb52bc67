#include "anebench/report/probe_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "anebench/base/number.h"
#include "anebench/base/units.h"
#include "anebench/experiments/case_record.h"
#include "anebench/experiments/ladder.h"
#include "anebench/experiments/verdict_records.h"
#include "anebench/report/device_facts.h"
#include "anebench/report/figures.h"
#include "anebench/report/sentences.h"

namespace anebench::report {
namespace {

using experiments::LadderRung;
using record::Record;

// Ratios that fit beside a shape's own columns into 100 columns.
constexpr std::size_t kVariantsATable = 6;
// Evidence of a verdict that is shown; the record has it all.
constexpr std::size_t kShownEvidence = 4;

std::string part_of(const Record& record) {
  return record.parameters.is_object() ? json_string(record.parameters, "part").value_or("") : "";
}

std::string baseline_of(const Record& record) {
  return json_string(record.parameters, "baseline").value_or("");
}

std::vector<Record> of_part(std::span<const Record> records, std::string_view part) {
  std::vector<Record> chosen;
  std::copy_if(records.begin(), records.end(), std::back_inserter(chosen),
               [&](const Record& record) { return part_of(record) == part; });
  return chosen;
}

// Channels and positions as the case was planned, whatever became of it.
std::pair<std::int64_t, std::int64_t> shape_of(const Record& record) {
  const auto number = [&](std::string_view key) {
    return parse_int64(parameter(record.program, key)).value_or(0);
  };
  return {number("channels"), number("height") * number("width")};
}

std::map<std::pair<std::int64_t, std::int64_t>, experiments::Regime> regimes_of(
    std::span<const Record> records) {
  std::map<std::pair<std::int64_t, std::int64_t>, experiments::Regime> regimes;
  if (records.empty()) return regimes;
  // Any variant's input holds the fp16 times of the whole ladder.
  const auto input = experiments::verdict_input(records, records.front().device.name,
                                                experiments::kLadderBaseline);
  if (!input) return regimes;
  std::vector<experiments::LadderTime> times;
  for (const experiments::LadderShape& shape : input->shapes) times.push_back(shape.fp16);
  const auto classified = experiments::classify(times, input->floor_ns);
  for (std::size_t i = 0; i < times.size(); ++i) {
    regimes[{times[i].rung.channels, times[i].rung.positions}] = classified[i];
  }
  return regimes;
}

Cell short_ratio_cell(const Record* record) {
  if (record == nullptr) return {"-", Style::faint};
  const record::Metric* ratio = record->find_metric("ratio.fp16");
  if (record->outcome.state != record::State::ok) {
    if (record->outcome.stage == experiments::kLeftOutStage) return {"left out", Style::faint};
    return time_cell(*record);
  }
  if (ratio == nullptr) return {"-", Style::faint};
  Cell cell = ratio_cell(*record);
  const std::string text = fmt::format("{:.2f}", ratio->value);
  const bool is_doubted = cell.text.starts_with("?") || cell.text.starts_with("~");
  cell.text = (is_doubted ? cell.text.substr(0, 1) : "") + text;
  return cell;
}

std::vector<std::string> compared_variants(std::span<const Record> records) {
  std::vector<std::string> variants;
  for (const Record& record : records) {
    if (record.variant != experiments::kLadderBaseline &&
        std::find(variants.begin(), variants.end(), record.variant) == variants.end()) {
      variants.push_back(record.variant);
    }
  }
  return variants;
}

void add_ladder(Document& document, const std::vector<Record>& ladder) {
  const std::vector<std::string> variants = compared_variants(ladder);
  for (std::size_t first = 0; first == 0 || first < variants.size(); first += kVariantsATable) {
    const std::size_t count = std::min(kVariantsATable, variants.size() - first);
    document.add(ladder_table(ladder, std::span(variants).subspan(first, count)));
  }
}

void add_verdicts(Document& document, const std::vector<Record>& verdicts) {
  document.add(verdict_table(verdicts));
  Bullets evidence;
  for (const Record& record : verdicts) {
    if (!record.verdict) continue;
    const auto& sentences = record.verdict->evidence;
    for (std::size_t i = 0; i < std::min(sentences.size(), kShownEvidence); ++i) {
      evidence.items.push_back({fmt::format("{}: {}", record.variant, sentences[i])});
    }
  }
  document.add(std::move(evidence));
}

void add_bullets(Document& document, std::span<const Record> records,
                 std::span<const std::string> notes) {
  Bullets bullets;
  std::vector<Record> ran;
  std::set<std::string> left_out;
  for (const Record& record : records) {
    if (record.outcome.stage == experiments::kLeftOutStage) {
      left_out.insert(fmt::format("{} channels × {} positions",
                                  parameter(record.program, "channels"), shape_of(record).second));
    } else {
      ran.push_back(record);
    }
  }
  for (auto&& paragraphs : {refusals(ran), check_summary(ran), warnings(ran)}) {
    for (const Paragraph& paragraph : paragraphs) bullets.items.push_back(paragraph);
  }
  if (!left_out.empty()) {
    bullets.items.push_back(
        {fmt::format("Left out, since their comparison would take longer than "
                     "--max-time allows on this device: {}.",
                     fmt::join(left_out, ", "))});
  }
  for (const Record& record : records) {
    if (record.outcome.state == record::State::ok && !record.outcome.message.empty()) {
      bullets.items.push_back({fmt::format("{}: {}", record.variant, record.outcome.message)});
    }
  }
  for (const std::string& note : notes) bullets.items.push_back({note});
  // The same sentence for several shapes says nothing new.
  std::vector<Paragraph> distinct;
  for (Paragraph& item : bullets.items) {
    const bool known = std::any_of(distinct.begin(), distinct.end(),
                                   [&](const Paragraph& other) { return other.text == item.text; });
    if (!known) distinct.push_back(std::move(item));
  }
  if (!distinct.empty()) document.add(Bullets{std::move(distinct)});
}

}  // namespace

Table verdict_table(std::span<const Record> records) {
  Table table;
  table.columns = {{"Variant", Align::left}, {"Verdict", Align::left}, {"Reason", Align::left}};
  for (const Record& record : records) {
    if (!record.verdict) continue;
    const std::string& kind = record.verdict->kind;
    Style style = Style::plain;
    if (kind == "native compute") style = Style::good;
    if (kind == "inconclusive" || kind == "unsupported") style = Style::warning;
    if (kind == "wrong result") style = Style::bad;
    std::string reason = record.verdict->reason;
    std::replace(reason.begin(), reason.end(), '_', ' ');
    table.rows.push_back({{record.variant}, {kind, style}, {reason}});
  }
  return table;
}

Table ladder_table(std::span<const Record> records, std::span<const std::string> variants) {
  std::vector<Record> baselines;
  std::copy_if(records.begin(), records.end(), std::back_inserter(baselines),
               [](const Record& record) { return record.variant == experiments::kLadderBaseline; });
  const RateUnit unit = rate_unit(baselines, "FLOPS");
  const auto regimes = regimes_of(records);
  Table table;
  table.columns = {{"Channels"}, {"Positions"}, {"Layers"}, {"Bound by", Align::left},
                   {"fp16 ms"},  {unit.name}};
  for (const std::string& variant : variants) table.columns.push_back({variant});
  for (const Record& fp16 : baselines) {
    const auto shape = shape_of(fp16);
    const auto regime = regimes.find(shape);
    const bool is_left_out = fp16.outcome.stage == experiments::kLeftOutStage;
    std::vector<Cell> row = {
        {std::to_string(shape.first)},
        {std::to_string(shape.second)},
        {is_left_out ? "" : std::string(parameter(fp16.program, "depth"))},
        {regime == regimes.end() ? "" : std::string(to_string(regime->second))},
        is_left_out ? Cell{"left out", Style::faint} : time_cell(fp16),
        rate_cell(fp16, unit)};
    for (const std::string& variant : variants) {
      const auto found = std::find_if(records.begin(), records.end(), [&](const Record& record) {
        return record.variant == variant && shape_of(record) == shape &&
               baseline_of(record) == experiments::kLadderBaseline;
      });
      row.push_back(short_ratio_cell(found == records.end() ? nullptr : &*found));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table classic_table(std::span<const Record> records) {
  const RateUnit unit = rate_unit(records, "FLOPS");
  Table table;
  table.columns = {{"Shape", Align::left},
                   {"Weight", Align::left},
                   {"Reached", Align::left},
                   {"ms"},
                   {unit.name},
                   {"Ratio"},
                   {"Bytes"},
                   {"Check", Align::left}};
  for (const Record& record : records) {
    const record::Outcome& outcome = record.outcome;
    const bool is_ok = outcome.state == record::State::ok;
    table.rows.push_back(
        {{fmt::format("{}→{}", parameter(record.program, "in_channels"),
                      parameter(record.program, "out_channels"))},
         {record.variant},
         is_ok ? Cell{"correct", Style::good} : Cell{outcome.stage, Style::warning},
         time_cell(record),
         rate_cell(record, unit),
         ratio_cell(record),
         {format_bytes(
             static_cast<std::uint64_t>(std::max<std::int64_t>(record.program.weight_bytes, 0)))},
         check_cell(record)});
  }
  return table;
}

Document probe_report(std::span<const Record> records, std::span<const std::string> notes) {
  Document document;
  if (records.empty()) {
    document.add(Paragraph{"There is no record to report.", Style::warning});
    return document;
  }
  const Record& first = records.front();
  document.add(device_facts(first));
  const auto heading = [&](std::string_view what) {
    document.add(Heading{
        fmt::format("probe: {} on {}, {}", what, first.device.name, to_string(first.origin))});
  };
  const std::vector<Record> verdicts = of_part(records, "verdict");
  const std::vector<Record> ladder = of_part(records, experiments::kLadderPart);
  const std::vector<Record> classic = of_part(records, "classic");
  if (!verdicts.empty()) {
    heading("is it native?");
    add_verdicts(document, verdicts);
  }
  if (!ladder.empty()) {
    heading("the ladder");
    add_ladder(document, ladder);
  }
  if (!classic.empty()) {
    heading("the published shapes, not judged");
    document.add(classic_table(classic));
  }
  add_bullets(document, records, notes);
  document.add(Paragraph{
      "A variant's figure is the fp16 time ÷ its time, from interleaved blocks: above 1 where the "
      "variant is faster. Native compute needs more than 1.3 at every compute-bound shape, at the "
      "lower end of the interval; a gain where weights or activations decide shows that they are "
      "stored or moved compressed. docs/verdict.md has the rules."});
  return document;
}

}  // namespace anebench::report
