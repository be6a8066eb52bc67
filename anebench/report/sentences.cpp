#include "anebench/report/sentences.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "anebench/experiments/case_record.h"
#include "anebench/measure/validity.h"
#include "anebench/report/figures.h"
#include "anebench/report/text_width.h"

namespace anebench::report {
namespace {

constexpr std::size_t kLongestMessage = 200;
constexpr std::size_t kNamedRows = 4;

std::string row_name(const record::Record& record) {
  return configuration_name(record.program) + " " + record.variant;
}

// "a, b, c, d and 3 more".
std::string enumerated(const std::vector<std::string>& rows) {
  std::string text;
  for (std::size_t i = 0; i < std::min(rows.size(), kNamedRows); ++i) {
    text += (i == 0 ? "" : ", ") + rows[i];
  }
  if (rows.size() > kNamedRows) text += fmt::format(" and {} more", rows.size() - kNamedRows);
  return text;
}

// In the order of their first appearance.
template <typename Get>
std::vector<std::string> distinct(std::span<const record::Record> records, Get&& get) {
  std::vector<std::string> result;
  for (const record::Record& record : records) {
    for (const std::string& item : get(record)) {
      if (std::find(result.begin(), result.end(), item) == result.end()) result.push_back(item);
    }
  }
  return result;
}

Paragraph summarize_checks(std::span<const record::Record> records, const std::string& variant) {
  std::int64_t compared = 0;
  std::int64_t least_distinct = std::numeric_limits<std::int64_t>::max();
  double lowest_snr = std::numeric_limits<double>::infinity();
  bool all_equal = true;
  std::size_t failed = 0;
  std::size_t passed = 0;
  std::string unchecked;
  for (const record::Record& record : records) {
    if (record.variant != variant || !record.check) continue;
    const record::Check& check = *record.check;
    if (check.result == "failed") {
      ++failed;
    } else if (check.result == "passed") {
      ++passed;
      compared += check.compared_values;
      least_distinct = std::min(least_distinct, check.distinct_values);
      all_equal = all_equal && check.bit_identical;
      if (check.snr_db) lowest_snr = std::min(lowest_snr, *check.snr_db);
    } else if (unchecked.empty()) {
      unchecked = fmt::format("{}: {}", check.result, check.reason);
    }
  }
  if (failed > 0) {
    return {
        fmt::format("{}: {} of {} configurations gave a wrong result; their times do not count.",
                    variant, failed, failed + passed),
        Style::bad};
  }
  if (passed == 0) {
    if (unchecked.empty()) return {};
    return {fmt::format("{}: not checked ({}).", variant, unchecked), Style::warning};
  }
  if (all_equal) {
    return {
        fmt::format("{}: every compared value equal to the reference: {} values, at least {} "
                    "distinct ones in each output.",
                    variant, compared, least_distinct)};
  }
  std::string text = fmt::format("{}: {} values compared with the reference, all within bounds",
                                 variant, compared);
  if (lowest_snr < std::numeric_limits<double>::infinity()) {
    text += fmt::format("; full chains at {:.1f} dB or better", lowest_snr);
  }
  return {text + "."};
}

}  // namespace

std::string explanation_of(std::string_view code) {
  if (const auto known = measure::parse_validity(code))
    return std::string(measure::explanation(*known));
  return fmt::format("The record carries \"{}\", which this version does not know.", code);
}

std::vector<Paragraph> warnings(std::span<const record::Record> records) {
  std::vector<Paragraph> result;
  const auto codes =
      distinct(records, [](const record::Record& record) { return record.outcome.validity; });
  for (const std::string& code : codes) {
    std::vector<std::string> rows;
    for (const record::Record& record : records) {
      const auto& own = record.outcome.validity;
      if (std::find(own.begin(), own.end(), code) != own.end()) rows.push_back(row_name(record));
    }
    const bool is_mistrust = measure::is_mistrust_code(code);
    result.push_back({fmt::format("{} {} ({}). {}",
                                  mark_of(is_mistrust ? Trust::mistrusted : Trust::approximate),
                                  code, enumerated(rows), explanation_of(code)),
                      is_mistrust ? Style::warning : Style::plain});
  }
  return result;
}

std::vector<Paragraph> refusals(std::span<const record::Record> records) {
  std::vector<Paragraph> result;
  for (const record::Record& record : records) {
    const record::Outcome& outcome = record.outcome;
    if (outcome.state == record::State::ok) continue;
    const bool is_finding =
        outcome.state == record::State::unsupported || outcome.stage == experiments::kLeftOutStage;
    result.push_back({fmt::format("{}: {} at {}: {}", row_name(record), to_string(outcome.state),
                                  outcome.stage, cut_to_width(outcome.message, kLongestMessage)),
                      is_finding ? Style::warning : Style::bad});
  }
  return result;
}

std::vector<Paragraph> check_summary(std::span<const record::Record> records) {
  std::vector<Paragraph> result;
  const auto variants =
      distinct(records, [](const record::Record& record) { return std::vector{record.variant}; });
  for (const std::string& variant : variants) {
    Paragraph paragraph = summarize_checks(records, variant);
    if (!paragraph.text.empty()) result.push_back(std::move(paragraph));
  }
  return result;
}

}  // namespace anebench::report
