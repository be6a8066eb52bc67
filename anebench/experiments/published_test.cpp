#include "anebench/experiments/published.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/device/chip/chip_constants.h"

namespace anebench::experiments {
namespace {

TEST(Published, EveryRowNamesItsSourceAndAChipOfTheModel) {
  ASSERT_GE(published_rows().size(), 400u);
  for (const PublishedRow& row : published_rows()) {
    EXPECT_FALSE(row.source.empty());
    EXPECT_FALSE(row.chip.empty());
    EXPECT_NE(device::chip_table().find(row.model), nullptr) << row.model;
    EXPECT_THAT(row.path, testing::AnyOf("private", "core_ml", "core_ai", "rate")) << row.chip;
  }
}

TEST(Published, ChainsHaveConsistentFigures) {
  std::size_t chains = 0;
  for (const PublishedRow& row : published_rows()) {
    if (!row.is_chain()) continue;
    ++chains;
    // ms and tops of one row must tell the same story: 2 · positions · channels² · depth.
    const double operations = 2.0 * static_cast<double>(row.batch * row.height * row.width) *
                              static_cast<double>(row.channels_in * row.channels_out * row.depth);
    EXPECT_NEAR(operations / (*row.milliseconds * 1e-3) / 1e12 / *row.tera_ops, 1.0, 0.04)
        << row.chip << " " << row.channels_in << "x" << row.depth << " " << row.precision;
  }
  EXPECT_GE(chains, 60u);
}

TEST(Published, WhatIsFittedHasATimeAndAShape) {
  for (const PublishedRow& row : published_rows()) {
    if (!row.not_fitted.empty()) continue;
    EXPECT_TRUE(row.milliseconds) << row.chip << " " << row.program;
    EXPECT_GT(row.channels_in * row.channels_out * row.height * row.width * row.depth, 0)
        << row.chip << " " << row.program;
    EXPECT_THAT(row.notes, testing::Not(testing::HasSubstr("mislabels"))) << row.chip;
    EXPECT_THAT(row.notes, testing::Not(testing::HasSubstr("host call incl"))) << row.chip;
  }
}

TEST(Published, HoldsTheRowsThatTheExperimentsPrint) {
  int found = 0;
  for (const PublishedRow& row : published_rows()) {
    if (row.chip == "M5" && row.channels_in == 512 && row.depth == 128 &&
        row.milliseconds == 8.032) {
      EXPECT_EQ(row.precision, "w8a8");
      EXPECT_EQ(row.tera_ops, 34.22);
      ++found;
    }
  }
  EXPECT_EQ(found, 1);
}

TEST(Published, QuotedFieldsMayHoldCommasAndQuotes) {
  const auto rows = parse_published(
      "chip,source,batch,channels_in,height,width,depth,ms,tops\n"
      "M1,\"a, \"\"b\"\"\",1,2,3,4,5,6.5,7\r\n");
  ASSERT_TRUE(rows) << rows.error().to_string();
  EXPECT_EQ(rows->front().source, "a, \"b\"");
  EXPECT_EQ(rows->front().milliseconds, 6.5);
}

TEST(Published, MalformedLinesAreNamed) {
  const auto short_line = parse_published("chip,batch\nM1\n");
  ASSERT_FALSE(short_line);
  EXPECT_THAT(short_line.error().to_string(), testing::HasSubstr("line 2"));
  EXPECT_FALSE(parse_published("chip\n\"M1"));
  EXPECT_FALSE(parse_published("chip,batch,ms\nM1,x,1"));
}

}  // namespace
}  // namespace anebench::experiments
