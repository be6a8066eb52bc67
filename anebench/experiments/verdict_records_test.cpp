#include "anebench/experiments/verdict_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "anebench/experiments/verdict_input_for_tests.h"

namespace anebench::experiments {
namespace {

using record::Record;
using testing::Contains;
using testing::HasSubstr;

Record chain_record(const LadderTime& chain, std::string variant) {
  Record record;
  record.experiment = "probe";
  record.device.name = "ane";
  record.variant = std::move(variant);
  record.parameters["part"] = "ladder";
  const auto spec = ladder_spec(chain.rung, chain.depth, "fp16");
  record.program.name = spec.name();
  record.program.parameters = spec.parameters();
  return record;
}

record::Metric ratio_metric(std::string tag, const stats::Estimate& ratio) {
  return {std::move(tag), ratio.value, "1", ratio.low, ratio.high, ""};
}

// What the ladder of `input` leaves.
std::vector<Record> records_of(const VerdictInput& input, const std::string& variant) {
  std::vector<Record> records;
  for (const LadderShape& shape : input.shapes) {
    Record fp16 = chain_record(shape.fp16, "fp16");
    fp16.metrics = {{"time.eval", shape.fp16.time_ns * 1e-6, "ms", {}, {}, ""},
                    {"time.floor", input.floor_ns * 1e-6, "ms", {}, {}, ""}};
    records.push_back(fp16);
    Record other = chain_record(shape.fp16, variant);
    other.metrics = {ratio_metric("ratio.fp16.joint", *shape.ratio)};
    records.push_back(other);
  }
  return records;
}

TEST(VerdictFromRecords, IsThatOfTheShapes) {
  for (const double ratio : {0.6, 1.0, 1.9}) {
    const VerdictInput input = ladder_with(ratio);
    const auto finding = verdict_from_records(records_of(input, "w8a8"), "ane", "w8a8");
    ASSERT_TRUE(finding);
    EXPECT_EQ(describe(*finding), describe(judge(input)));
    EXPECT_EQ(finding->evidence, judge(input).evidence);
  }
}

TEST(VerdictFromRecords, IsNothingWithoutTheVariantOrTheDevice) {
  const auto records = records_of(ladder_with(1.9), "w8a8");
  EXPECT_FALSE(verdict_from_records(records, "ane", "u4"));
  EXPECT_FALSE(verdict_from_records(records, "cpu", "w8a8"));
  EXPECT_FALSE(verdict_from_records({}, "ane", "w8a8"));
}

TEST(VerdictFromRecords, PrefersTheAnchoredTime) {
  const VerdictInput input = ladder_with(1.9);
  auto records = records_of(input, "w8a8");
  for (Record& record : records) {
    if (record.variant != "fp16") continue;
    record.metrics.push_back({"time.anchored", record.metrics[0].value, "ms", {}, {}, ""});
    record.metrics[0].value = 1;
  }
  EXPECT_EQ(verdict_from_records(records, "ane", "w8a8")->kind, VerdictKind::native_compute);
}

TEST(VerdictFromRecords, ReadsMistrustRefusalAndWrongResults) {
  auto records = records_of(ladder_with(1.9), "w8a8");
  auto disturbed = records;
  for (Record& record : disturbed) record.outcome.validity = {"core_contended"};
  EXPECT_EQ(verdict_from_records(disturbed, "ane", "w8a8")->reason, reason::kMistrusted);
  auto approximate = records;
  for (Record& record : approximate) record.outcome.validity = {"drifting"};
  EXPECT_EQ(verdict_from_records(approximate, "ane", "w8a8")->kind, VerdictKind::native_compute);
  auto refused = records;
  auto wrong = records;
  for (std::size_t i = 1; i < records.size(); i += 2) {
    refused[i].outcome = {record::State::unsupported, "compile", "no", {}};
    wrong[i].outcome = {record::State::wrong, "check", "12 dB", {}};
  }
  EXPECT_EQ(verdict_from_records(refused, "ane", "w8a8")->kind, VerdictKind::unsupported);
  EXPECT_EQ(verdict_from_records(wrong, "ane", "w8a8")->kind, VerdictKind::wrong_result);
}

TEST(VerdictFromRecords, TheLastRecordOfAShapeCounts) {
  auto records = records_of(ladder_with(1.0), "w8a8");
  for (Record& record : records_of(ladder_with(1.9), "w8a8")) records.push_back(record);
  EXPECT_EQ(verdict_from_records(records, "ane", "w8a8")->kind, VerdictKind::native_compute);
}

TEST(VerdictFromRecords, AgainstW8SaysWhetherActivationsAreTheCause) {
  auto records = records_of(ladder_with(1.9), "w8a8");
  for (std::size_t i = 1; i < records.size(); i += 2) {
    records[i].metrics.push_back(ratio_metric("ratio.w8.joint", about(1.9)));
  }
  const auto finding = verdict_from_records(records, "ane", "w8a8");
  ASSERT_TRUE(finding);
  EXPECT_THAT(finding->evidence, Contains(HasSubstr("comes with the int8 activations")));
}

TEST(VerdictFromRecords, IgnoresProgramsWhoseSizesMakeNoSense) {
  auto records = records_of(ladder_with(1.9), "w8a8");
  for (const char* value : {"0", "-1", "x", "99999999999999999999", ""}) {
    for (Record& record : records) record.program.parameters[0].second = value;
    EXPECT_FALSE(verdict_from_records(records, "ane", "w8a8")) << value;
  }
}

}  // namespace
}  // namespace anebench::experiments
