#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;
using testing::ElementsAre;

Tensor fp32(std::vector<std::int64_t> dims, std::vector<double> values) {
  return tensor(DataType::fp32, std::move(dims), std::move(values));
}

// Boxes 0 and 1 overlap by 3/5, box 2 is apart; two classes.
OpTester three_boxes() {
  OpTester op("non_maximum_suppression", Opset::ios16, 4);
  op.input("boxes", fp32({1, 3, 4}, {0, 0, 4, 4, 1, 0, 4, 4, 10, 10, 2, 2}));
  op.input("scores", fp32({1, 3, 2}, {0.5, 0.1, 0.2, 0.9, 0.3, 0.1}));
  op.literal("iou_threshold", fp32({}, {0.5}));
  return op;
}

std::vector<Tensor> outputs_of(const OpTester& op) {
  auto outputs = op.evaluate();
  EXPECT_TRUE(outputs) << outputs.error().to_string();
  return outputs ? *std::move(outputs) : std::vector<Tensor>(4);
}

TEST(NonMaximumSuppression, DropsBoxesThatOverlapABetterOne) {
  OpTester op = three_boxes();
  op.literal("score_threshold", fp32({}, {0})).literal("max_boxes", int32(3));
  const auto outputs = outputs_of(op);
  EXPECT_THAT(outputs[2].to_integers(), ElementsAre(1, 2, -1));
  EXPECT_THAT(outputs[3].to_integers(), ElementsAre(2));
  EXPECT_THAT(outputs[0].to_doubles(), ElementsAre(1, 0, 4, 4, 10, 10, 2, 2, 0, 0, 0, 0));
  EXPECT_THAT(outputs[1].to_doubles(), testing::Contains(static_cast<double>(0.9F)));
}

TEST(NonMaximumSuppression, ComparesWithinAClassWhereAsked) {
  OpTester op = three_boxes();
  op.literal("score_threshold", fp32({}, {0})).literal("max_boxes", int32(3));
  op.literal("per_class_suppression", mil::Value::boolean(true));
  EXPECT_THAT(outputs_of(op)[2].to_integers(), ElementsAre(1, 0, 2));
}

TEST(NonMaximumSuppression, RejectsLowScoresButKeepsOneBox) {
  OpTester op = three_boxes();
  op.literal("score_threshold", fp32({}, {0.4})).literal("max_boxes", int32(2));
  EXPECT_THAT(outputs_of(op)[2].to_integers(), ElementsAre(1, -1));
  OpTester none = three_boxes();
  none.literal("score_threshold", fp32({}, {2})).literal("max_boxes", int32(2));
  EXPECT_THAT(outputs_of(none)[2].to_integers(), ElementsAre(1, -1));
}

TEST(NonMaximumSuppression, HasItsBoxesLastSinceIos17) {
  OpTester op("non_maximum_suppression", Opset::ios17, 3);
  op.input("boxes", fp32({1, 4, 3}, {0, 1, 10, 0, 0, 10, 4, 4, 2, 4, 4, 2}));
  op.input("scores", fp32({1, 1, 3}, {0.5, 0.9, 0.3}));
  op.literal("iou_threshold", fp32({}, {0.5})).literal("max_boxes", int32(2));
  const auto outputs = outputs_of(op);
  EXPECT_THAT(outputs[2].to_integers(), ElementsAre(1, 2));
  EXPECT_THAT(outputs[0].to_doubles(), ElementsAre(1, 10, 0, 10, 4, 2, 4, 2));
}

TEST(NonMaximumSuppression, RefusesBoxesAndScoresThatDoNotFit) {
  OpTester op("non_maximum_suppression", Opset::ios17, 3);
  op.declare("boxes", mil::Type::tensor(DataType::fp32, {1, 4, 3}));
  op.declare("scores", mil::Type::tensor(DataType::fp32, {1, 1, 5}));
  op.literal("iou_threshold", fp32({}, {0.5})).literal("max_boxes", int32(2));
  EXPECT_THAT(op.rules(), ElementsAre("op-rule"));
}

}  // namespace
}  // namespace anebench::ops
