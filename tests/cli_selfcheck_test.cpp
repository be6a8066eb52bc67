// `selfcheck` with few runs: what it prints and how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli_process.h"

namespace anebench::tests {
namespace {

using testing::HasSubstr;

TEST(CliSelfcheck, StatisticsPrintEveryNoise) {
  const Outcome outcome = run_or_die({"selfcheck", "--statistics", "--runs", "20"});
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  for (const char* text : {"lognormal", "bimodal", "drift", "bursts", "ar80", "ar95", "PASSED"}) {
    EXPECT_THAT(outcome.out, HasSubstr(text));
  }
}

TEST(CliSelfcheck, ThisMachineLeavesARecord) {
  const Outcome outcome = run_or_die({"selfcheck", "--runs", "3", "--samples", "24", "--min-time",
                                      "0s", "--threads", "1", "--json", "-"});
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("selfcheck.false_alarms"));
}

TEST(CliSelfcheck, TakesOneQuestionAtATime) {
  EXPECT_EQ(run_or_die({"selfcheck", "--verdict", "--statistics"}).status, 2);
}

}  // namespace
}  // namespace anebench::tests
