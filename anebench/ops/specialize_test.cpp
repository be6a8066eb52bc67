#include "anebench/ops/specialize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "anebench/mil/text_parser.h"
#include "anebench/ops/countdown_for_tests.h"
#include "anebench/ops/evaluation.h"
#include "anebench/ops/op_tester.h"
#include "anebench/ops/verifier.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Dim;
using mil::Type;
using testing::ElementsAre;
using testing::HasSubstr;

// Two rows of x, of as many columns as it has, and their positions: shapes computed from shapes.
constexpr std::string_view kShapes = R"(program(1.3) {
  func main<ios17>(tensor<fp32, [2, 3, ?]> x) {
    tensor<int32, [3]> s = shape(x = x);
    int32 n = gather(x = s, indices = int32(2), axis = int32(0), batch_dims = int32(0), validate_indices = bool(false));
    tensor<int32, [1]> n1 = expand_dims(x = n, axes = tensor<int32, [1]>([0]));
    tensor<int32, [2]> to = concat(values = (tensor<int32, [1]>([6]), n1), axis = int32(0), interleave = bool(false));
    tensor<fp32, [?, ?]> y = reshape(x = x, shape = to);
    tensor<int32, [?]> at = range_1d(start = int32(0), end = n, step = int32(1));
    tensor<fp32, [?, ?]> z = fill(shape = to, value = fp32(0.5));
    tensor<fp32, [?, ?]> sum = add(x = y, y = z);
  } -> (sum, at);
})";

mil::Program parsed(std::string_view text) {
  auto program = mil::parse_text(text);
  EXPECT_TRUE(program) << program.error().to_string();
  return program ? *std::move(program) : mil::Program();
}

Type fp32_of(mil::Shape shape) { return Type::tensor(DataType::fp32, std::move(shape)); }

Result<mil::Function> specialized(std::string_view text, const std::vector<Type>& inputs) {
  return specialize(*parsed(text).main(), inputs, nullptr);
}

const mil::Operation* find_result(const mil::Function& function, std::string_view name) {
  const auto found = std::ranges::find_if(
      function.body.operations,
      [&](const mil::Operation& operation) { return operation.outputs.front().name == name; });
  return found == function.body.operations.end() ? nullptr : &*found;
}

std::string result_type(const mil::Function& function, std::string_view name) {
  const mil::Operation* operation = find_result(function, name);
  return operation == nullptr ? "" : to_string(operation->outputs.front().type);
}

std::vector<RuntimeValue> outputs_of(const mil::Function& function, const RuntimeValue& x) {
  const mil::NoBlobs no_blobs;
  const auto plan = FunctionPlan::create(function);
  EXPECT_TRUE(plan);
  const auto outputs = evaluate(*plan, no_blobs, {{x}});
  EXPECT_TRUE(outputs) << outputs.error().to_string();
  return outputs.value_or(std::vector<RuntimeValue>());
}

TEST(Specialize, ClosesWhatFollowsFromTheInputs) {
  const auto closed = specialized(kShapes, {fp32_of({2, 3, 5})});
  ASSERT_TRUE(closed) << closed.error().to_string();
  EXPECT_EQ(find_open(*closed), nullptr);
  EXPECT_EQ(closed->inputs[0].type, fp32_of({2, 3, 5}));
  EXPECT_EQ(result_type(*closed, "y"), "tensor<fp32, [6, 5]>");
  EXPECT_EQ(result_type(*closed, "sum"), "tensor<fp32, [6, 5]>");
  EXPECT_EQ(result_type(*closed, "at"), "tensor<int32, [5]>");
}

TEST(Specialize, WhatIsComputedFromShapesBecomesConstantInItsPlace) {
  const mil::Program program = parsed(kShapes);
  const auto closed = specialized(kShapes, {fp32_of({2, 3, 5})});
  ASSERT_TRUE(closed) << closed.error().to_string();
  const auto& before = program.main()->body.operations;
  const auto& after = closed->body.operations;
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].label(), before[i].label());
    const bool reads_x = after[i].label() == "y" || after[i].label() == "sum";
    EXPECT_EQ(after[i].type, reads_x ? before[i].type : "const") << after[i].label();
  }
  const mil::Value* to = find_result(*closed, "to")->find_attribute("val");
  ASSERT_NE(to, nullptr);
  EXPECT_THAT(*to->as_ints(), ElementsAre(6, 5));
}

TEST(Specialize, TheResultIsAProgramOfTheSameMeaning) {
  const mil::Program program = parsed(kShapes);
  for (const std::int64_t columns : {1, 4}) {
    const auto count = static_cast<std::size_t>(6 * columns);
    std::vector<double> numbers(count);
    for (std::size_t i = 0; i < count; ++i) numbers[i] = static_cast<double>(i) - 3;
    const Tensor x = tensor(DataType::fp32, {2, 3, columns}, numbers);
    const auto closed = specialized(kShapes, {x.type()});
    ASSERT_TRUE(closed) << closed.error().to_string();
    mil::ProgramData data;
    data.functions.push_back(*closed);
    const auto valid = require_valid(mil::Program(data));
    EXPECT_TRUE(valid) << valid.error().to_string();
    const auto expected = outputs_of(*program.main(), x);
    const auto actual = outputs_of(*closed, x);
    ASSERT_EQ(actual.size(), 2u);
    ASSERT_EQ(expected.size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(*actual[i].tensor(), *expected[i].tensor());
  }
}

TEST(Specialize, DimensionsThatDependOnValuesStayOpen) {
  const auto closed = specialized(R"(program(1.3) {
    func main<ios17>(tensor<fp32, [?]> x) {
      tensor<fp32, [?]> r = relu(x = x);
      tensor<int32, [?, 1]> at = non_zero(x = r);
      tensor<int32, [2]> s = shape(x = at);
    } -> (s);
  })",
                                  {fp32_of({4})});
  ASSERT_TRUE(closed) << closed.error().to_string();
  ASSERT_NE(find_open(*closed), nullptr);
  EXPECT_EQ(find_open(*closed)->name, "at");
  EXPECT_EQ(find_result(*closed, "s")->type, "shape");
}

TEST(Specialize, WhatStaysOpenInTheInputsStaysOpenBehindThem) {
  const auto partly = specialized(kShapes, {fp32_of({2, 3, Dim::unknown()})});
  ASSERT_TRUE(partly);
  EXPECT_EQ(*partly, *parsed(kShapes).main());
}

TEST(Specialize, OperationsThatDoNotTakeTheShapesAreLeftToTheVerifier) {
  constexpr std::string_view kTwoInputs = R"(program(1.3) {
    func main<ios17>(tensor<fp32, [?]> x, tensor<fp32, [?]> z) {
      tensor<fp32, [?]> y = add(x = x, y = z);
      tensor<fp32, [?]> w = relu(x = y);
    } -> (w);
  })";
  const auto closed = specialized(kTwoInputs, {fp32_of({2}), fp32_of({3})});
  ASSERT_TRUE(closed) << closed.error().to_string();
  EXPECT_EQ(result_type(*closed, "y"), "tensor<fp32, [?]>");
  mil::ProgramData data;
  data.functions.push_back(*closed);
  EXPECT_FALSE(require_valid(mil::Program(data)));
}

TEST(Specialize, LargeResultsAreComputedWhenTheProgramRuns) {
  constexpr std::string_view kFilled = R"(program(1.3) {
    func main<ios17>(tensor<fp32, [?]> x) {
      tensor<int32, [1]> s = shape(x = x);
      tensor<fp32, [?]> f = fill(shape = s, value = fp32(1));
      tensor<fp32, [?]> y = add(x = x, y = f);
    } -> (y);
  })";
  const auto small = specialized(kFilled, {fp32_of({1 << 18})});
  const auto large = specialized(kFilled, {fp32_of({(1 << 18) + 1})});
  ASSERT_TRUE(small && large);
  EXPECT_EQ(find_result(*small, "f")->type, "const");
  EXPECT_EQ(find_result(*large, "f")->type, "fill");
  EXPECT_EQ(find_open(*large), nullptr);
}

TEST(Specialize, FoldedResultsTogetherAreBounded) {
  std::string text =
      "program(1.3) { func main<ios17>(tensor<fp32, [?]> x) {\n"
      "tensor<int32, [1]> s = shape(x = x);\n";
  constexpr int kFills = 100;
  for (int i = 0; i < kFills; ++i) {
    text += fmt::format("tensor<fp32, [?]> f{} = fill(shape = s, value = fp32({}));\n", i, i);
  }
  text += "} -> (f0); }";
  // A mebibyte each.
  const auto closed = specialized(text, {fp32_of({1 << 18})});
  ASSERT_TRUE(closed) << closed.error().to_string();
  EXPECT_EQ(find_open(*closed), nullptr);
  const auto folded =
      std::ranges::count(closed->body.operations, std::string("const"), &mil::Operation::type);
  EXPECT_EQ(folded, 64);
}

TEST(Specialize, RandomNumbersAndNestedBlocksAreNoConstants) {
  const auto random = specialized(R"(program(1.3) {
    func main<ios17>(tensor<fp32, [?]> x) {
      tensor<int32, [1]> s = shape(x = x);
      tensor<fp32, [?]> r = random_normal(shape = s);
    } -> (r);
  })",
                                  {fp32_of({3})});
  ASSERT_TRUE(random) << random.error().to_string();
  EXPECT_EQ(find_result(*random, "r")->type, "random_normal");
  EXPECT_EQ(result_type(*random, "r"), "tensor<fp32, [3]>");
  const mil::Program loop = parsed(kCountdownText);
  std::vector<Type> types;
  for (const mil::NamedType& input : loop.main()->inputs) types.push_back(input.type);
  const auto same = specialize(*loop.main(), types, nullptr);
  ASSERT_TRUE(same);
  EXPECT_EQ(*same, *loop.main());
}

TEST(Specialize, TypesThatDoNotFitAreRefused) {
  const auto few = specialized(kShapes, {});
  ASSERT_FALSE(few);
  EXPECT_THAT(few.error().to_string(), HasSubstr("1 inputs, but 0 types"));
  const auto other = specialized(kShapes, {fp32_of({2, 4, 5})});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(other.error().to_string(), HasSubstr("'x'"));
}

TEST(Specialize, OpenMeansATensorWithAnUnknownDimension) {
  EXPECT_TRUE(is_open(fp32_of({1, Dim::unknown()})));
  EXPECT_FALSE(is_open(fp32_of({1, 2})));
  EXPECT_FALSE(is_open(Type::scalar(DataType::fp16)));
  EXPECT_FALSE(is_open(Type::list(fp32_of({Dim::unknown()}), Dim::unknown())));
}

}  // namespace
}  // namespace anebench::ops
