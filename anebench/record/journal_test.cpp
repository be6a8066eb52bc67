#include "anebench/record/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/record/example_record_for_tests.h"

namespace anebench::record {
namespace {

using testing::HasSubstr;

Record record_number(int number) {
  Record record = example_record();
  record.parameters["number"] = number;
  record.id = make_id(record.parameters);
  return record;
}

class JournalTest : public testing::Test {
 protected:
  JournalTest() : directory_(*TemporaryDirectory::create()) {}

  std::string path() const { return (directory_.path() / "run.jsonl").string(); }
  std::string content() const { return *read_text_file(path()); }
  void write(const std::string& text) { ASSERT_TRUE(write_file_atomically(path(), text)); }
  Journal open() {
    auto journal = Journal::open(path());
    EXPECT_TRUE(journal) << journal.error().to_string();
    return std::move(*journal);
  }

  TemporaryDirectory directory_;
};

TEST_F(JournalTest, WhatIsAppendedIsThereAtOnce) {
  Journal journal = open();
  ASSERT_TRUE(journal.append(record_number(1)));
  EXPECT_EQ(content(), to_line(record_number(1)));
  ASSERT_TRUE(journal.append(record_number(2)));
  const auto records = read_records(path());
  ASSERT_TRUE(records);
  EXPECT_EQ(records->size(), 2u);
}

TEST_F(JournalTest, ReopenedItKnowsWhatIsDone) {
  ASSERT_TRUE(open().append(record_number(1)));
  Journal journal = open();
  EXPECT_TRUE(journal.contains(record_number(1).id));
  EXPECT_FALSE(journal.contains(record_number(2).id));
  ASSERT_EQ(journal.existing().size(), 1u);
  ASSERT_TRUE(journal.append(record_number(2)));
  EXPECT_TRUE(journal.contains(record_number(2).id));
  EXPECT_EQ(content(), to_line(record_number(1)) + to_line(record_number(2)));
}

TEST_F(JournalTest, ATornLastLineIsCutOff) {
  const std::string torn = to_line(record_number(2)).substr(0, 100);
  write(to_line(record_number(1)) + torn);
  bool is_torn = false;
  ASSERT_TRUE(read_records(path(), &is_torn));
  EXPECT_TRUE(is_torn);
  Journal journal = open();
  EXPECT_EQ(journal.existing().size(), 1u);
  ASSERT_TRUE(journal.append(record_number(3)));
  EXPECT_EQ(content(), to_line(record_number(1)) + to_line(record_number(3)));
}

TEST_F(JournalTest, AMalformedLineIsNamedAndLeftAlone) {
  const std::string text =
      to_line(record_number(1)) + "{\"schema\": 1\n" + to_line(record_number(2));
  write(text);
  const auto journal = Journal::open(path());
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().code(), ErrorCode::parse_error);
  EXPECT_THAT(journal.error().to_string(), HasSubstr("line 2"));
  EXPECT_EQ(content(), text);
}

TEST_F(JournalTest, AFileOfSomethingElseIsNotTouched) {
  write("# shopping\nmilk\n");
  EXPECT_FALSE(Journal::open(path()));
  EXPECT_EQ(content(), "# shopping\nmilk\n");
}

TEST_F(JournalTest, EmptyLinesAreSkipped) {
  write("\n" + to_line(record_number(1)) + "\n");
  EXPECT_EQ(open().existing().size(), 1u);
}

TEST_F(JournalTest, SamplesCanBeLeftOut) {
  ASSERT_TRUE(open().append(record_number(1), false));
  EXPECT_THAT(content(), testing::Not(HasSubstr("\"samples\"")));
}

TEST_F(JournalTest, AFolderThatIsNotThereIsAnError) {
  const auto journal = Journal::open((directory_.path() / "no" / "run.jsonl").string());
  ASSERT_FALSE(journal);
  EXPECT_THAT(journal.error().to_string(), HasSubstr("run.jsonl"));
}

}  // namespace
}  // namespace anebench::record
