#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;

Tensor fp32(std::vector<std::int64_t> dims, std::vector<double> values) {
  return tensor(DataType::fp32, std::move(dims), std::move(values));
}

mil::Value number(float value) { return mil::Value::scalar<float>(value); }

TEST(BatchNorm, ScalesEachChannel) {
  OpTester op("batch_norm");
  op.input("x", fp32({1, 2, 2}, {1, 2, 3, 4}));
  op.literal("mean", fp32({2}, {1, 3})).literal("variance", fp32({2}, {4, 1}));
  op.literal("gamma", fp32({2}, {2, 1})).literal("beta", fp32({2}, {0, 10}));
  op.literal("epsilon", number(0));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(0, 1, 10, 11));
}

TEST(InstanceNorm, NormalizesEachChannelOfEachImage) {
  OpTester op("instance_norm");
  op.input("x", fp32({1, 2, 2}, {1, 3, 10, 20})).literal("epsilon", number(0));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(-1, 1, -1, 1));
}

TEST(LayerNorm, NormalizesOverAnyAxes) {
  OpTester op("layer_norm");
  op.input("x", fp32({2, 2}, {1, 10, 3, 30})).literal("axes", int32s({0}));
  op.literal("epsilon", number(0)).literal("gamma", fp32({2}, {1, 2}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(-1, -1, 2, 2));
  OpTester wrong("layer_norm");
  wrong.input("x", fp32({2, 2}, {1, 2, 3, 4})).literal("axes", int32s({0, 1}));
  wrong.literal("gamma", fp32({2}, {1, 2}));
  EXPECT_THAT(wrong.evaluation_error(), HasSubstr("'gamma'"));
}

TEST(L2Norm, DividesByTheLengthOfTheLastThreeDimensions) {
  OpTester op("l2_norm");
  op.input("x", fp32({2, 1, 1, 2}, {3, 4, 6, 8})).literal("epsilon", number(0));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(DoubleNear(0.6, 1e-6), DoubleNear(0.8, 1e-6),
                                                    DoubleNear(0.6, 1e-6), DoubleNear(0.8, 1e-6)));
}

TEST(LocalResponseNorm, SumsNeighbouringChannels) {
  OpTester op("local_response_norm");
  op.input("x", fp32({1, 3, 1}, {1, 2, 3})).literal("size", int32(2));
  op.literal("alpha", number(2)).literal("beta", number(1)).literal("k", number(1));
  // A window of 2 takes the channel before and the channel itself.
  EXPECT_THAT(op.output().to_doubles(),
              ElementsAre(0.5, DoubleNear(2.0 / 6, 1e-6), DoubleNear(3.0 / 14, 1e-6)));
}

}  // namespace
}  // namespace anebench::ops
