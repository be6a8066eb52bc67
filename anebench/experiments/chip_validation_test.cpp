#include "anebench/experiments/chip_validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "anebench/experiments/chip_fit.h"

namespace anebench::experiments {
namespace {

using device::ChipTable;
using testing::HasSubstr;

bool uses_all(const ChipRow&) { return true; }

ErrorSummary summary_of(const std::vector<RowPrediction>& rows, bool square) {
  return summarize(rows, [&](const RowPrediction& row) {
    return row.row->is_fitted() && (square ? row.row->is_square_chain() : row.row->is_flat_chain());
  });
}

// What the model has to show: docs/chip-model.md.
TEST(ChipValidation, ChainsAreWithinTheirTargets) {
  const ErrorSummary square = summary_of(chip_validation().rows, true);
  EXPECT_GE(square.rows, 20u);
  EXPECT_LE(square.mean, 0.02);
  EXPECT_LE(square.worst, 0.06);
  EXPECT_LE(summary_of(chip_validation().rows, false).mean, 0.08);
}

TEST(ChipValidation, ChainsOutsideTheFitAreWithinTheirTargets) {
  const HeldOut held_out = held_out_chains(chip_validation().published, device::chip_table());
  const ErrorSummary without_depth = summary_of(held_out.without_depth, true);
  EXPECT_LE(without_depth.mean, 0.04);
  EXPECT_LE(without_depth.worst, 0.10);
  // Each chip alone, from its clock and family.
  std::set<std::string> chips;
  for (const RowPrediction& row : held_out.without_chip) {
    if (!row.row->is_square_chain()) continue;
    chips.insert(row.row->published->model);
    EXPECT_LE(std::abs(row.error()), 0.12) << row.row->published->model;
  }
  EXPECT_GE(chips.size(), 4u);
}

TEST(ChipValidation, EveryRowIsPredictedOrSaysWhyNot) {
  const ChipValidation& validation = chip_validation();
  EXPECT_EQ(validation.rows.size() + validation.published.others.size(), published_rows().size());
  for (const UnpredictedRow& row : validation.published.others) EXPECT_FALSE(row.reason.empty());
  for (const RowPrediction& row : validation.rows) {
    EXPECT_TRUE(std::isfinite(row.predicted_ms) && row.predicted_ms > 0);
  }
}

TEST(ChipValidation, AnErrorIsTheChipsOwnWhereItHasRows) {
  const auto own = known_error("m5", device::ProgramKind::dense);
  ASSERT_TRUE(own);
  EXPECT_TRUE(own->is_of_chip);
  EXPECT_THAT(describe_error(own), HasSubstr("of this chip"));
  const auto other = known_error("m3max", device::ProgramKind::dense);
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->is_of_chip);
  EXPECT_GT(other->summary.rows, own->summary.rows);
  EXPECT_FALSE(known_error("m5", device::ProgramKind::unknown));
  EXPECT_EQ(describe_error(std::nullopt), "no data for this kind of program");
}

// `chips fit` gives the table: nobody edits a derived constant by hand.
TEST(ChipFit, GivesTheStoredConstants) {
  const ChipFit fit = fit_chips(device::chip_table(), chip_validation().published, uses_all);
  EXPECT_GE(fit.rows, 150u);
  for (const FittedConstant& constant : fit.constants) {
    EXPECT_NEAR(constant.value / constant.stored, 1, 0.02) << constant.name;
    EXPECT_LT(constant.low, constant.value) << constant.name;
    EXPECT_GT(constant.high, constant.value) << constant.name;
  }
}

// Published times replaced by the model's own under other constants: these must come out.
TEST(ChipFit, FindsConstantsThatWereUsed) {
  ChipTable truth = device::chip_table();
  for (device::ChipFamily& family : truth.families) {
    family.fp16_tops.value *= 1.1;
    family.activation_gbs.value *= 0.9;
  }
  std::vector<PublishedRow> published = published_rows();
  const ChipRows rows = read_chip_rows(published, device::chip_table());
  const ChipCosts costs(truth);
  std::vector<double> times;
  for (const ChipRow& row : rows.predicted) times.push_back(costs.milliseconds(row));
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto index = rows.predicted[i].published - published.data();
    published[static_cast<std::size_t>(index)].milliseconds = times[i];
  }
  const ChipFit fit = fit_chips(device::chip_table(), rows, uses_all);
  for (const FittedConstant& constant : fit.constants) {
    if (constant.name == "h17.fp16_tops") {
      EXPECT_NEAR(constant.value, 1.1 * constant.stored, 0.02 * constant.stored);
    }
    if (constant.name == "h16-h18.activation_gbs") {
      EXPECT_NEAR(constant.value, 0.9 * constant.stored, 0.02 * constant.stored);
    }
  }
}

TEST(ChipFit, WithoutRowsItKeepsToWhatIsPublished) {
  const ChipFit fit = fit_chips(device::chip_table(), chip_validation().published,
                                [](const ChipRow&) { return false; });
  EXPECT_EQ(fit.rows, 0u);
  for (const FittedConstant& constant : fit.constants) {
    EXPECT_NEAR(constant.value / constant.prior, 1, 1e-4) << constant.name;
    EXPECT_EQ(constant.rows, 0u) << constant.name;
  }
}

}  // namespace
}  // namespace anebench::experiments
