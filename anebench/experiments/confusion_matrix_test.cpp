// The proof that the verdict is right: at least 99 % of the expected labels in every cell of
// mechanisms × noises, and never a false "native compute"; and that the proof can fail.
#include <gtest/gtest.h>

#include "anebench/base/thread_pool.h"
#include "anebench/experiments/confusion.h"

namespace anebench::experiments {
namespace {

// Sanitized and unoptimised builds only see that it runs.
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
constexpr std::size_t kRuns = 1000;
#else
constexpr std::size_t kRuns = 10;
#endif
constexpr std::size_t kFewRuns = 20;

std::vector<ConfusionCell> matrix(ConfusionOptions options) {
  ThreadPool pool(2);
  auto cells = confusion_matrix(options, pool, {});
  EXPECT_TRUE(cells) << cells.error().to_string();
  return cells.value_or(std::vector<ConfusionCell>{});
}

std::string failures(const std::vector<ConfusionCell>& cells) {
  std::string text;
  for (const ConfusionCell& cell : cells) {
    if (const std::string failure = failure_of(cell); !failure.empty()) text += failure + "\n";
  }
  return text;
}

TEST(ConfusionMatrix, EveryMechanismGetsItsLabelUnderEveryNoise) {
  const auto cells = matrix({.runs = kRuns, .ladder = LadderSize::shortened});
  EXPECT_TRUE(passes(cells)) << failures(cells);
}

TEST(ConfusionMatrix, HoldsOnTheFullLadder) {
  const auto cells = matrix({.runs = kFewRuns, .ladder = LadderSize::full});
  EXPECT_TRUE(passes(cells)) << failures(cells);
}

// Each with one rule broken: the same question must be answered no.
struct Mutation {
  const char* name;
  void (*apply)(ConfusionOptions& options);
};

class BrokenRule : public testing::TestWithParam<Mutation> {};

TEST_P(BrokenRule, IsNoticed) {
  ConfusionOptions options{.runs = kFewRuns, .ladder = LadderSize::shortened};
  GetParam().apply(options);
  EXPECT_FALSE(passes(matrix(options)));
}

INSTANTIATE_TEST_SUITE_P(
    ConfusionMatrix, BrokenRule,
    testing::Values(
        Mutation{"NativeFromParityOn", [](ConfusionOptions& o) { o.rules.native = 0.95; }},
        Mutation{"NativeBeyondReach", [](ConfusionOptions& o) { o.rules.native = 2.5; }},
        Mutation{"GainBeyondReach", [](ConfusionOptions& o) { o.rules.gain = 3; }},
        Mutation{"RisingRatesCountAsSteady",
                 [](ConfusionOptions& o) { o.rules.steady_rate_rise = 3; }},
        Mutation{"NothingIsWeightBound",
                 [](ConfusionOptions& o) { o.rules.weight_bound_growth = 0.5; }},
        Mutation{"SteepGrowthIsWeightBound",
                 [](ConfusionOptions& o) { o.rules.weight_bound_growth = 3; }},
        Mutation{"AlmostAllIsDispatch",
                 [](ConfusionOptions& o) { o.rules.dispatch_floors = 1000; }}),
    [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace anebench::experiments
