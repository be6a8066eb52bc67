#include "anebench/report/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace anebench::report {
namespace {

using testing::HasSubstr;

record::RecordLine make_line(const std::string& run, const std::string& id, bool samples = true) {
  record::Record record;
  record.run = run;
  record.id = id;
  if (samples) record.samples = record::Samples{"ms", {{"fp16", 0, 1, {1.0}}}};
  std::string text = record::to_line(record);
  text.pop_back();
  return {record, text};
}

std::vector<record::Record> no_summaries(std::span<const record::Record>) { return {}; }

std::string joined(const std::vector<record::RecordLine>& lines) {
  std::string text;
  for (const auto& line : lines) text += line.text + "\n";
  return text;
}

TEST(Merge, KeepsEveryRecordInOrder) {
  const std::vector<MergeInput> inputs = {
      {"a", {make_line("1", "x"), make_line("1", "y")}},
      {"b", {make_line("2", "x"), make_line("2", "z")}}};  // another run of x is no duplicate
  const Merged merged = merge(inputs, no_summaries);
  EXPECT_EQ(merged.text, joined({inputs[0].lines[0], inputs[0].lines[1], inputs[1].lines[0],
                                 inputs[1].lines[1]}));
  EXPECT_EQ(merged.read, 4u);
  EXPECT_EQ(merged.kept, 4u);
  EXPECT_EQ(merged.runs, 2u);
  EXPECT_EQ(merged.duplicates, 0u);
}

TEST(Merge, DropsDuplicatesAndIsIdempotent) {
  const std::vector<record::RecordLine> lines = {make_line("1", "x"), make_line("1", "y")};
  const std::vector<MergeInput> inputs = {{"a", lines}, {"a", lines}};
  const Merged merged = merge(inputs, no_summaries);
  EXPECT_EQ(merged.text, joined(lines));
  EXPECT_EQ(merged.duplicates, 2u);
  EXPECT_EQ(merged.differing, 0u);
}

TEST(Merge, KeepsTextThatThisVersionDoesNotUnderstand) {
  record::RecordLine line = make_line("1", "x");
  line.text.insert(line.text.size() - 1, ",\"new_field\":1");
  const MergeInput input{"a", {line}};
  EXPECT_THAT(merge({&input, 1}, no_summaries).text, HasSubstr("new_field"));
}

TEST(Merge, OfTwoDuplicatesTheOneWithSamplesStays) {
  const record::RecordLine bare = make_line("1", "x", false);
  const record::RecordLine whole = make_line("1", "x");
  for (const auto& pair : {std::vector{bare, whole}, std::vector{whole, bare}}) {
    const MergeInput input{"a", {pair[0], make_line("1", "y"), pair[1]}};
    const Merged merged = merge({&input, 1}, no_summaries);
    EXPECT_EQ(merged.text, joined({whole, make_line("1", "y")}));
    EXPECT_EQ(merged.differing, 1u);
  }
}

TEST(Merge, SummariesAreComputedFromAllAndTakeTheOldOnesPlace) {
  const MergeInput input{"a", {make_line("1", "summary", false), make_line("1", "x")}};
  const Merged merged = merge({&input, 1}, [](std::span<const record::Record> records) {
    std::vector<record::Record> made;
    for (const char* id : {"summary", "other"}) {
      made.push_back(make_line("1", id, false).record);
      made.back().variant = std::to_string(records.size());
    }
    return made;
  });
  EXPECT_EQ(merged.summaries, 2u);
  EXPECT_EQ(merged.kept, 3u);
  const std::size_t first = merged.text.find("\"variant\":\"2\"");
  EXPECT_LT(first, merged.text.find("\"id\":\"x\""));
  EXPECT_LT(merged.text.find("\"id\":\"x\""), merged.text.find("\"id\":\"other\""));
}

}  // namespace
}  // namespace anebench::report
