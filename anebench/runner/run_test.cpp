#include "anebench/runner/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace anebench::runner {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FakeReporter final : public Reporter {
 public:
  bool take_over(std::string_view id) override { return there.contains(std::string(id)); }
  Result<void> record(const record::Record& record) override {
    reported.push_back(record.id);
    there.insert(record.id);
    if (stop_after == reported.size()) stopped = true;
    return {};
  }
  const std::atomic<bool>* cancelled() override { return &stopped; }

  std::set<std::string> there;
  std::vector<std::string> reported;
  std::size_t stop_after = 0;
  std::atomic<bool> stopped = false;
};

record::Record planned(std::string id) {
  record::Record record;
  record.id = std::move(id);
  return record;
}

Case make_case(std::vector<std::string> ids, std::vector<std::string>* ran = nullptr) {
  Case one;
  one.name = ids.front();
  for (const std::string& id : ids) one.planned.push_back(planned(id));
  one.run = [ids, ran](Reporter& reporter) -> Result<void> {
    if (ran != nullptr) ran->push_back(ids.front());
    for (const std::string& id : ids) ANEBENCH_TRY(reporter.record(planned(id)));
    return {};
  };
  return one;
}

TEST(RunCases, ReportsEveryRecordInOrder) {
  const std::vector<Case> cases = {make_case({"a", "b"}), make_case({"c"})};
  FakeReporter reporter;
  ASSERT_TRUE(run_cases(cases, {}, reporter));
  EXPECT_THAT(reporter.reported, ElementsAre("a", "b", "c"));
}

TEST(RunCases, SkipsACaseWhoseRecordsAreAllThere) {
  std::vector<std::string> ran;
  const std::vector<Case> cases = {make_case({"a", "b"}, &ran), make_case({"c"}, &ran)};
  FakeReporter reporter;
  reporter.there = {"a", "b"};
  ASSERT_TRUE(run_cases(cases, {}, reporter));
  EXPECT_THAT(ran, ElementsAre("c"));
}

TEST(RunCases, ReportsOnlyTheMissingRecordOfACaseThatIsPartlyThere) {
  const std::vector<Case> cases = {make_case({"a", "b"})};
  FakeReporter reporter;
  reporter.there = {"a"};
  ASSERT_TRUE(run_cases(cases, {}, reporter));
  EXPECT_THAT(reporter.reported, ElementsAre("b"));
}

TEST(RunCases, ShardsPartitionTheListAndLeaveSummariesOut) {
  std::vector<Case> cases;
  for (const char* id : {"a", "b", "c", "d", "e"}) cases.push_back(make_case({id}));
  cases.push_back(make_case({"summary"}));
  cases.back().is_summary = true;
  std::vector<std::string> all;
  for (std::size_t index = 1; index <= 3; ++index) {
    FakeReporter reporter;
    ASSERT_TRUE(run_cases(cases, {.shard = {index, 3}}, reporter));
    all.insert(all.end(), reporter.reported.begin(), reporter.reported.end());
  }
  std::sort(all.begin(), all.end());
  EXPECT_THAT(all, ElementsAre("a", "b", "c", "d", "e"));
}

TEST(RunCases, EndsAfterTheCaseInWhichTheUserStopped) {
  const std::vector<Case> cases = {make_case({"a"}), make_case({"b"})};
  FakeReporter reporter;
  reporter.stop_after = 1;
  const auto run = run_cases(cases, {}, reporter);
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code(), ErrorCode::timeout);
  EXPECT_THAT(reporter.reported, ElementsAre("a"));
}

TEST(RunCases, AnErrorNamesTheCase) {
  std::vector<Case> cases = {make_case({"a"})};
  cases[0].name = "the case";
  cases[0].run = [](Reporter&) -> Result<void> { return fail(ErrorCode::io_error, "disk full"); };
  FakeReporter reporter;
  const auto run = run_cases(cases, {}, reporter);
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().to_string(), ::testing::HasSubstr("the case"));
  EXPECT_THAT(reporter.reported, IsEmpty());
}

}  // namespace
}  // namespace anebench::runner
