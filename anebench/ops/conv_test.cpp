#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "anebench/base/half.h"
#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;
using testing::ElementsAre;
using testing::HasSubstr;

OpTester conv(const Tensor& x, const Tensor& weight) {
  OpTester op("conv");
  op.input("x", x).literal("weight", weight);
  return op;
}

Tensor pattern(DataType type, const std::vector<std::int64_t>& dims, std::uint32_t seed) {
  std::size_t count = 1;
  for (const auto dim : dims) count *= static_cast<std::size_t>(dim);
  std::vector<double> values(count);
  for (double& value : values) {
    seed = seed * 1664525u + 1013904223u;
    value = (static_cast<double>(seed >> 20) - 2048) / 1024;
  }
  return tensor(type, dims, values);
}

struct Case {
  std::string name;
  std::vector<std::int64_t> x;
  std::vector<std::int64_t> weight;
  std::vector<std::int32_t> strides = {};
  std::vector<std::int32_t> dilations = {};
  std::string pad_type = "valid";
  std::vector<std::int32_t> pad = {};
  std::int32_t groups = 1;
  bool bias = false;
};

// The sum over every tap, written without tiles or panels, for up to three spatial dimensions.
std::vector<double> direct_convolution(const Case& c, const Tensor& x, const Tensor& weight,
                                       const std::vector<double>& bias,
                                       const std::vector<std::int64_t>& out) {
  const auto in_values = x.to_doubles();
  const auto weights = weight.to_doubles();
  const auto at3 = [](const std::vector<std::int64_t>& dims, std::size_t d) {
    // Spatial dimension d of 3, missing leading ones being 1.
    const std::size_t spatial = dims.size() - 2;
    return d + spatial < 3 ? std::int64_t{1} : dims[2 + d + spatial - 3];
  };
  const auto option = [&](const std::vector<std::int32_t>& values, std::size_t d) {
    const std::size_t spatial = c.x.size() - 2;
    if (d + spatial < 3 || values.empty()) return std::int64_t{1};
    return std::int64_t{values[d + spatial - 3]};
  };
  std::int64_t I[3], O[3], K[3], S[3], D[3], P[3];
  for (std::size_t d = 0; d < 3; ++d) {
    I[d] = at3(c.x, d);
    O[d] = at3(out, d);
    K[d] = at3(c.weight, d);
    S[d] = option(c.strides, d);
    D[d] = option(c.dilations, d);
    P[d] = 0;
    const std::size_t spatial = c.x.size() - 2;
    if (d + spatial >= 3) {
      const std::size_t s = d + spatial - 3;
      const std::int64_t total =
          std::max<std::int64_t>(0, (O[d] - 1) * S[d] + (K[d] - 1) * D[d] + 1 - I[d]);
      if (c.pad_type == "same") P[d] = total / 2;
      if (c.pad_type == "same_lower") P[d] = (total + 1) / 2;
      if (c.pad_type == "custom") P[d] = c.pad[2 * s];
    }
  }
  const std::int64_t batches = c.x[0], channels = c.x[1], outputs = c.weight[0];
  const std::int64_t group_in = channels / c.groups, group_out = outputs / c.groups;
  std::vector<double> result;
  for (std::int64_t n = 0; n < batches; ++n)
    for (std::int64_t o = 0; o < outputs; ++o)
      for (std::int64_t z = 0; z < O[0]; ++z)
        for (std::int64_t y = 0; y < O[1]; ++y)
          for (std::int64_t w = 0; w < O[2]; ++w) {
            double sum = 0;
            for (std::int64_t i = 0; i < group_in; ++i)
              for (std::int64_t kz = 0; kz < K[0]; ++kz)
                for (std::int64_t ky = 0; ky < K[1]; ++ky)
                  for (std::int64_t kw = 0; kw < K[2]; ++kw) {
                    const std::int64_t iz = z * S[0] + kz * D[0] - P[0];
                    const std::int64_t iy = y * S[1] + ky * D[1] - P[1];
                    const std::int64_t iw = w * S[2] + kw * D[2] - P[2];
                    if (iz < 0 || iy < 0 || iw < 0 || iz >= I[0] || iy >= I[1] || iw >= I[2]) {
                      continue;
                    }
                    const std::int64_t channel = o / group_out * group_in + i;
                    const std::int64_t from =
                        (((n * channels + channel) * I[0] + iz) * I[1] + iy) * I[2] + iw;
                    const std::int64_t tap =
                        (((o * group_in + i) * K[0] + kz) * K[1] + ky) * K[2] + kw;
                    sum += in_values[static_cast<std::size_t>(from)] *
                           weights[static_cast<std::size_t>(tap)];
                  }
            result.push_back(round_to_half(sum + bias[static_cast<std::size_t>(o)]));
          }
  return result;
}

class ConvCases : public testing::TestWithParam<Case> {};

TEST_P(ConvCases, AgreesWithDirectSummation) {
  const Case& c = GetParam();
  const Tensor x = pattern(DataType::fp16, c.x, 1);
  const Tensor weight = pattern(DataType::fp16, c.weight, 2);
  OpTester op = conv(x, weight);
  if (!c.strides.empty()) op.literal("strides", int32s(c.strides));
  if (!c.dilations.empty()) op.literal("dilations", int32s(c.dilations));
  op.literal("pad_type", string(c.pad_type));
  if (!c.pad.empty()) op.literal("pad", int32s(c.pad));
  if (c.groups != 1) op.literal("groups", int32(c.groups));
  std::vector<double> bias(static_cast<std::size_t>(c.weight[0]), 0.0);
  if (c.bias) {
    const Tensor given = pattern(DataType::fp16, {c.weight[0]}, 3);
    bias = given.to_doubles();
    op.literal("bias", given);
  }
  const Tensor out = op.output();
  EXPECT_EQ(out.type(), op.infer()->front());
  EXPECT_EQ(out.to_doubles(), direct_convolution(c, x, weight, bias, out.dims()));
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ConvCases,
    testing::Values(
        Case{"Pointwise", {1, 7, 5, 6}, {9, 7, 1, 1}},
        Case{"PointwiseBias", {2, 8, 4, 4}, {3, 8, 1, 1}, {}, {}, "valid", {}, 1, true},
        Case{"ManyTiles", {1, 3, 40, 41}, {2, 3, 3, 3}, {}, {}, "same"},
        Case{"Stride", {1, 2, 9, 10}, {4, 2, 3, 3}, {2, 3}},
        Case{"Dilation", {1, 2, 12, 11}, {4, 2, 3, 2}, {}, {2, 4}},
        Case{"Same", {1, 2, 7, 8}, {3, 2, 4, 2}, {2, 3}, {}, "same"},
        Case{"SameLower", {1, 2, 7, 8}, {3, 2, 4, 2}, {2, 3}, {}, "same_lower"},
        Case{"SameDilated", {1, 2, 9, 9}, {3, 2, 2, 4}, {1, 2}, {3, 2}, "same"},
        Case{"Custom", {1, 2, 5, 5}, {3, 2, 3, 3}, {}, {}, "custom", {1, 2, 0, 3}},
        Case{"PadOfAnotherType", {1, 2, 5, 5}, {3, 2, 3, 3}, {}, {}, "valid", {1, 1, 1, 1}},
        Case{"Groups", {2, 6, 5, 5}, {4, 3, 3, 3}, {}, {}, "same", {}, 2, true},
        Case{"Depthwise", {1, 6, 5, 5}, {12, 1, 3, 3}, {2, 2}, {}, "same", {}, 6},
        Case{"OneDimension", {2, 4, 17}, {5, 4, 3}, {2}, {3}, "custom", {2, 0}},
        Case{"ThreeDimensions", {1, 3, 4, 5, 6}, {2, 3, 2, 3, 2}, {1, 2, 1}, {1, 1, 2}, "same"},
        Case{"ThreeGroups1d", {1, 6, 9}, {3, 2, 2}, {}, {}, "valid", {}, 3}),
    [](const testing::TestParamInfo<Case>& instance) { return instance.param.name; });

TEST(Conv, RoundsTheSumOnce) {
  // 2048 + 1 + 1: rounding after each addition would lose both ones.
  const Tensor x = fp16({1, 3, 1}, {2048, 1, 1});
  EXPECT_THAT(conv(x, fp16({1, 3, 1}, {1, 1, 1})).output().to_doubles(), ElementsAre(2050));
}

TEST(Conv, KeepsInfinityAndNan) {
  const double infinity = std::numeric_limits<double>::infinity();
  const Tensor x = fp16({1, 1, 3}, {infinity, 1, std::nan("")});
  const auto out = conv(x, fp16({1, 1, 1}, {2})).output().to_doubles();
  EXPECT_EQ(out[0], infinity);
  EXPECT_EQ(out[1], 2);
  EXPECT_TRUE(std::isnan(out[2]));
}

TEST(Conv, MixesWidthsSinceIos17) {
  const Tensor x = fp16({1, 1, 2}, {1, 2});
  OpTester op = conv(x, tensor(DataType::fp32, {1, 1, 1}, {0.5}));
  op.literal("bias", tensor(DataType::fp32, {1}, {1}));
  EXPECT_EQ(op.output().data_type(), DataType::fp16);
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1.5, 2));
  EXPECT_TRUE(op.rules().empty());
}

TEST(Conv, IsEmptyForAnEmptyBatch) {
  EXPECT_EQ(conv(fp16({0, 1, 2}, {}), fp16({1, 1, 1}, {1})).output().element_count(), 0u);
}

TEST(Conv, CountsAMultiplyAddAsTwo) {
  OpTester op("conv");
  op.declare("x", mil::Type::tensor(DataType::fp16, {1, 512, 64, 64}));
  op.literal("weight", mil::Value::blob(mil::Type::tensor(DataType::fp16, {512, 512, 1, 1}),
                                        {"@model_path/weights/weight.bin", 64}));
  const auto cost = op.cost();
  ASSERT_TRUE(cost) << cost.error().to_string();
  EXPECT_EQ(cost->operations, 2.0 * 512 * 512 * 4096);
  EXPECT_EQ(cost->weight_bytes, 512 * 512 * 2);
  EXPECT_EQ(cost->bytes_read, 512 * 512 * 2 + 512 * 4096 * 2);
  EXPECT_EQ(cost->bytes_written, 512 * 4096 * 2);
}

TEST(Conv, LeavesUnknownDimensionsUnknown) {
  OpTester op("conv");
  op.declare("x", mil::Type::tensor(DataType::fp16, {1, 3, mil::Dim::unknown(), 10}));
  op.declare("weight", mil::Type::tensor(DataType::fp16, {8, 3, 3, 3}));
  EXPECT_EQ(to_string(op.infer()->front()), "tensor<fp16, [1, 8, ?, 8]>");
  EXPECT_FALSE(op.cost());
}

TEST(Conv, ChecksItsShapes) {
  const Tensor x = pattern(DataType::fp16, {1, 4, 5, 5}, 1);
  const auto weight = [](std::vector<std::int64_t> dims) {
    return pattern(DataType::fp16, dims, 2);
  };
  EXPECT_THAT(inference_error(conv(x, weight({2, 4, 3}))), HasSubstr("'weight' has rank 3"));
  EXPECT_THAT(inference_error(conv(x, weight({2, 3, 1, 1}))), HasSubstr("'weight'"));
  EXPECT_THAT(inference_error(conv(x, weight({2, 4, 6, 1}))), HasSubstr("kernel of 6"));
  EXPECT_THAT(inference_error(conv(x, weight({2, 4, 0, 1}))), HasSubstr("kernel of 0"));
  EXPECT_THAT(inference_error(conv(fp16({1, 4}, {1, 2, 3, 4}), weight({2, 4}))), HasSubstr("'x'"));
  const auto with = [&](const std::string& parameter, mil::Value value) {
    OpTester op = conv(x, weight({2, 4, 3, 3}));
    op.literal(parameter, std::move(value));
    return inference_error(op);
  };
  EXPECT_THAT(with("groups", int32(3)), HasSubstr("'groups'"));
  EXPECT_THAT(with("groups", int32(0)), HasSubstr("'groups'"));
  EXPECT_THAT(with("groups", int32(2)), HasSubstr("'weight'"));
  EXPECT_THAT(with("strides", int32s({1})), HasSubstr("'strides'"));
  EXPECT_THAT(with("strides", int32s({0, 1})), HasSubstr("'strides'"));
  EXPECT_THAT(with("dilations", int32s({1, -1})), HasSubstr("'dilations'"));
  EXPECT_THAT(with("pad", int32s({1, 1})), HasSubstr("'pad'"));
  EXPECT_THAT(with("pad", int32s({-1, 0, 0, 0})), HasSubstr("'pad'"));
  EXPECT_THAT(with("pad_type", string("full")), HasSubstr("'pad_type'"));
  EXPECT_THAT(with("bias", fp16({3}, {1, 2, 3}).to_value()), HasSubstr("'bias'"));
  EXPECT_THAT(with("bias", fp16({}, {1}).to_value()), HasSubstr("'bias'"));
}

TEST(Conv, SurvivesAbsurdShapes) {
  const std::int64_t huge = std::int64_t{1} << 62;
  OpTester op("conv");
  op.declare("x", mil::Type::tensor(DataType::fp16, {1, 1, huge}));
  op.declare("weight", mil::Type::tensor(DataType::fp16, {1, 1, huge}));
  EXPECT_THAT(inference_error(op), HasSubstr("kernel"));
  OpTester wide("conv");
  wide.declare("x", mil::Type::tensor(DataType::fp16, {1, 1, huge}));
  wide.declare("weight", mil::Type::tensor(DataType::fp16, {1, 1, 0x7fffffff}));
  wide.literal("dilations", int32s({0x7fffffff})).literal("pad_type", string("same"));
  EXPECT_TRUE(wide.infer());
}

}  // namespace
}  // namespace anebench::ops
