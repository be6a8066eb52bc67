#include "anebench/report/check_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/report/terminal.h"

namespace anebench::report {
namespace {

using testing::HasSubstr;
using testing::Not;
using transform::AneRule;
using transform::LintFinding;
using transform::LintLevel;

LintFinding finding_at(AneRule rule, std::size_t index) {
  LintFinding finding;
  finding.rule = rule;
  finding.seen = "what was seen";
  finding.function = "main";
  finding.op_index = index;
  finding.op_type = "conv";
  finding.op_label = "c" + std::to_string(index);
  finding.location = {.line = 12, .column = 3};
  return finding;
}

ModelCheck clean() {
  ModelCheck check;
  check.engine.emplace();
  return check;
}

TEST(CheckReport, PassesWithoutErrors) {
  ModelCheck check = clean();
  check.engine->push_back(finding_at(AneRule::concat, 1));
  check.engine->push_back(finding_at(AneRule::binding_order, 2));
  EXPECT_TRUE(check.passed());
  EXPECT_THAT(to_terminal(check_report(check)), HasSubstr("Passed: 0 errors, 1 warning, 1 note."));
}

TEST(CheckReport, EveryKindOfErrorFails) {
  ModelCheck engine = clean();
  engine.engine->push_back(finding_at(AneRule::conv_bias, 1));
  EXPECT_FALSE(engine.passed());
  ModelCheck language = clean();
  language.verification.error_count = 1;
  EXPECT_FALSE(language.passed());
  ModelCheck weights = clean();
  weights.weight_errors.emplace_back(ErrorCode::io_error, "no file");
  EXPECT_FALSE(weights.passed());
}

TEST(CheckReport, GroupsPlacesByRuleWithReasonAdviceAndSource) {
  ModelCheck check = clean();
  for (std::size_t i = 0; i < 11; ++i) {
    check.engine->push_back(finding_at(AneRule::conv_bias, i));
  }
  const std::string text = to_terminal(check_report(check), {.width = 1000});
  const auto& limit = transform::ane_limit(AneRule::conv_bias);
  EXPECT_THAT(text, HasSubstr(std::string(limit.reason)));
  EXPECT_THAT(text, HasSubstr(std::string(limit.advice)));
  EXPECT_THAT(text, HasSubstr(std::string(limit.source)));
  EXPECT_THAT(text, HasSubstr("line 12: conv 'c0' (op 0 of main): what was seen"));
  EXPECT_THAT(text, HasSubstr("and 3 more"));
  EXPECT_THAT(text, Not(HasSubstr("'c8'")));
}

TEST(CheckReport, ErrorsComeBeforeWarnings) {
  ModelCheck check = clean();
  check.engine->push_back(finding_at(AneRule::concat, 1));
  check.engine->push_back(finding_at(AneRule::conv_bias, 2));
  const std::string text = to_terminal(check_report(check), {.width = 1000});
  EXPECT_LT(text.find("error [conv-bias]"), text.find("warning [concat]"));
}

TEST(CheckReport, LeavesTheEngineOutWhereItWasNotAsked) {
  const ModelCheck check;
  EXPECT_THAT(to_terminal(check_report(check)), Not(HasSubstr("Neural Engine")));
}

TEST(CheckJson, HasEveryFindingWithItsPlace) {
  ModelCheck check = clean();
  check.engine->push_back(finding_at(AneRule::conv_bias, 3));
  ops::Diagnostic bent;
  bent.severity = ops::Severity::bent;
  bent.rule = "type-domain";
  check.verification.diagnostics.push_back(bent);
  check.weight_warnings.push_back({.kind = weights::WarningKind::size_differs,
                                   .file = "w.bin",
                                   .offset = 64,
                                   .seen = "s",
                                   .assumed = "a"});
  const Json json = check_json("m.mil", check);
  EXPECT_EQ(json["schema"], "anebench-check/1");
  EXPECT_EQ(json["passed"], false);
  EXPECT_EQ(json["errors"], 1);
  EXPECT_EQ(json["warnings"], 2);
  ASSERT_EQ(json["findings"].size(), 3u);
  EXPECT_EQ(json["findings"][0]["about"], "language");
  EXPECT_FALSE(json["findings"][0].contains("operation"));
  EXPECT_EQ(json["findings"][1]["rule"], "size_differs");
  EXPECT_EQ(json["findings"][2]["rule"], "conv-bias");
  EXPECT_EQ(json["findings"][2]["operation"]["index"], 3);
  EXPECT_EQ(json["findings"][2]["operation"]["type"], "conv");
  EXPECT_EQ(json["findings"][2]["line"], 12);
}

}  // namespace
}  // namespace anebench::report
