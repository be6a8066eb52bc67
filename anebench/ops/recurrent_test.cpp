// Golden values: the layers' formulas in numpy, double precision.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Dim;
using mil::Opset;
using mil::Type;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pointwise;

MATCHER_P(NearTo, tolerance, "") {
  return std::abs(std::get<0>(arg) - std::get<1>(arg)) <= tolerance;
}
auto close_to(const std::vector<double>& values) { return Pointwise(NearTo(1e-6), values); }

Tensor fp32(std::vector<std::int64_t> dims, std::vector<double> values) {
  return tensor(DataType::fp32, std::move(dims), std::move(values));
}

// Three steps of two inputs, one hidden value; the weights' rows are the gates.
const std::vector<double> kInput = {0.5, -0.25, 1, 0.5, -0.5, 1, 0.25, 0.75};
const std::vector<double> kHidden = {0.5, -1, 0.25, 1};
const std::vector<double> kBias = {0.1, 0.2, -0.1, 0};

OpTester layer(const char* type, std::int64_t gates, std::size_t outputs,
               Opset opset = Opset::ios18) {
  OpTester op(type, opset, outputs);
  const auto rows = static_cast<std::ptrdiff_t>(gates);
  op.input("x", fp32({3, 1, 2}, {1, -1, 0.5, 2, -1, 0.25}));
  op.input("initial_h", fp32({1, 1}, {0.5}));
  op.literal("weight_ih", fp32({gates, 2}, {kInput.begin(), kInput.begin() + 2 * rows}));
  op.literal("weight_hh", fp32({gates, 1}, {kHidden.begin(), kHidden.begin() + rows}));
  op.literal("bias", fp32({gates}, {kBias.begin(), kBias.begin() + rows}));
  return op;
}

OpTester lstm() {
  OpTester op = layer("lstm", 4, 3);
  op.input("initial_c", fp32({1, 1}, {-0.5}));
  return op;
}

std::vector<std::vector<double>> outputs_of(const OpTester& op) {
  const auto outputs = op.evaluate();
  EXPECT_TRUE(outputs) << outputs.error().to_string();
  std::vector<std::vector<double>> result;
  if (outputs) {
    for (const Tensor& output : *outputs) result.push_back(output.to_doubles());
  }
  return result;
}

mil::Value yes() { return mil::Value::boolean(true); }

TEST(Lstm, FollowsItsFormula) {
  OpTester op = lstm();
  op.literal("output_sequence", yes());
  const auto outputs = outputs_of(op);
  ASSERT_EQ(outputs.size(), 3u);
  EXPECT_THAT(outputs[0], close_to({-0.0499334139, 0.1528589253, 0.0614686741}));
  EXPECT_THAT(outputs[1], close_to({0.0614686741}));
  EXPECT_THAT(outputs[2], close_to({0.0926189120}));
}

TEST(Lstm, GivesTheLastStepAloneUnlessAskedForTheSequence) {
  const auto outputs = outputs_of(lstm());
  EXPECT_THAT(outputs[0], close_to({0.0614686741}));
}

TEST(Lstm, ReverseReadsBackwardsAndGivesItsOutputsInTheOrderOfReading) {
  OpTester op = lstm();
  op.literal("output_sequence", yes()).literal("direction", string("reverse"));
  const auto outputs = outputs_of(op);
  EXPECT_THAT(outputs[0], close_to({0.0451359804, 0.3827806340, 0.0355662381}));
  EXPECT_THAT(outputs[2], close_to({0.1982061204}));
}

TEST(Lstm, PeepholesLookAtTheCellAndTheClipBoundsIt) {
  OpTester op = lstm();
  op.literal("output_sequence", yes());
  op.literal("peephole", fp32({3}, {0.5, -0.5, 1})).literal("clip", fp32({}, {0.25}));
  const auto outputs = outputs_of(op);
  EXPECT_THAT(outputs[0], close_to({-0.0370386213, 0.1502891735, 0.0599718545}));
  EXPECT_THAT(outputs[2], close_to({0.0878154409}));
}

TEST(Lstm, BothDirectionsStandBesideEachOtherInTheOrderOfTheSequence) {
  OpTester op("lstm", Opset::ios18, 3);
  op.input("x", fp32({3, 1, 2}, {1, -1, 0.5, 2, -1, 0.25}));
  op.input("initial_h", fp32({1, 2}, {0.5, 0.5})).input("initial_c", fp32({1, 2}, {-0.5, -0.5}));
  for (const std::string suffix : {"", "_back"}) {
    op.literal("weight_ih" + suffix, fp32({4, 2}, kInput));
    op.literal("weight_hh" + suffix, fp32({4, 1}, kHidden));
    op.literal("bias" + suffix, fp32({4}, kBias));
  }
  op.literal("output_sequence", yes()).literal("direction", string("bidirectional"));
  const auto outputs = outputs_of(op);
  EXPECT_THAT(outputs[0], close_to({-0.0499334139, 0.0355662381, 0.1528589253, 0.3827806340,
                                    0.0614686741, 0.0451359804}));
  EXPECT_THAT(outputs[1], close_to({0.0614686741, 0.0355662381}));
}

TEST(Gru, MultipliesTheResetGateIntoTheHiddenState) {
  OpTester op = layer("gru", 3, 2);
  op.literal("output_sequence", yes());
  EXPECT_THAT(outputs_of(op)[0], close_to({0.3485518151, 0.4324864956, 0.0715774424}));
}

TEST(Gru, OrIntoTheProductSinceIos18) {
  OpTester op = layer("gru", 3, 2);
  op.literal("output_sequence", yes()).literal("reset_after", yes());
  op.literal("input_bias", fp32({3}, {0.1, 0.2, 0.3}));
  EXPECT_THAT(outputs_of(op)[0], close_to({0.4524371259, 0.5046802881, 0.2048949825}));
  OpTester older = layer("gru", 3, 2, Opset::ios17);
  older.literal("reset_after", yes());
  EXPECT_THAT(older.rules(), ElementsAre("unknown-parameter"));
}

TEST(Rnn, FollowsItsFormula) {
  OpTester op = layer("rnn", 1, 2);
  op.literal("output_sequence", yes()).literal("activation", string("relu"));
  EXPECT_THAT(outputs_of(op)[0], close_to({1.1, 0.4, 0}));
  EXPECT_THAT(outputs_of(op)[1], close_to({0}));
}

TEST(Rnn, HasNoBidirectionalForm) {
  OpTester op = layer("rnn", 1, 2);
  op.literal("direction", string("bidirectional"));
  EXPECT_THAT(op.evaluation_error(), HasSubstr("'direction' is 'bidirectional'"));
}

TEST(Recurrent, UnknownDimensionsStayUnknown) {
  OpTester op("rnn", Opset::ios18, 2);
  op.declare("x", Type::tensor(DataType::fp32, {Dim::unknown(), Dim::unknown(), 2}));
  op.declare("initial_h", Type::tensor(DataType::fp32, {Dim::unknown(), 1}));
  op.literal("weight_ih", fp32({1, 2}, {1, 1})).literal("weight_hh", fp32({1, 1}, {1}));
  op.literal("output_sequence", yes());
  const auto types = op.infer();
  ASSERT_TRUE(types) << types.error().to_string();
  EXPECT_EQ((*types)[0], Type::tensor(DataType::fp32, {Dim::unknown(), Dim::unknown(), 1}));
}

TEST(Recurrent, RefusesWeightsThatDoNotFit) {
  OpTester op("gru", Opset::ios18, 2);
  op.declare("x", Type::tensor(DataType::fp32, {3, 1, 2}));
  op.declare("initial_h", Type::tensor(DataType::fp32, {1, 2}));
  op.literal("weight_ih", fp32({3, 2}, std::vector<double>(6, 0)));
  op.literal("weight_hh", fp32({3, 1}, std::vector<double>(3, 0)));
  EXPECT_THAT(op.rules(), ElementsAre("op-rule"));
}

TEST(Recurrent, CountsTheMatrixProducts) {
  const auto cost = lstm().cost();
  ASSERT_TRUE(cost) << cost.error().to_string();
  EXPECT_EQ(cost->operations, 2 * 3 * 4 * (2 + 1));
}

}  // namespace
}  // namespace anebench::ops
