#include "anebench/experiments/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/experiments/collector_for_tests.h"
#include "anebench/experiments/faulty_device_for_tests.h"
#include "anebench/experiments/model_program.h"
#include "anebench/experiments/paced_device_for_tests.h"
#include "anebench/mil/text_parser.h"
#include "anebench/programs/catalogue.h"
#include "anebench/runner/run.h"

namespace anebench::experiments {
namespace {

using testing::HasSubstr;

constexpr const char* kProfiledChain = "conv_chain:channels=16,height=2,width=8,depth=3";

Settings few_samples() {
  Settings settings;
  settings.plan = measure::quick_plan();
  settings.plan.min_seconds = 0;
  settings.plan.samples = 24;
  return settings;
}

ProfileSubject subject_of(const std::string& name) {
  auto built = programs::build(name);
  EXPECT_TRUE(built) << built.error().to_string();
  return {std::make_shared<const programs::BenchmarkProgram>(std::move(*built)), name};
}

record::Record profiled(const ProfileSubject& subject,
                        const std::shared_ptr<device::Device>& device) {
  Collector collector;
  const auto cases = profile_cases(subject, device, few_samples());
  EXPECT_TRUE(cases) << cases.error().to_string();
  if (!cases) return {};
  const auto ran = runner::run_cases(*cases, {}, collector);
  EXPECT_TRUE(ran) << ran.error().to_string();
  EXPECT_EQ(collector.collected.size(), 1u);
  return collector.collected.empty() ? record::Record() : collector.collected.front();
}

std::shared_ptr<device::Device> paced_cpu(Pace pace) {
  auto cpu = device::open("cpu", {.threads = 2});
  EXPECT_TRUE(cpu) << cpu.error().to_string();
  return std::make_shared<PacedDevice>(std::move(*cpu), std::move(pace));
}

double metric(const record::Record& record, const char* tag) {
  const record::Metric* found = record.find_metric(tag);
  EXPECT_NE(found, nullptr) << tag;
  return found == nullptr ? 0 : found->value;
}

TEST(Profile, StepsAndResidualAddUpToTheWhole) {
  const auto record =
      profiled(subject_of(kProfiledChain),
               paced_cpu({.call_ns = 50000, .observer_ns = 7000, .step_ns = [](std::size_t i) {
                            return 100000 * static_cast<int>(i + 1);
                          }}));
  ASSERT_EQ(record.outcome.state, record::State::ok) << record.outcome.message;
  ASSERT_TRUE(record.profile);
  double sum = 0;
  for (std::size_t i = 0; i < record.profile->steps.size(); ++i) {
    EXPECT_DOUBLE_EQ(record.profile->steps[i].time_ms, 0.1 * static_cast<double>(i + 1));
    sum += record.profile->steps[i].time_ms;
  }
  EXPECT_DOUBLE_EQ(metric(record, "time.steps"), sum);
  EXPECT_NEAR(metric(record, "time.residual"), 0.05, 1e-12);
  EXPECT_NEAR(metric(record, "time.eval"), sum + 0.05, 1e-12) << "without an observer";
  EXPECT_NEAR(metric(record, "share.residual"), 0.05 / (sum + 0.05), 1e-12);
  EXPECT_NEAR(metric(record, "share.observer"), 0.007 / (sum + 0.05), 1e-9);
}

TEST(Profile, SaysWhatWasReadAndCountsItsOperations) {
  ProfileSubject subject = subject_of(kProfiledChain);
  subject.model = "a model";
  const auto record = profiled(subject, paced_cpu({.call_ns = 50000}));
  ASSERT_TRUE(record.profile);
  EXPECT_EQ(record.profile->model, "a model");
  std::size_t constants = 0;
  const auto& operations = subject.program->program.main()->body.operations;
  for (const mil::Operation& operation : operations) {
    constants += operation.type == "const" || operation.type.starts_with("constexpr_") ? 1 : 0;
  }
  EXPECT_EQ(record.profile->constant_count, constants);
  EXPECT_EQ(record.profile->operation_count, operations.size() - constants);
  const auto first = std::ranges::find_if(
      record.profile->steps, [](const auto& step) { return !step.operations.empty(); });
  ASSERT_NE(first, record.profile->steps.end());
  EXPECT_EQ(first->input, "fp16 [1, 16, 2, 8]");
}

TEST(Profile, TheShownEvaluationHasItsStepsOneAfterAnother) {
  const auto record =
      profiled(subject_of(kProfiledChain),
               paced_cpu({.call_ns = 50000, .step_ns = [](std::size_t) { return 100000; }}));
  ASSERT_TRUE(record.profile);
  double end_ms = 0.05;
  for (const record::ProfileStep& step : record.profile->steps) {
    EXPECT_NEAR(step.start_ms, end_ms, 1e-12);
    end_ms = step.end_ms;
  }
  EXPECT_NEAR(record.profile->shown_ms, end_ms, 1e-12);
}

TEST(Profile, ADeviceThatTellsNoStepsLeavesItAllToTheResidual) {
  const auto record =
      profiled(subject_of(kProfiledChain), paced_cpu({.call_ns = 50000, .tells_steps = false}));
  ASSERT_EQ(record.outcome.state, record::State::ok) << record.outcome.message;
  ASSERT_TRUE(record.profile);
  EXPECT_TRUE(record.profile->steps.empty());
  EXPECT_DOUBLE_EQ(metric(record, "share.residual"), 1);
}

TEST(Profile, OutputsAreCheckedBeforeTimesCount) {
  const auto record = profiled(subject_of(std::string(kProfiledChain) + ",precision=w8a8"),
                               paced_cpu({.call_ns = 50000}));
  ASSERT_TRUE(record.check);
  EXPECT_EQ(record.check->result, "passed") << record.check->reason;
  EXPECT_TRUE(record.check->bit_identical);
  EXPECT_EQ(record.variant, "w8a8");
}

TEST(Profile, ADeviceThatRefusesTheProgramIsAFinding) {
  const auto record =
      profiled(subject_of(kProfiledChain), open_faulty_cpu({.failing_compiles = {0}}));
  EXPECT_EQ(record.outcome.state, record::State::unsupported);
  EXPECT_EQ(record.outcome.stage, "compile");
  EXPECT_FALSE(record.profile);
}

TEST(Profile, ALostEvaluationIsAFailure) {
  // The check takes the first.
  std::set<std::size_t> all;
  for (std::size_t i = 3; i < 1000; ++i) all.insert(i);
  const auto record =
      profiled(subject_of(kProfiledChain), open_faulty_cpu({.failing_evaluations = all}));
  EXPECT_EQ(record.outcome.state, record::State::failed);
  EXPECT_THAT(record.outcome.message, HasSubstr("the evaluation was lost"));
}

TEST(Profile, TheCaseCanBeRepeated) {
  const auto cases = profile_cases(subject_of(kProfiledChain), paced_cpu({}), few_samples());
  ASSERT_TRUE(cases);
  EXPECT_THAT(cases->front().planned.front().repro,
              HasSubstr(std::string("anebench profile ") + kProfiledChain));
}

mil::Program parsed(const char* text) {
  auto program = mil::parse_text(text);
  EXPECT_TRUE(program) << program.error().to_string();
  return std::move(*program);
}

constexpr const char* kTwoInputs = R"(program(1.3)
{
  func main<ios18>(tensor<fp32, [2, 3]> x, tensor<int32, [2, 3]> k) {
    tensor<fp32, [2, 3]> k_fp32 = cast(x = k, dtype = string("fp32"));
    tensor<fp32, [2, 3]> y = add(x = x, y = k_fp32);
  } -> (y);
})";

TEST(Profile, AnyModelRunsOnRandomInputs) {
  auto program =
      model_program("two.mil", parsed(kTwoInputs),
                    std::make_shared<weights::WeightFiles>(weights::ReadMode::strict), 7);
  ASSERT_TRUE(program) << program.error().to_string();
  ASSERT_EQ(program->inputs.size(), 2u);
  EXPECT_EQ(program->io_bytes, 3 * 6 * 4);
  const auto record = profiled(
      {std::make_shared<const programs::BenchmarkProgram>(std::move(*program)), "dir/two.mil"},
      paced_cpu({.call_ns = 50000}));
  EXPECT_EQ(record.outcome.state, record::State::ok) << record.outcome.message;
  EXPECT_EQ(record.program.name, "two.mil");
  ASSERT_TRUE(record.check);
  EXPECT_EQ(record.check->result, "passed") << record.check->reason;
}

// Of default shape [1, 5].
constexpr const char* kFlexible = R"(program(1.3)
{
  func main<ios18>(tensor<fp32, [1, ?]> x) [FlexibleShapeInformation = tuple<tuple<string, dict<string, tensor<int32, [?]>>>, tuple<string, dict<string, list<tensor<int32, [2]>, ?>>>>((("DefaultShapes", {{"x", [1, 5]}}), ("RangeDims", {{"x", [[1, 1], [1, 100]]}})))] {
    tensor<int32, [2]> s = shape(x = x);
    tensor<fp32, [1, ?]> r = mul(x = x, y = x);
    tensor<fp32, [?, ?]> y = reshape(x = r, shape = s);
  } -> (y);
})";

TEST(Profile, StepsOfOpenDimensionsAreThoseOfTheInputs) {
  auto program =
      model_program("flexible.mil", parsed(kFlexible), std::make_shared<weights::WeightFiles>(), 1);
  ASSERT_TRUE(program) << program.error().to_string();
  const auto record = profiled(
      {std::make_shared<const programs::BenchmarkProgram>(std::move(*program)), "flexible.mil"},
      paced_cpu({.call_ns = 50000, .step_ns = [](std::size_t) { return 100000; }}));
  ASSERT_EQ(record.outcome.state, record::State::ok) << record.outcome.message;
  ASSERT_TRUE(record.profile);
  EXPECT_EQ(record.profile->operation_count, 2u);
  EXPECT_EQ(record.profile->constant_count, 1u) << "the shape";
  const auto product = std::ranges::find_if(
      record.profile->steps, [](const auto& step) { return step.type.starts_with("mul"); });
  ASSERT_NE(product, record.profile->steps.end());
  EXPECT_EQ(product->fallback_reason, "");
  EXPECT_EQ(product->input, "fp32 [1, 5]");
  EXPECT_EQ(product->arithmetic, 5);
  EXPECT_NEAR(product->time_ms, 0.1, 1e-12);
}

TEST(ModelProgram, AnInputOfUnknownSizeGetsTheModelsDefaultShape) {
  const auto weights = std::make_shared<weights::WeightFiles>(weights::ReadMode::strict);
  const auto program = model_program("flexible.mil", parsed(kFlexible), weights, 1);
  ASSERT_TRUE(program) << program.error().to_string();
  EXPECT_EQ(program->inputs.front().type(), mil::Type::tensor(mil::DataType::fp32, {1, 5}));
  EXPECT_EQ(program->operations, 5);
  EXPECT_EQ(program->io_bytes, 2 * 5 * 4);
}

TEST(ModelProgram, AnInputWithoutAnySizeIsNamed) {
  constexpr const char* kUnsized = R"(program(1.3)
{
  func main<ios18>(tensor<fp32, [1, ?]> x) {
    tensor<fp32, [1, ?]> y = relu(x = x);
  } -> (y);
})";
  const auto weights = std::make_shared<weights::WeightFiles>(weights::ReadMode::strict);
  const auto program = model_program("unsized.mil", parsed(kUnsized), weights, 1);
  ASSERT_FALSE(program);
  EXPECT_THAT(program.error().to_string(), HasSubstr("input 'x'"));
}

}  // namespace
}  // namespace anebench::experiments
