#include "anebench/ops/evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/ops/countdown_for_tests.h"
#include "anebench/ops/op_tester.h"
#include "anebench/ops/program_runner_for_tests.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using testing::ElementsAre;
using testing::HasSubstr;

RuntimeValue int32_value(double value) { return tensor(DataType::int32, {}, {value}); }
RuntimeValue bool_value(bool value) { return tensor(DataType::boolean, {}, {value ? 1.0 : 0.0}); }

std::vector<double> numbers(const RuntimeValue& value) {
  return value.tensor() == nullptr ? std::vector<double>() : value.tensor()->to_doubles();
}

TEST(Evaluation, LoopsUntilTheConditionFails) {
  const auto outputs = run_text(kCountdownText, {int32_value(4), int32_value(100)});
  ASSERT_TRUE(outputs) << outputs.error().to_string();
  EXPECT_THAT(numbers((*outputs)[0]), ElementsAre(0));
  EXPECT_THAT(numbers((*outputs)[1]), ElementsAre(110));
}

TEST(Evaluation, ALoopThatNeverBeginsPassesItsVariablesOn) {
  const auto outputs = run_text(kCountdownText, {int32_value(0), int32_value(7)});
  ASSERT_TRUE(outputs) << outputs.error().to_string();
  EXPECT_THAT(numbers((*outputs)[1]), ElementsAre(7));
}

TEST(Evaluation, EndlessLoopsEndAtTheLimit) {
  EvaluationOptions options;
  options.max_iterations = 1000;
  const auto outputs = run_text(kCountdownText, {int32_value(-1), int32_value(0)}, options);
  ASSERT_FALSE(outputs);
  EXPECT_EQ(outputs.error().code(), ErrorCode::resource_exhausted);
  EXPECT_THAT(outputs.error().to_string(), HasSubstr("1000 iterations"));
  EXPECT_THAT(outputs.error().to_string(), HasSubstr("while_loop"));
}

TEST(Evaluation, TheIterationLimitIsThatOfAllLoopsTogether) {
  EvaluationOptions options;
  options.max_iterations = 4;
  EXPECT_TRUE(run_text(kCountdownText, {int32_value(4), int32_value(0)}, options));
  options.max_iterations = 3;
  EXPECT_FALSE(run_text(kCountdownText, {int32_value(4), int32_value(0)}, options));
}

TEST(Evaluation, ALoopThatGrowsForEverEndsAtTheMemoryLimit) {
  constexpr std::string_view kGrowing = R"(program(1.3) {
    func main<ios17>(int32 n, tensor<fp16, [100]> x) {
      list<tensor<fp16, [100]>, 0> empty = make_list(init_length = int32(0), elem_shape = (int32(100)), dtype = string("fp16"));
      int32 left, list<tensor<fp16, [100]>, ?> all = while_loop(loop_vars = (n, empty))
        block(int32 i, list<tensor<fp16, [100]>, ?> some) {
          bool goes_on = cast(x = i, dtype = string("bool"));
        } -> (goes_on)
        block(int32 i, list<tensor<fp16, [100]>, ?> some) {
          int32 next = add(x = i, y = int32(1));
          list<tensor<fp16, [100]>, ?> more = list_write(ls = some, index = i, value = x);
        } -> (next, more);
      int32 length = list_length(ls = all);
    } -> (length);
  })";
  EvaluationOptions options;
  options.max_bytes = 200'000;
  const Tensor x = tensor(DataType::fp16, {100}, std::vector<double>(100, 1));
  const auto outputs = run_text(kGrowing, {int32_value(1), x}, options);
  ASSERT_FALSE(outputs);
  EXPECT_EQ(outputs.error().code(), ErrorCode::resource_exhausted);
  EXPECT_THAT(outputs.error().to_string(), HasSubstr("200000"));
}

constexpr std::string_view kChoice = R"(program(1.3) {
  func main<ios17>(bool p, tensor<fp32, [2]> x) {
    fp32 two = const()[val = fp32(2)];
    tensor<fp32, [2]> y = cond(pred = p)
      block() {
        tensor<fp32, [2]> twice = mul(x = x, y = two);
      } -> (twice)
      block() {
        fp32 two = const()[val = fp32(-2)];
        tensor<fp32, [2]> negated = mul(x = x, y = two);
      } -> (negated);
  } -> (y);
})";

TEST(Evaluation, BlocksSeeEnclosingNamesAndMayHideThem) {
  const RuntimeValue x = tensor(DataType::fp32, {2}, {1, 3});
  const auto if_true = run_text(kChoice, {bool_value(true), x});
  ASSERT_TRUE(if_true) << if_true.error().to_string();
  EXPECT_THAT(numbers(if_true->front()), ElementsAre(2, 6));
  const auto if_false = run_text(kChoice, {bool_value(false), x});
  ASSERT_TRUE(if_false) << if_false.error().to_string();
  EXPECT_THAT(numbers(if_false->front()), ElementsAre(-2, -6));
}

TEST(Evaluation, StatesKeepTheirContentBetweenRuns) {
  constexpr std::string_view kAccumulate = R"(program(1.3) {
    func main<ios18>(state<tensor<fp16, [2]>> sum, tensor<fp16, [2]> x) {
      tensor<fp16, [2]> old = read_state(input = sum);
      tensor<fp16, [2]> now = add(x = old, y = x);
      write_state(data = now, input = sum);
      tensor<fp16, [2]> back = read_state(input = sum);
    } -> (old, back);
  })";
  const StateHandle state = StateHandle::create(mil::Type::tensor(DataType::fp16, {2})).value();
  const RuntimeValue x = fp16({2}, {1, 10});
  ASSERT_TRUE(run_text(kAccumulate, {state, x}));
  const auto second = run_text(kAccumulate, {state, x});
  ASSERT_TRUE(second) << second.error().to_string();
  EXPECT_THAT(numbers((*second)[0]), ElementsAre(1, 10));
  EXPECT_THAT(numbers((*second)[1]), ElementsAre(2, 20));
}

TEST(Evaluation, UnknownDimensionsBecomeThoseOfTheInputs) {
  constexpr std::string_view kAnySize = R"(program(1.3) {
    func main<ios17>(tensor<fp32, [?, 2]> x) {
      tensor<fp32, [?, 2]> y = add(x = x, y = x);
    } -> (y);
  })";
  const auto outputs = run_text(kAnySize, {tensor(DataType::fp32, {3, 2}, {1, 2, 3, 4, 5, 6})});
  ASSERT_TRUE(outputs) << outputs.error().to_string();
  EXPECT_EQ(outputs->front().type(), mil::Type::tensor(DataType::fp32, {3, 2}));
  const auto refused = run_text(kAnySize, {tensor(DataType::fp32, {1, 3}, {1, 2, 3})});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("'x'"));
}

TEST(Evaluation, ConstantsOfNestedBlocksAreEvaluatedAtLoad) {
  constexpr std::string_view kNested = R"(program(1.3) {
    func main<ios17>(bool p) {
      tensor<fp32, [2]> y = cond(pred = p)
        block() {
          tensor<fp32, [2]> w = constexpr_affine_dequantize()[axis = int32(0), quantized_data = tensor<int8, [2]>([4, 6]), scale = fp32(0.5), zero_point = int8(2)];
          tensor<fp32, [2]> z = add(x = w, y = w);
        } -> (z)
        block() {
          tensor<fp32, [2]> zeros = const()[val = tensor<fp32, [2]>([0, 0])];
        } -> (zeros);
    } -> (y);
  })";
  const auto outputs = run_text(kNested, {bool_value(true)});
  ASSERT_TRUE(outputs) << outputs.error().to_string();
  EXPECT_THAT(numbers(outputs->front()), ElementsAre(2, 4));
  const auto zeros = run_text(kNested, {bool_value(false)});
  ASSERT_TRUE(zeros) << zeros.error().to_string();
  EXPECT_THAT(numbers(zeros->front()), ElementsAre(0, 0));
}

TEST(FunctionPlan, CountsNestedBlocksToTheOperationThatCarriesThem) {
  const auto program = mil::parse_text(kChoice);
  ASSERT_TRUE(program);
  const auto plan = FunctionPlan::create(*program->main());
  ASSERT_TRUE(plan);
  // The result of cond, 8 bytes, beside the 8 bytes that live in either block.
  EXPECT_EQ(plan->peak_bytes(), 16);
  EXPECT_THAT(plan->peak_operation(), HasSubstr("cond"));
}

}  // namespace
}  // namespace anebench::ops
