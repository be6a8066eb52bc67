#include "anebench/transform/positions.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "anebench/mil/builder.h"

namespace anebench::transform {
namespace {

using mil::DataType;
using mil::Type;

TEST(GatherPositions, PicksTheSamePositionsOfEveryChannelAndImage) {
  // [2, 2, 1, 3]: value = image·100 + channel·10 + column.
  const std::vector<std::uint8_t> x = {0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112};
  const std::vector<std::size_t> positions = {0, 2, 4};
  const auto out = gather_positions(std::as_bytes(std::span(x)), 1, {2, 2, 1, 3}, positions);
  std::vector<int> values;
  for (const std::byte b : out) values.push_back(static_cast<int>(b));
  EXPECT_EQ(values, (std::vector<int>{0, 2, 101, 10, 12, 111}));
}

TEST(WithActivationShape, ChangesActivationsButNotConstants) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  const Type wide = Type::tensor(DataType::fp16, {1, 1, 4, 4});
  builder.input("x", wide);
  builder.constant("c", mil::Value::fp16_tensor({1, 1, 4, 4}, std::vector<double>(16, 1.0)));
  builder.op("relu", "y", wide, {{"x", "x"}});
  const auto narrow =
      with_activation_shape(builder.finish({"y"}), "main", {1, 1, 4, 4}, {1, 1, 1, 2});
  ASSERT_TRUE(narrow) << narrow.error().to_string();
  EXPECT_EQ(narrow->main()->inputs[0].type, Type::tensor(DataType::fp16, {1, 1, 1, 2}));
  EXPECT_EQ(narrow->main()->body.operations[0].outputs[0].type, wide);
  EXPECT_EQ(narrow->main()->body.operations[1].outputs[0].type.shape()[3], mil::Dim(2));
}

TEST(WithActivationShape, RefusesShapesThatDoNotOccur) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", Type::tensor(DataType::fp16, {2}));
  EXPECT_FALSE(with_activation_shape(builder.finish({"x"}), "main", {3}, {1}));
}

}  // namespace
}  // namespace anebench::transform
