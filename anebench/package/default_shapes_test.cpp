#include "anebench/package/default_shapes.h"

#include <gtest/gtest.h>

#include "anebench/mil/builder.h"
#include "anebench/package/description.h"
#include "anebench/package/flexible_shapes.h"

namespace anebench::package {
namespace {

using mil::DataType;
using mil::Dim;
using mil::Type;

const Type kOpen = Type::tensor(DataType::fp16, {1, Dim::unknown()});

mil::Program open_program(bool has_default) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", kOpen);
  builder.op("exp", "e", kOpen, {{"x", "x"}});
  builder.op("relu", "y", kOpen, {{"x", "e"}});
  mil::ProgramData data = builder.finish({"y"}).data();
  if (has_default) {
    const FlexibleShape shape = {.input = "x", .default_shape = {1, 7}, .ranges = {{1, 1}, {1, 9}}};
    data.functions.front().attributes.push_back(
        {std::string(kFlexibleShapes), flexible_shapes_value({shape})});
  }
  return mil::Program(std::move(data));
}

TEST(DefaultShapes, FillInputsAndEverythingThatFollows) {
  const auto fixed = with_default_shapes(open_program(true), "main", nullptr);
  ASSERT_TRUE(fixed) << fixed.error().to_string();
  const mil::Function& function = *fixed->main();
  const Type closed = Type::tensor(DataType::fp16, {1, 7});
  EXPECT_EQ(function.inputs[0].type, closed);
  for (const mil::Operation& operation : function.body.operations) {
    EXPECT_EQ(operation.outputs[0].type, closed) << operation.type;
  }
}

TEST(DefaultShapes, WithoutADefaultDimensionsStayOpen) {
  const auto fixed = with_default_shapes(open_program(false), "main", nullptr);
  ASSERT_TRUE(fixed);
  EXPECT_EQ(*fixed, open_program(false));
}

TEST(DefaultShapes, AnUnknownFunctionIsNotFound) {
  const auto fixed = with_default_shapes(open_program(true), "other", nullptr);
  ASSERT_FALSE(fixed);
  EXPECT_EQ(fixed.error().code(), ErrorCode::not_found);
}

}  // namespace
}  // namespace anebench::package
