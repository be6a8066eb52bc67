#include "anebench/experiments/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace anebench::experiments {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

CaseFilter parsed(std::string_view text) {
  auto filter = CaseFilter::parse(text);
  EXPECT_TRUE(filter) << filter.error().to_string();
  return filter.value_or(CaseFilter());
}

TEST(CaseFilter, EveryKeyMustHaveOneOfItsValues) {
  const CaseFilter filter = parsed("channels=256,512,depth=16");
  EXPECT_TRUE(filter.matches({{"channels", "512"}, {"depth", "16"}, {"width", "64"}}));
  EXPECT_FALSE(filter.matches({{"channels", "512"}, {"depth", "32"}}));
  EXPECT_FALSE(filter.matches({{"channels", "384"}, {"depth", "16"}}));
  EXPECT_FALSE(filter.matches({{"channels", "512"}}));
}

TEST(CaseFilter, AnEmptyOneMatchesEverything) {
  EXPECT_TRUE(CaseFilter().matches({{"channels", "1"}}));
}

TEST(CaseFilter, RangesHoldBothEnds) {
  const CaseFilter filter = parsed("channels=256:1024:*2,depth=0:10:5");
  EXPECT_TRUE(filter.matches({{"channels", "1024"}, {"depth", "10"}}));
  EXPECT_TRUE(filter.matches({{"channels", "256"}, {"depth", "0"}}));
  EXPECT_FALSE(filter.matches({{"channels", "768"}, {"depth", "0"}}));
}

TEST(CaseFilter, NamesTheKeysThatNoCaseHas) {
  EXPECT_THAT(parsed("chanels=256,depth=1").unknown_keys({"channels", "depth"}),
              ElementsAre("chanels"));
}

TEST(CaseFilter, RefusesWhatIsNoFilter) {
  for (const char* text :
       {"", "channels", "=5", "channels=", "channels=1,,2", "512,channels=1", "c=1,c=2", "c=1:2",
        "c=4:1:1", "c=1:4:0", "c=1:4:*1", "c=0:4:*2", "c=1:1000000:1", "c=a:b:c"}) {
    EXPECT_FALSE(CaseFilter::parse(text)) << text;
  }
}

TEST(ParseValues, AMultiplyingRangeEndsAtTheLargestInteger) {
  const auto values = parse_values("1:9223372036854775807:*2");
  ASSERT_TRUE(values) << values.error().to_string();
  EXPECT_EQ(values->size(), 63u);
}

TEST(ParseValues, SaysWhatARangeIs) {
  EXPECT_THAT(parse_values("1:2").error().message(), HasSubstr("lo:hi:step"));
}

}  // namespace
}  // namespace anebench::experiments
