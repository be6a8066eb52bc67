#include "anebench/experiments/confusion.h"

#include <gtest/gtest.h>

#include "anebench/device/device.h"
#include "anebench/experiments/ladder.h"
#include "anebench/programs/catalogue.h"

namespace anebench::experiments {
namespace {

// Each is a ladder of simulated measurements; sanitized builds are not optimized.
#if defined(__OPTIMIZE__)
constexpr std::size_t kRunsToCompare = 25;
#else
constexpr std::size_t kRunsToCompare = 2;
#endif

ConfusionOptions few_runs() { return {.runs = 3, .ladder = LadderSize::shortened}; }

// Evaluation time of a chain on the simulated device, without noise.
double chain_ns(device::Mechanism mechanism, const LadderRung& rung, std::string_view precision) {
  const auto device = device::open_simulated({.mechanism = mechanism});
  const auto benchmark =
      programs::build(ladder_spec(rung, 8, precision), programs::Content::structure);
  EXPECT_TRUE(benchmark) << benchmark.error().to_string();
  auto executable = device->compile(benchmark->program, benchmark->weights, {});
  EXPECT_TRUE(executable) << executable.error().to_string();
  EXPECT_TRUE((*executable)->load());
  auto request = (*executable)->create_request();
  const auto start = device->clock().now_ns();
  EXPECT_TRUE((*executable)->evaluate(**request));
  return static_cast<double>(device->clock().now_ns() - start);
}

double gain(device::Mechanism mechanism, const LadderRung& rung, std::string_view precision) {
  const double floor = device::SimulatedOptions{}.floor_ns;
  return (chain_ns(mechanism, rung, "fp16") - floor) /
         (chain_ns(mechanism, rung, precision) - floor);
}

constexpr LadderRung kWeights = {512, 1};
constexpr LadderRung kActivations = {256, 4096};
constexpr LadderRung kCompute = {2048, 1024};

TEST(SimulatedDevice, IsNeverListedAndSaysWhatItIs) {
  for (const auto& listing : device::list_devices()) EXPECT_NE(listing.name, "simulated");
  EXPECT_FALSE(device::open("simulated"));
  EXPECT_EQ(device::open_simulated()->info().origin, Origin::simulated);
}

TEST(SimulatedDevice, EachMechanismGainsWhereItShould) {
  using device::Mechanism;
  for (const LadderRung& rung : {kWeights, kActivations, kCompute}) {
    EXPECT_DOUBLE_EQ(gain(Mechanism::none, rung, "w8a8"), 1);
  }
  EXPECT_NEAR(gain(Mechanism::storage, kWeights, "w8a8"), 2, 0.02);
  EXPECT_NEAR(gain(Mechanism::storage, kActivations, "w8a8"), 1, 0.01);
  EXPECT_NEAR(gain(Mechanism::storage, kCompute, "w8a8"), 1, 0.01);
  EXPECT_NEAR(gain(Mechanism::activations, kWeights, "w8a8"), 1, 0.01);
  EXPECT_GT(gain(Mechanism::activations, kActivations, "w8a8"), 1.4);
  EXPECT_NEAR(gain(Mechanism::activations, kCompute, "w8a8"), 1, 0.01);
  EXPECT_NEAR(gain(Mechanism::native, kWeights, "w8a8"), 2, 0.02);
  EXPECT_NEAR(gain(Mechanism::native, kCompute, "w8a8"), 2, 0.02);
}

TEST(SimulatedDevice, WeightsAloneNeverRaiseTheArithmeticRate) {
  EXPECT_NEAR(gain(device::Mechanism::native, kCompute, "w8"), 1, 0.01);
  EXPECT_NEAR(gain(device::Mechanism::native, kWeights, "w8"), 2, 0.02);
}

TEST(Confusion, IsTheSameWhateverTheNumberOfThreads) {
  ThreadPool one(1);
  ThreadPool three(3);
  ConfusionOptions options = few_runs();
  options.runs = kRunsToCompare;
  options.plan.precision = 0.2;
  const auto a = confusion_matrix(options, one, {});
  const auto b = confusion_matrix(options, three, {});
  ASSERT_TRUE(a) << a.error().to_string();
  ASSERT_TRUE(b) << b.error().to_string();
  ASSERT_EQ(a->size(), 24u);
  for (std::size_t i = 0; i < a->size(); ++i) {
    EXPECT_EQ((*a)[i].labels, (*b)[i].labels);
    EXPECT_EQ((*a)[i].runs, options.runs);
  }
}

TEST(Confusion, EndsWhenCancelled) {
  ThreadPool pool(2);
  const std::atomic<bool> cancelled = true;
  const auto cells = confusion_matrix(few_runs(), pool, {}, &cancelled);
  ASSERT_FALSE(cells);
  EXPECT_EQ(cells.error().code(), ErrorCode::timeout);
}

TEST(Confusion, ACellFailsByOneFalseNativeOrTooFewRight) {
  ConfusionCell cell{.runs = 100, .right = 99};
  EXPECT_TRUE(failure_of(cell).empty());
  cell.right = 98;
  EXPECT_FALSE(failure_of(cell).empty());
  cell.right = 99;
  cell.false_native = 1;
  EXPECT_FALSE(failure_of(cell).empty());
  EXPECT_FALSE(passes({}));
}

}  // namespace
}  // namespace anebench::experiments
