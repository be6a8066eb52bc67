#include "anebench/programs/initialisation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "anebench/base/half.h"

namespace anebench::programs {
namespace {

// The values that the experiments' specification lists.
TEST(ScaledGrid, MatchesThePublishedTable) {
  struct Row {
    std::int64_t channels;
    bool relu;
    int k, m;
  };
  for (const Row& row : {Row{512, false, 10, 78}, Row{384, false, 10, 90}, Row{256, false, 10, 110},
                         Row{512, true, 10, 110}, Row{384, true, 9, 64}, Row{256, true, 9, 78}}) {
    const WeightGrid grid = scaled_weight_grid(row.channels, row.relu);
    EXPECT_EQ(grid.k, row.k) << row.channels << row.relu;
    EXPECT_EQ(grid.m, row.m) << row.channels << row.relu;
    EXPECT_EQ(grid.scale(), std::ldexp(1.0, -row.k));
  }
}

TEST(ScaledGrid, KeepsWeightsInInt8ForAnyChannelCount) {
  for (std::int64_t channels = 1; channels <= 65536; channels = channels * 3 / 2 + 1) {
    for (const bool relu : {false, true}) {
      const WeightGrid grid = scaled_weight_grid(channels, relu);
      EXPECT_GE(grid.m, 1) << channels;
      EXPECT_LE(grid.m, 127) << channels;
      EXPECT_GE(grid.k, 0) << channels;
    }
  }
}

TEST(InputGrid, FillsTheInt8RangeWithTheSpreadOfThirtyTwo) {
  std::vector<std::int8_t> grid(100000);
  Rng rng(7);
  fill_input_grid(rng, grid);
  double sum = 0;
  double squares = 0;
  for (const std::int8_t value : grid) {
    sum += value;
    squares += value * value;
  }
  const double mean = sum / static_cast<double>(grid.size());
  const double deviation = std::sqrt(squares / static_cast<double>(grid.size()) - mean * mean);
  // Four standard errors of 100,000 draws.
  EXPECT_NEAR(mean, 0, 4 * 32 / std::sqrt(1e5));
  EXPECT_NEAR(deviation, 32, 4 * 32 / std::sqrt(2e5));
}

TEST(FillUniform, GivesWhatTheGeneratorGivesOneByOne) {
  for (const auto& [low, high] : {std::pair(-64, 62), {-128, 127}, {-1, 1}, {5, 5}, {-128, 126}}) {
    std::vector<std::int8_t> filled(10000);
    Rng rng(11);
    fill_uniform(rng, low, high, filled);
    Rng one_by_one(11);
    for (const std::int8_t value : filled) {
      ASSERT_EQ(value, one_by_one.uniform_int(low, high)) << low << " to " << high;
    }
    EXPECT_EQ(rng.next(), one_by_one.next());
  }
}

TEST(ScaleToHalves, IsExactOnTheGrid) {
  std::vector<std::int8_t> integers;
  for (int i = -128; i < 128; ++i) integers.push_back(static_cast<std::int8_t>(i));
  std::vector<std::uint16_t> halves(integers.size());
  scale_to_halves(integers, 0x1p-10, halves);
  for (std::size_t i = 0; i < integers.size(); ++i) {
    EXPECT_EQ(half_to_double(halves[i]), integers[i] * 0x1p-10);
  }
}

TEST(FillUniform, ReachesBothEndsAndNothingBeyond) {
  std::vector<std::int8_t> values(10000);
  Rng rng(3);
  fill_uniform(rng, -5, 5, values);
  const std::set<int> seen(values.begin(), values.end());
  EXPECT_EQ(seen.size(), 11u);
  EXPECT_EQ(*seen.begin(), -5);
  EXPECT_EQ(*seen.rbegin(), 5);
}

}  // namespace
}  // namespace anebench::programs
