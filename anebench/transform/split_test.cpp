#include "anebench/transform/split.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/mil/builder.h"

namespace anebench::transform {
namespace {

using mil::DataType;
using mil::Type;
using mil::Value;
using testing::ElementsAre;

const Type kSplitRow = Type::tensor(DataType::fp16, {1, 2, 1, 4});

// y0 = conv(x), y1 = conv(y0), …, then z = y_last + y0.
mil::Program chain_with_shortcut(int depth) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", kSplitRow);
  builder.constant("w", Value::fp16_tensor({2, 2, 1, 1}, std::vector<double>{1, 0, 0, 1}));
  std::string last = "x";
  for (int i = 0; i < depth; ++i) {
    const std::string next = fmt::format("y{}", i);
    builder.op("conv", next, kSplitRow, {{"x", last}, {"weight", "w"}});
    last = next;
  }
  builder.op("add", "z", kSplitRow, {{"x", last}, {"y", "y0"}});
  return builder.finish({"z"});
}

std::vector<std::string> input_names(const mil::Program& program) {
  std::vector<std::string> names;
  for (const auto& input : program.main()->inputs) names.push_back(input.name);
  return names;
}

TEST(Split, KeepsWhatIsShortEnoughWhole) {
  const auto parts = split_convolutions(chain_with_shortcut(3), "main", 3);
  ASSERT_TRUE(parts) << parts.error().to_string();
  ASSERT_EQ(parts->size(), 1u);
  EXPECT_THAT((*parts)[0].operations, ElementsAre(1u, 2u, 3u, 4u));
}

TEST(Split, PassesValuesBetweenPartsByName) {
  const mil::Program whole = chain_with_shortcut(5);
  EXPECT_EQ(convolution_depth(*whole.main()), 5u);
  const auto parts = split_convolutions(whole, "main", 2);
  ASSERT_TRUE(parts) << parts.error().to_string();
  ASSERT_EQ(parts->size(), 3u);
  const auto outputs = [&](std::size_t i) { return (*parts)[i].program.main()->body.outputs; };
  EXPECT_THAT(input_names((*parts)[0].program), ElementsAre("x"));
  // The shortcut goes from the first part to the last.
  EXPECT_THAT(outputs(0), ElementsAre("y0", "y1"));
  EXPECT_THAT(input_names((*parts)[1].program), ElementsAre("y1"));
  EXPECT_THAT(outputs(1), ElementsAre("y3"));
  EXPECT_THAT(input_names((*parts)[2].program), ElementsAre("y0", "y3"));
  EXPECT_THAT(outputs(2), ElementsAre("z"));
  for (const ProgramPart& part : *parts) {
    EXPECT_LE(convolution_depth(*part.program.main()), 2u);
    // Constants go with every part that needs them.
    EXPECT_EQ(part.program.main()->body.operations.front().type, "const");
  }
  EXPECT_THAT((*parts)[2].operations, ElementsAre(5u, 6u));
}

TEST(Split, LeavesFunctionsWithoutConvolutionsAlone) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", kSplitRow);
  builder.op("relu", "y", kSplitRow, {{"x", "x"}});
  const mil::Program program = builder.finish({"y"});
  EXPECT_EQ(convolution_depth(*program.main()), 0u);
  const auto parts = split_convolutions(program, "main", 1);
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 1u);
  EXPECT_FALSE(split_convolutions(program, "other", 1));
}

}  // namespace
}  // namespace anebench::transform
