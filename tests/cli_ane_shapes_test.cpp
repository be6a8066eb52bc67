// Experiments on the Neural Engine's device at shapes that take minutes where nothing is optimized.
#include "cli_ane_fixture.h"

namespace anebench::tests {
namespace {

using record::State;
using testing::IsEmpty;
using testing::Not;

TEST_F(CliAne, Int8AndPeakMeasureCheckedChains) {
  const auto int8 =
      records_of(with_few_samples({"int8", "--quick", "--filter", "channels=256,depth=128"}));
  EXPECT_EQ(int8.size(), 2u);
  expect_all_checked(int8);
  std::filesystem::remove(path("a.jsonl"));
  const auto peak = records_of(
      with_few_samples({"peak", "1", "4", "--precision", "both", "--filter", "depth=64"}));
  EXPECT_GE(peak.size(), 4u);
  expect_all_checked(peak);
}

TEST_F(CliAne, ProbeGivesVerdictsOnCheckedVariants) {
  const auto records = records_of(
      {"probe", "--protocol", "classic", "--filter", "in_channels=768,out_channels=768"});
  EXPECT_THAT(records, Not(IsEmpty()));
  int passed = 0;
  for (const record::Record& record : records) {
    passed += record.check && record.check->result == "passed" ? 1 : 0;
    EXPECT_NE(record.outcome.state, State::wrong) << record.variant << record.outcome.message;
  }
  EXPECT_GE(passed, 5);
}

TEST_F(CliAne, ATypeThatTheCompilerRefusesIsAFinding) {
  const auto records =
      records_of({"probe", "--protocol", "classic", "--filter", "in_channels=768,out_channels=768"},
                 "refuse=uint4");
  int refused = 0;
  for (const record::Record& record : records) {
    if (record.outcome.message.find("unsupported type uint4") == std::string::npos) continue;
    ++refused;
    EXPECT_EQ(record.outcome.state, State::unsupported);
    EXPECT_EQ(record.outcome.stage, "compile");
  }
  EXPECT_GE(refused, 1);
}

}  // namespace
}  // namespace anebench::tests
