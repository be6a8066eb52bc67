#include "anebench/measure/plan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace anebench::measure {
namespace {

TEST(Plan, PresetsAreValid) {
  EXPECT_TRUE(validate(default_plan()));
  EXPECT_TRUE(validate(quick_plan()));
  EXPECT_TRUE(validate(classic_plan(10, 50)));
}

TEST(Plan, QuickIsCoarserAndEndsAfterTwelveSeconds) {
  EXPECT_EQ(quick_plan().precision, 0.03);
  EXPECT_EQ(quick_plan().max_seconds, 12);
  EXPECT_EQ(default_plan().precision, 0.01);
}

TEST(Plan, ValidationNamesTheOption) {
  const auto message = [](auto change) {
    Plan plan;
    change(plan);
    const Result<void> valid = validate(plan);
    return valid ? std::string() : valid.error().to_string();
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(message([](Plan& p) { p.precision = 0; }).find("--precision"), std::string::npos);
  EXPECT_NE(message([&](Plan& p) { p.precision = nan; }).find("--precision"), std::string::npos);
  EXPECT_NE(message([](Plan& p) { p.samples = 0; }).find("--samples"), std::string::npos);
  EXPECT_NE(message([](Plan& p) { p.samples = SIZE_MAX; }).find("--samples"), std::string::npos);
  EXPECT_NE(message([](Plan& p) { p.min_samples = SIZE_MAX; }).find("--min-samples"),
            std::string::npos);
  EXPECT_NE(message([](Plan& p) { p.max_seconds = -1; }).find("--max-time"), std::string::npos);
  EXPECT_NE(message([&](Plan& p) { p.max_seconds = nan; }).find("--max-time"), std::string::npos);
  EXPECT_NE(message([](Plan& p) { p.min_seconds = 1e300; }).find("--min-time"), std::string::npos);
  EXPECT_NE(message([](Plan& p) { p.min_seconds = p.max_seconds + 1; }).find("longer"),
            std::string::npos);
  EXPECT_NE(message([](Plan& p) { p.classic_iterations = 0; }), "");
  EXPECT_NE(message([](Plan& p) { p.level = 1; }), "");
  EXPECT_NE(message([](Plan& p) { p.margin = 0; }), "");
}

TEST(Warmup, IsParsedFromAllItsForms) {
  EXPECT_EQ(parse_warmup("auto")->kind, Warmup::Kind::automatic);
  EXPECT_EQ(parse_warmup("off")->kind, Warmup::Kind::off);
  EXPECT_EQ(parse_warmup("25")->kind, Warmup::Kind::count);
  EXPECT_EQ(parse_warmup("25")->count, 25u);
  EXPECT_EQ(parse_warmup("500ms")->kind, Warmup::Kind::duration);
  EXPECT_DOUBLE_EQ(parse_warmup("500ms")->seconds, 0.5);
}

TEST(Warmup, TextRoundTrips) {
  for (const char* text : {"auto", "off", "25", "0.5s"}) {
    EXPECT_EQ(to_string(*parse_warmup(text)), text);
  }
}

TEST(Warmup, NonsenseIsRefusedWithTheForms) {
  for (const char* text : {"", "-3", "yes", "1e", "99999999999999999999"}) {
    const Result<Warmup> parsed = parse_warmup(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().message().find("--warmup"), std::string::npos);
  }
}

TEST(Protocol, IsParsedFromItsNames) {
  EXPECT_EQ(*parse_protocol("default"), Protocol::standard);
  EXPECT_EQ(*parse_protocol("classic"), Protocol::classic);
  EXPECT_FALSE(parse_protocol("Classic"));
  EXPECT_EQ(to_string(Protocol::standard), "default");
}

TEST(LeastEvaluations, CountsWarmupAndTheFirstLook) {
  EXPECT_EQ(least_evaluations(classic_plan(10, 50)), 60u);
  EXPECT_EQ(least_evaluations(default_plan()), 25u);
  Plan plan;
  plan.samples = 7;
  plan.warmup = *parse_warmup("3");
  EXPECT_EQ(least_evaluations(plan), 11u);
}

}  // namespace
}  // namespace anebench::measure
