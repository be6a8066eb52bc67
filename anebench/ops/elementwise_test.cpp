#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Relu, KeepsPositivesAndNan) {
  OpTester relu("relu");
  relu.input("x", fp16({6}, {-1, 0, 2.5, -kInfinity, kInfinity, std::nan("")}));
  const auto values = relu.output().to_doubles();
  EXPECT_THAT(std::vector(values.begin(), values.end() - 1), ElementsAre(0, 0, 2.5, 0, kInfinity));
  EXPECT_TRUE(std::isnan(values.back()));
}

TEST(Relu, CountsOneOperationAnElement) {
  OpTester relu("relu");
  relu.input("x", fp16({2, 3}, {1, 2, 3, 4, 5, 6}));
  const auto cost = relu.cost();
  ASSERT_TRUE(cost);
  EXPECT_EQ(cost->operations, 6);
  EXPECT_EQ(cost->bytes_read, 12);
  EXPECT_EQ(cost->bytes_written, 12);
  EXPECT_EQ(cost->weight_bytes, 0);
}

OpTester cast(Tensor x, const std::string& dtype, Opset opset = Opset::ios18) {
  OpTester op("cast", opset);
  op.input("x", std::move(x)).literal("dtype", string(dtype));
  return op;
}

TEST(Cast, TruncatesTowardZeroAndSaturates) {
  const Tensor x =
      tensor(DataType::fp32, {8}, {1.9, -1.9, 0.5, -0.5, 300, -300, kInfinity, std::nan("")});
  EXPECT_THAT(cast(x, "int8").output().to_doubles(), ElementsAre(1, -1, 0, 0, 127, -128, 127, 0));
  EXPECT_THAT(cast(x, "uint8").output().to_doubles(), ElementsAre(1, 0, 0, 0, 255, 0, 255, 0));
}

TEST(Cast, RoundsOnceToFp16) {
  // Just above halfway between 1 and the next fp16, but halfway after rounding to float.
  const Tensor x = tensor(DataType::fp32, {3}, {1.0 + 0x1p-11 + 0x1p-23, 65519, 65520});
  EXPECT_THAT(cast(x, "fp16").output().to_doubles(), ElementsAre(1.0 + 0x1p-10, 65504, kInfinity));
}

TEST(Cast, WrapsIntegersAround) {
  const Tensor x = tensor(DataType::int32, {4}, {127, 128, 256, -129});
  EXPECT_THAT(cast(x, "int8").output().to_doubles(), ElementsAre(127, -128, 0, 127));
  EXPECT_THAT(cast(x, "uint8").output().to_doubles(), ElementsAre(127, 128, 0, 127));
}

TEST(Cast, MakesBoolsOfNumbersAndBack) {
  EXPECT_THAT(cast(tensor(DataType::fp32, {4}, {0, 0.25, -3, 256}), "bool").output().to_doubles(),
              ElementsAre(0, 1, 1, 1));
  EXPECT_THAT(cast(tensor(DataType::int32, {3}, {0, 256, -1}), "bool").output().to_doubles(),
              ElementsAre(0, 1, 1));
  EXPECT_THAT(cast(tensor(DataType::boolean, {2}, {0, 1}), "fp16").output().to_doubles(),
              ElementsAre(0, 1));
  EXPECT_THAT(cast(tensor(DataType::boolean, {2}, {0, 1}), "int32").output().to_doubles(),
              ElementsAre(0, 1));
}

TEST(Cast, KnowsTheTypesOfItsOpset) {
  const Tensor x = tensor(DataType::fp32, {1}, {1});
  EXPECT_EQ(cast(x, "int8", Opset::ios17).evaluation_error(), "");
  EXPECT_THAT(cast(x, "int8", Opset::ios16).evaluation_error(), HasSubstr("'dtype' is 'int8'"));
  EXPECT_THAT(cast(x, "fp64").evaluation_error(), HasSubstr("fp64"));
  EXPECT_THAT(cast(x, "nonsense").evaluation_error(), HasSubstr("nonsense"));
}

OpTester binary(const std::string& type, Tensor x, Tensor y) {
  OpTester op(type);
  op.input("x", std::move(x)).input("y", std::move(y));
  return op;
}

TEST(Add, RoundsOnceToItsType) {
  // 2048 + 1 is a tie in fp16, 2050 + 1 the tie on the other side.
  EXPECT_THAT(binary("add", fp16({2}, {2048, 2050}), fp16({2}, {1, 1})).output().to_doubles(),
              ElementsAre(2048, 2052));
}

TEST(Add, BroadcastsEveryWay) {
  const Tensor x = fp16({2, 1, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor y = fp16({2, 1}, {10, 20});
  const Tensor out = binary("add", x, y).output();
  EXPECT_EQ(to_string(out.type()), "tensor<fp16, [2, 2, 3]>");
  EXPECT_THAT(out.to_doubles(), ElementsAre(11, 12, 13, 21, 22, 23, 14, 15, 16, 24, 25, 26));
  EXPECT_THAT(binary("add", fp16({}, {1}), y).output().to_doubles(), ElementsAre(11, 21));
  EXPECT_THAT(binary("add", y, fp16({}, {1})).output().to_doubles(), ElementsAre(11, 21));
  EXPECT_THAT(binary("add", fp16({}, {1}), fp16({}, {2})).output().to_doubles(), ElementsAre(3));
}

TEST(Add, AgreesWithIndexArithmeticOnManyShapes) {
  const std::vector<std::vector<std::int64_t>> shapes = {
      {2, 3, 4, 5}, {1, 3, 1, 5}, {2, 1, 4, 1}, {3, 1, 1}, {4, 5}, {5}, {1}, {}, {2, 1, 1, 1}};
  for (const auto& dims_x : shapes) {
    for (const auto& dims_y : shapes) {
      const auto fill = [](const std::vector<std::int64_t>& dims, double step) {
        std::size_t count = 1;
        for (const auto dim : dims) count *= static_cast<std::size_t>(dim);
        std::vector<double> values(count);
        for (std::size_t i = 0; i < count; ++i) values[i] = step * static_cast<double>(i);
        return tensor(DataType::fp32, dims, values);
      };
      const Tensor x = fill(dims_x, 1);
      const Tensor y = fill(dims_y, 1000);
      const Tensor out = binary("add", x, y).output();
      const auto at = [](const Tensor& t, const std::vector<std::int64_t>& index) {
        std::size_t position = 0;
        const std::size_t skip = index.size() - t.rank();
        for (std::size_t d = 0; d < t.rank(); ++d) {
          const std::int64_t i = t.dims()[d] == 1 ? 0 : index[skip + d];
          position = position * static_cast<std::size_t>(t.dims()[d]) + static_cast<std::size_t>(i);
        }
        return t.to_doubles()[position];
      };
      const auto values = out.to_doubles();
      std::vector<std::int64_t> index(out.rank());
      for (std::size_t i = 0; i < values.size(); ++i) {
        std::size_t rest = i;
        for (std::size_t d = out.rank(); d-- > 0;) {
          index[d] = static_cast<std::int64_t>(rest % static_cast<std::size_t>(out.dims()[d]));
          rest /= static_cast<std::size_t>(out.dims()[d]);
        }
        ASSERT_EQ(values[i], at(x, index) + at(y, index));
      }
    }
  }
}

TEST(Add, HandlesRowsLongerThanOnePiece) {
  const std::size_t count = 5000;
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<double>(i % 100);
  const Tensor x = fp16({static_cast<std::int64_t>(count)}, values);
  const auto out = binary("add", x, x).output().to_doubles();
  for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(out[i], 2 * values[i]);
}

TEST(Add, RefusesShapesThatDoNotFit) {
  EXPECT_THAT(binary("add", fp16({2}, {1, 2}), fp16({3}, {1, 2, 3})).evaluation_error(),
              HasSubstr("does not broadcast"));
}

TEST(Add, KeepsUnknownDimensionsUnknown) {
  OpTester op("add");
  op.declare("x", mil::Type::tensor(DataType::fp16, {mil::Dim::unknown(), 4, 1}));
  op.declare("y", mil::Type::tensor(DataType::fp16, {3, mil::Dim::unknown(), 1}));
  const auto types = op.infer();
  ASSERT_TRUE(types);
  EXPECT_EQ(to_string(types->front()), "tensor<fp16, [3, 4, 1]>");
  OpTester both("add");
  both.declare("x", mil::Type::tensor(DataType::fp16, {mil::Dim::unknown()}));
  both.declare("y", mil::Type::tensor(DataType::fp16, {1}));
  EXPECT_EQ(to_string(both.infer()->front()), "tensor<fp16, [?]>");
}

TEST(Add, IsEmptyForEmptyOperands) {
  EXPECT_EQ(binary("add", fp16({0, 3}, {}), fp16({3}, {1, 2, 3})).output().element_count(), 0u);
}

TEST(Multiply, IsExactAndWrapsInIntegers) {
  const Tensor x = tensor(DataType::int32, {3}, {2147483647, 65536, -3});
  const Tensor y = tensor(DataType::int32, {3}, {2147483647, 65536, 5});
  EXPECT_THAT(binary("mul", x, y).output().to_doubles(), ElementsAre(1, 0, -15));
  EXPECT_THAT(binary("add", x, x).output().to_doubles(), ElementsAre(-2, 131072, -6));
}

TEST(Multiply, OverflowsToInfinity) {
  EXPECT_THAT(binary("mul", fp16({2}, {256, 255}), fp16({}, {256})).output().to_doubles(),
              ElementsAre(kInfinity, 65280));
}

TEST(Identity, PassesItsInputOn) {
  OpTester op("identity");
  const Tensor x = tensor(DataType::uint4, {3}, {1, 2, 15});
  op.input("x", x);
  EXPECT_EQ(op.output(), x);
}

TEST(Const, EvaluatesToItsValue) {
  OpTester op("const");
  op.attribute("name", string("c")).attribute("val", int32s({1, 2}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 2));
}

TEST(Const, WithoutValueIsAnError) {
  EXPECT_THAT(OpTester("const").evaluation_error(), HasSubstr("'val'"));
}

}  // namespace
}  // namespace anebench::ops
