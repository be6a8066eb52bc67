#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "anebench/experiments/published.h"
#include "anebench/record/example_record_for_tests.h"
#include "anebench/report/chain_reports.h"
#include "anebench/report/csv.h"
#include "anebench/report/device_facts.h"
#include "anebench/report/figures.h"
#include "anebench/report/published_table.h"
#include "anebench/report/sentences.h"
#include "anebench/report/terminal.h"
#include "anebench/report/text_width.h"

namespace anebench::report {
namespace {

using record::Record;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

Record sound_record() {
  Record record = record::example_record();
  record.outcome.validity.clear();
  return record;
}

Record record_with(const std::string& code) {
  Record record = sound_record();
  record.outcome.validity = {code};
  return record;
}

Record wrong_record() {
  Record record = sound_record();
  record.outcome = {record::State::wrong, "check", "3 of 4 values differ", {}};
  record.check->result = "failed";
  record.check->bit_identical = false;
  return record;
}

TEST(Figures, ASoundTimeIsPlain) {
  EXPECT_EQ(time_cell(sound_record()).text, "400.5");
  EXPECT_EQ(rate_cell(sound_record(), {}).text, "0.686");
  EXPECT_EQ(ratio_cell(sound_record()).text, "3.12 [3.05, 3.19]");
  EXPECT_EQ(weights_cell(sound_record()).text, "32.0");
  EXPECT_EQ(operations_cell(sound_record()).text, "274.0");
}

TEST(Figures, AMistrustedTimeNeverLooksPlain) {
  const Record record = record_with("core_contended");
  EXPECT_EQ(time_cell(record).text, "?400.5");
  EXPECT_EQ(rate_cell(record, {}).text, "?0.686");
  EXPECT_THAT(ratio_cell(record).text, StartsWith("?"));
  EXPECT_EQ(trust_of(record_with("a_code_of_the_future")), Trust::mistrusted);
}

TEST(Figures, AnApproximateTimeIsMarkedAndItsRatioIsNot) {
  const Record record = record_with("autocorrelated");
  EXPECT_EQ(time_cell(record).text, "~400.5");
  EXPECT_EQ(ratio_cell(record).text, "3.12 [3.05, 3.19]");
}

TEST(Figures, AWrongResultHasNoTime) {
  const Record record = wrong_record();
  EXPECT_EQ(time_cell(record).text, "WRONG");
  EXPECT_EQ(rate_cell(record, {}).text, "");
  EXPECT_EQ(ratio_cell(record).text, "");
  EXPECT_EQ(spread_cell(record).text, "");
  EXPECT_EQ(check_cell(record).text, "WRONG");
}

TEST(Figures, ARefusalIsNamed) {
  Record record = sound_record();
  record.outcome = {record::State::unsupported, "compile", "no such op", {}};
  record.check.reset();
  record.metrics.clear();
  EXPECT_EQ(time_cell(record).text, "unsupported");
  EXPECT_EQ(check_cell(record).text, "-");
}

TEST(Figures, AValueThatIsNotFiniteIsNoTime) {
  Record record = sound_record();
  record.metrics[0].value = std::nan("");
  EXPECT_EQ(time_cell(record).text, "no time");
  EXPECT_EQ(rate_cell(record, {}).text, "");
}

TEST(Figures, TheRateUnitSuitsTheTable) {
  std::vector<Record> records = {sound_record()};
  EXPECT_EQ(rate_unit(records, "OPS").name, "TOPS");
  records[0].metrics[1].value = 5e9;
  EXPECT_EQ(rate_unit(records, "FLOPS").name, "GFLOPS");
  EXPECT_EQ(rate_cell(records[0], rate_unit(records, "FLOPS")).text, "5.00");
}

TEST(Figures, ChecksOfFp16ShowTheirSignalToError) {
  Record record = sound_record();
  record.check->bit_identical = false;
  record.check->snr_db = 52.14;
  EXPECT_EQ(check_cell(record).text, "52.1 dB");
  record.check->result = "vacuous";
  EXPECT_EQ(check_cell(record).text, "vacuous");
}

TEST(DeviceFacts, PeaksCarryTheirOrigin) {
  EXPECT_EQ(peak_text(sound_record().device.peaks[0]),
            "fp32 200 GFLOPS (measured: FMA loop, 2 threads)");
  Document document;
  document.add(device_facts(sound_record()));
  const std::string text = to_terminal(document);
  for (const char* part : {"avx2, 2 threads", "0 RealTime", "±3.00 %", "scaled, seed 1",
                           "fp16 is storage", "measured by anebench 0.1.0"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(Sentences, EveryValidityCodeIsExplainedWithItsRows) {
  const std::vector<Record> records = {record_with("core_contended")};
  const auto sentences = warnings(records);
  ASSERT_EQ(sentences.size(), 1u);
  EXPECT_THAT(sentences[0].text, HasSubstr("512×64×128 w8a8"));
  EXPECT_THAT(sentences[0].text, HasSubstr("close other programs"));
  EXPECT_EQ(sentences[0].style, Style::warning);
}

TEST(Sentences, LongMessagesAreCut) {
  Record record = wrong_record();
  record.outcome.message = std::string(1000, 'x');
  const auto sentences = refusals(std::vector{record});
  ASSERT_EQ(sentences.size(), 1u);
  EXPECT_LT(display_width(sentences[0].text), 260u);
}

TEST(Sentences, ChecksAreSummedUpForEachVariant) {
  const std::vector<Record> records = {sound_record(), sound_record()};
  const auto sentences = check_summary(records);
  ASSERT_EQ(sentences.size(), 1u);
  EXPECT_THAT(sentences[0].text, HasSubstr("every compared value equal to the reference: 65536"));
  EXPECT_THAT(sentences[0].text, HasSubstr("3300"));
}

TEST(Sentences, AFailedCheckSaysThatItsTimeDoesNotCount) {
  const std::vector<Record> records = {sound_record(), wrong_record()};
  const auto sentences = check_summary(records);
  ASSERT_EQ(sentences.size(), 1u);
  EXPECT_THAT(sentences[0].text, HasSubstr("1 of 2"));
  EXPECT_EQ(sentences[0].style, Style::bad);
  EXPECT_THAT(sentences[0].text, Not(HasSubstr("equal")));
}

TEST(Published, StandsApartWithChipAndSource) {
  const std::vector<Record> records = {sound_record()};
  const std::string text = to_terminal(published_section(records, experiments::published_rows()));
  EXPECT_THAT(text, StartsWith("Published by others"));
  EXPECT_THAT(text, HasSubstr("15.08"));
  EXPECT_THAT(text, HasSubstr("34.22"));
  EXPECT_THAT(text, HasSubstr("[1] gist"));
}

TEST(Published, IsLeftOutWhereNothingIsComparable) {
  Record record = sound_record();
  record.program.parameters[2].second = "32";  // width
  EXPECT_THAT(published_section(std::vector{record}, experiments::published_rows()).blocks,
              IsEmpty());
}

TEST(Reports, Int8FitsInto100ColumnsWhateverTheMarks) {
  Record fp16 = sound_record();
  fp16.variant = "fp16";
  fp16.pair.reset();
  const std::vector<Record> records = {fp16, sound_record(), record_with("core_contended"),
                                       wrong_record()};
  const std::vector<std::string> notes = {"512x64x64 depth 128: shortened to depth 8"};
  const std::string text = to_terminal(int8_report(records, notes));
  std::size_t start = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', start)) {
    EXPECT_LE(display_width(text.substr(start, end - start)), 100u);
    start = end + 1;
  }
  EXPECT_THAT(text, HasSubstr("shortened to depth 8"));
  EXPECT_THAT(text, HasSubstr("Config"));
}

TEST(Reports, PeakShowsSharesOfBothPeaks) {
  Record record = sound_record();
  record.metrics.push_back({"share.peak", 0.5, "1", {}, {}, ""});
  record.metrics.push_back({"share.peak.fp16", 1.9, "1", {}, {}, ""});
  const std::string text = to_terminal(peak_report(std::vector{record}, {}));
  EXPECT_THAT(text, HasSubstr("%fp16"));
  EXPECT_THAT(text, HasSubstr("190.0 %"));
  EXPECT_THAT(text, HasSubstr("50.0 %"));
  EXPECT_THAT(text, Not(HasSubstr("Est.MHz")));  // a CPU's clock is not estimated
}

TEST(Reports, NothingIsSaidToBeNothing) {
  EXPECT_THAT(to_terminal(int8_report({}, {})), HasSubstr("no record"));
}

TEST(Csv, HasARowARecordAndQuotesWhatNeedsIt) {
  Record other = wrong_record();
  other.metrics.clear();
  other.outcome.message = "a, \"b\"\nc";
  const std::string text = to_csv(std::vector{sound_record(), other});
  EXPECT_THAT(text, StartsWith("id,run,time,version"));
  EXPECT_THAT(text, HasSubstr("time.eval (ms),time.eval low,time.eval high"));
  EXPECT_THAT(text, HasSubstr("400.5,399,402"));
  EXPECT_THAT(text, HasSubstr("\"a, \"\"b\"\"\nc\""));
  EXPECT_THAT(text, HasSubstr("\"conv_chain:channels=512,height=64"));
}

}  // namespace
}  // namespace anebench::report
