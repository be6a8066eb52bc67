#include "anebench/experiments/chip_validation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <tuple>

#include "anebench/base/units.h"
#include "anebench/experiments/chip_fit.h"
#include "anebench/experiments/published.h"

namespace anebench::experiments {
namespace {

// Rows of one chip from which its own error is told.
constexpr std::size_t kOwnRows = 2;

std::vector<RowPrediction> predict_rows(const std::vector<const ChipRow*>& rows,
                                        const device::ChipTable& table) {
  const ChipCosts costs(table);
  std::vector<RowPrediction> predictions;
  for (const ChipRow* row : rows) predictions.push_back({row, costs.milliseconds(*row)});
  return predictions;
}

// Fits without each group of rows in turn.
template <typename Key>
std::vector<RowPrediction> leave_out(const ChipRows& rows, const device::ChipTable& table,
                                     const std::function<Key(const ChipRow&)>& key_of) {
  std::map<Key, std::vector<const ChipRow*>> groups;
  for (const ChipRow& row : rows.predicted) {
    if (row.is_fitted() && (row.is_square_chain() || row.is_flat_chain())) {
      groups[key_of(row)].push_back(&row);
    }
  }
  std::vector<RowPrediction> predictions;
  for (const auto& [key, group] : groups) {
    const Key& left_out = key;
    const ChipFit fit =
        fit_chips(table, rows, [&](const ChipRow& row) { return key_of(row) != left_out; });
    for (const RowPrediction& prediction : predict_rows(group, fit.table)) {
      predictions.push_back(prediction);
    }
  }
  return predictions;
}

std::unique_ptr<const ChipValidation> validate(const device::ChipTable& table) {
  auto validation = std::make_unique<ChipValidation>();
  validation->published = read_chip_rows(published_rows(), table);
  std::vector<const ChipRow*> rows;
  for (const ChipRow& row : validation->published.predicted) rows.push_back(&row);
  validation->rows = predict_rows(rows, table);
  return validation;
}

std::string percent(double share) { return format_significant(share * 100, 2) + " %"; }

}  // namespace

ErrorSummary summarize(std::span<const RowPrediction> rows,
                       const std::function<bool(const RowPrediction&)>& counts) {
  ErrorSummary summary;
  for (const RowPrediction& row : rows) {
    if (!counts(row)) continue;
    const double error = std::abs(row.error());
    ++summary.rows;
    summary.mean += error;
    summary.worst = std::max(summary.worst, error);
  }
  if (summary.rows > 0) summary.mean /= static_cast<double>(summary.rows);
  return summary;
}

const ChipValidation& chip_validation() {
  // Held by pointer, since the predictions point into its own rows.
  static const std::unique_ptr<const ChipValidation> kValidation = validate(device::chip_table());
  return *kValidation;
}

HeldOut held_out_chains(const ChipRows& rows, const device::ChipTable& table) {
  HeldOut result;
  using DepthKey = std::tuple<std::size_t, bool, std::int64_t>;
  result.without_depth = leave_out<DepthKey>(rows, table, [](const ChipRow& row) {
    return DepthKey(row.chip, row.is_flat_chain(), row.published->depth);
  });
  result.without_chip =
      leave_out<std::size_t>(rows, table, [](const ChipRow& row) { return row.chip; });
  return result;
}

std::optional<KnownError> known_error(std::string_view chip, device::ProgramKind kind) {
  if (kind == device::ProgramKind::unknown) return std::nullopt;
  const auto& rows = chip_validation().rows;
  const auto is_of_kind = [&](const RowPrediction& row) {
    return row.row->is_fitted() && row.row->kind == kind;
  };
  const ErrorSummary own = summarize(rows, [&](const RowPrediction& row) {
    return is_of_kind(row) && row.row->published->model == chip;
  });
  if (own.rows >= kOwnRows) return KnownError{own, true};
  const ErrorSummary all = summarize(rows, is_of_kind);
  if (all.rows == 0) return std::nullopt;
  return KnownError{all, false};
}

std::string describe_error(const std::optional<KnownError>& error) {
  if (!error) return "no data for this kind of program";
  return fmt::format("error {} on average, {} at worst, on {} published rows of {}",
                     percent(error->summary.mean), percent(error->summary.worst),
                     error->summary.rows, error->is_of_chip ? "this chip" : "other chips");
}

std::vector<std::string> error_remarks(std::string_view chip) {
  std::vector<std::string> remarks;
  for (const device::ProgramKind kind : device::kAllProgramKinds) {
    if (kind == device::ProgramKind::unknown) continue;
    remarks.push_back(
        fmt::format("{}: {}", to_string(kind), describe_error(known_error(chip, kind))));
  }
  remarks.emplace_back("anything else: no data for this kind of program");
  return remarks;
}

}  // namespace anebench::experiments
