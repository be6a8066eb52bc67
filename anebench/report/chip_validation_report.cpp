#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "anebench/base/units.h"
#include "anebench/report/chip_reports.h"

namespace anebench::report {
namespace {

using experiments::ChipRow;
using experiments::ChipValidation;
using experiments::ErrorSummary;
using experiments::HeldOut;
using experiments::PublishedRow;
using experiments::RowPrediction;

std::string signed_percent(double share) { return fmt::format("{:+.1f}", share * 100); }
std::string plain_percent(double share) { return fmt::format("{:.1f}", share * 100); }

bool is_square(const RowPrediction& row) { return row.row->is_square_chain(); }
bool is_flat(const RowPrediction& row) { return row.row->is_flat_chain(); }

// "1x1 512→512 1×64 ×128 fp16".
std::string shape_text(const PublishedRow& row) {
  std::string text = row.channels_in == row.channels_out
                         ? fmt::format("{}", row.channels_in)
                         : fmt::format("{}→{}", row.channels_in, row.channels_out);
  text += fmt::format(" {}×{}", row.height, row.width);
  if (row.batch > 1) text += fmt::format(" batch {}", row.batch);
  if (row.depth > 1) text += fmt::format(" ×{}", row.depth);
  return text;
}

// The program's name without what other columns say.
std::string program_text(const PublishedRow& row) {
  std::string name = row.program;
  for (const std::string_view suffix : {"_fp16", "_w8a8", "_w8a16"}) {
    if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
  }
  if (const auto at = name.find("_w_lut"); at != std::string::npos) name.resize(at);
  return name;
}

Table targets_table(std::span<const ValidationTarget> targets) {
  Table table;
  table.columns = {{"Rows", Align::left}, {"n"},       {"Mean %"},       {"Allowed"},
                   {"Worst %"},           {"Allowed"}, {"", Align::left}};
  for (const ValidationTarget& target : targets) {
    const bool met = target.is_met();
    table.rows.push_back({{target.name},
                          {fmt::format("{}", target.errors.rows)},
                          {plain_percent(target.errors.mean)},
                          {plain_percent(target.most_mean)},
                          {plain_percent(target.errors.worst)},
                          {target.most_worst > 0 ? plain_percent(target.most_worst) : ""},
                          {met ? "met" : "missed", met ? Style::good : Style::bad}});
  }
  return table;
}

// How far repeats of one program differ, at the median: what no model can be better than.
double repeat_spread(const ChipValidation& validation, std::string_view chip) {
  using Key = std::tuple<std::string, std::string, std::string, std::int64_t, std::int64_t,
                         std::int64_t, std::int64_t, std::int64_t>;
  std::map<Key, std::pair<double, double>> groups;
  std::map<Key, std::size_t> counts;
  for (const RowPrediction& prediction : validation.rows) {
    const PublishedRow& row = *prediction.row->published;
    const bool is_repeat =
        prediction.row->is_fitted() || row.not_fitted == experiments::kSlowerRepeat;
    if (row.model != chip || !is_repeat) continue;
    const Key key(row.program, row.path, row.precision, row.channels_in, row.channels_out,
                  row.height, row.width, row.depth);
    const auto [found, is_new] = groups.try_emplace(key, *row.milliseconds, *row.milliseconds);
    found->second.first = std::min(found->second.first, *row.milliseconds);
    found->second.second = std::max(found->second.second, *row.milliseconds);
    ++counts[key];
  }
  std::vector<double> spreads;
  for (const auto& [key, range] : groups) {
    if (counts[key] > 1) spreads.push_back(range.second / range.first - 1);
  }
  if (spreads.empty()) return std::nan("");
  std::ranges::nth_element(spreads, spreads.begin() + static_cast<long>(spreads.size() / 2));
  return spreads[spreads.size() / 2];
}

// Derived constants that belong to the chip alone, and its family's rate.
std::size_t own_constants(const device::ChipTable& table, const device::Chip& chip) {
  std::size_t count = 0;
  const auto add = [&](const device::ChipConstant& constant) {
    if (constant.kind == device::ConstantKind::derived) ++count;
  };
  add(chip.call_floor_us);
  add(chip.weight_gbs);
  add(table.family_of(chip).fp16_tops);
  return count;
}

Table chips_summary(const ChipValidation& validation) {
  Table table;
  table.columns = {{"Chip", Align::left},
                   {"Kind of program", Align::left},
                   {"Rows"},
                   {"Own constants"},
                   {"Mean %"},
                   {"Worst %"},
                   {"Repeats differ by %"}};
  const device::ChipTable& chips = device::chip_table();
  for (const device::Chip& chip : chips.chips) {
    bool is_first = true;
    for (const device::ProgramKind kind : device::kAllProgramKinds) {
      const ErrorSummary errors = summarize(validation.rows, [&](const RowPrediction& row) {
        return row.row->is_fitted() && row.row->kind == kind &&
               row.row->published->model == chip.name;
      });
      if (errors.rows == 0) continue;
      const double spread = repeat_spread(validation, chip.name);
      table.rows.push_back({{is_first ? chip.name : ""},
                            {std::string(to_string(kind))},
                            {fmt::format("{}", errors.rows)},
                            {is_first ? fmt::format("{}", own_constants(chips, chip)) : ""},
                            {plain_percent(errors.mean)},
                            {plain_percent(errors.worst)},
                            {is_first && std::isfinite(spread) ? plain_percent(spread) : ""}});
      is_first = false;
    }
  }
  return table;
}

void add_rows(const ChipValidation& validation, bool fitted, Document& document) {
  Table table;
  table.columns = {{"Chip", Align::left},
                   {"Program", Align::left},
                   {"Shape", Align::left},
                   {"Precision", Align::left},
                   {"Published ms"},
                   {"Predicted ms"},
                   {"Error %"}};
  for (const RowPrediction& prediction : validation.rows) {
    if (prediction.row->is_fitted() != fitted) continue;
    const PublishedRow& row = *prediction.row->published;
    table.rows.push_back({{row.model},
                          {program_text(row)},
                          {shape_text(row)},
                          {row.precision.substr(0, row.precision.find("_int8values"))},
                          {format_significant(*row.milliseconds, 4)},
                          {format_significant(prediction.predicted_ms, 4)},
                          {signed_percent(prediction.error())}});
  }
  document.add(std::move(table));
}

// Rows without prediction, and those that no constant may follow, by reason.
Bullets reasons(const ChipValidation& validation) {
  std::map<std::string, std::size_t> left_out;
  for (const RowPrediction& row : validation.rows) {
    if (!row.row->is_fitted()) ++left_out[row.row->published->not_fitted];
  }
  std::map<std::string, std::size_t> unpredicted;
  for (const experiments::UnpredictedRow& row : validation.published.others) {
    ++unpredicted[row.reason];
  }
  Bullets bullets;
  for (const auto& [reason, count] : left_out) {
    bullets.items.push_back(
        {fmt::format("{} rows are predicted but not fitted: {}", count, reason)});
  }
  for (const auto& [reason, count] : unpredicted) {
    bullets.items.push_back({fmt::format("{} rows are not predicted: {}", count, reason)});
  }
  return bullets;
}

}  // namespace

std::vector<ValidationTarget> validation_targets(const ChipValidation& validation,
                                                 const HeldOut& held_out) {
  const auto fitted = [](auto&& counts) {
    return [counts](const RowPrediction& row) { return row.row->is_fitted() && counts(row); };
  };
  return {
      {"64×64 chains, in sample", summarize(validation.rows, fitted(is_square)), 0.02, 0.06},
      {"64×64 chains, without their depth", summarize(held_out.without_depth, is_square), 0.04,
       0.10},
      {"64×64 chains, without their chip", summarize(held_out.without_chip, is_square), 0.12, 0},
      {"one-row chains, in sample", summarize(validation.rows, fitted(is_flat)), 0.08, 0},
      {"one-row chains, without their depth", summarize(held_out.without_depth, is_flat), 0.12, 0},
  };
}

Document validation_report(const ChipValidation& validation,
                           std::span<const ValidationTarget> targets, bool all_rows) {
  Document document;
  document.add(
      Heading{"The chip model against published measurements (nothing was measured here)"});
  document.add(targets_table(targets));
  document.add(Paragraph{
      "In sample: constants as they are stored. Without their depth or chip: constants fitted anew "
      "without all rows of that chip and depth, or of that chip. Errors are predicted ÷ published "
      "− 1, means of absolute values."});
  document.add(Heading{"Predicted against published, by chip and kind of program (fitted rows)"});
  document.add(chips_summary(validation));
  document.add(Paragraph{
      "Own constants: derived for that chip (call, weights, rate); others are pooled over "
      "families. "
      "Repeats: by how much published times of one program on one chip differ, at the median."});
  if (all_rows) {
    document.add(Heading{"Predicted beside published: rows that constants are fitted to"});
    add_rows(validation, true, document);
    document.add(Heading{"Predicted beside published: rows that are not fitted"});
    add_rows(validation, false, document);
  }
  document.add(reasons(validation));
  return document;
}

Document fit_report(const experiments::ChipFit& fit) {
  Document document;
  document.add(Heading{
      fmt::format("Constants of the chip model, derived from {} published rows", fit.rows)});
  Table table;
  table.columns = {{"Constant", Align::left},
                   {"Unit", Align::left},
                   {"Prior"},
                   {"Stored"},
                   {"Fitted"},
                   {"95 % from"},
                   {"95 % to"},
                   {"Rows"}};
  for (const experiments::FittedConstant& constant : fit.constants) {
    table.rows.push_back({{constant.name},
                          {constant.unit},
                          {format_significant(constant.prior)},
                          {format_significant(constant.stored)},
                          {format_significant(constant.value)},
                          {format_significant(constant.low)},
                          {format_significant(constant.high)},
                          {fmt::format("{}", constant.rows)}});
  }
  document.add(std::move(table));
  document.add(Paragraph{
      "Least squares of log(predicted ÷ published), outliers weighed down; the prior is what is "
      "published or follows from the clock, and holds where rows are few. Rows: how many change "
      "with the constant."});
  return document;
}

}  // namespace anebench::report
