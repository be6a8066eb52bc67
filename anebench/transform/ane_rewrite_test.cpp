#include "anebench/transform/ane_rewrite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/mil/builder.h"
#include "anebench/transform/ane_lint.h"

namespace anebench::transform {
namespace {

using mil::DataType;
using mil::Type;
using mil::Value;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Type kImage = Type::tensor(DataType::fp16, {1, 2, 1, 4});

mil::Program biased(const std::vector<mil::Builder::Input>& bias) {
  mil::Builder builder("1.3", mil::Opset::ios18, "other");
  builder.input("x", kImage);
  builder.input("y_bias", Type::tensor(DataType::fp16, {2}));
  builder.constant("w", Value::fp16_tensor({2, 2, 1, 1}, std::vector<double>{1, 0, 0, 1}));
  builder.constant("b", Value::blob(Type::tensor(DataType::fp16, {2}), {"@model_path/w.bin", 64}));
  std::vector<mil::Builder::Input> inputs = {{"x", "x"}, {"weight", "w"}};
  inputs.insert(inputs.end(), bias.begin(), bias.end());
  builder.op("conv", "y", kImage, inputs);
  return builder.finish({"y"});
}

std::vector<std::string> types_of_operations(const mil::Program& program) {
  std::vector<std::string> types;
  for (const auto& operation : program.main()->body.operations) types.push_back(operation.type);
  return types;
}

TEST(AneRewrite, GivesTheFunctionAloneAsMain) {
  const auto rewritten = rewrite_for_ane(biased({}), "other");
  ASSERT_TRUE(rewritten) << rewritten.error().to_string();
  ASSERT_EQ(rewritten->program.functions().size(), 1u);
  EXPECT_EQ(rewritten->program.functions()[0].name, "main");
  EXPECT_THAT(rewritten->remarks, IsEmpty());
  EXPECT_FALSE(rewrite_for_ane(biased({}), "main"));
}

TEST(AneRewrite, AddsAConstantBiasAfterTheConvolution) {
  const auto rewritten = rewrite_for_ane(biased({{"bias", "b"}}), "other");
  ASSERT_TRUE(rewritten) << rewritten.error().to_string();
  EXPECT_THAT(types_of_operations(rewritten->program),
              ElementsAre("const", "const", "conv", "const", "add"));
  const auto& operations = rewritten->program.main()->body.operations;
  EXPECT_EQ(operations[2].find_input("bias"), nullptr);
  // The name "y_bias" was taken.
  const mil::NamedType& constant = operations[3].outputs.front();
  EXPECT_EQ(constant.name, "y_bias_2");
  EXPECT_EQ(constant.type, Type::tensor(DataType::fp16, {1, 2, 1, 1}));
  EXPECT_EQ(operations[3].find_attribute("val")->blob_reference().offset, 64u);
  EXPECT_EQ(operations[4].outputs.front(), (mil::NamedType{"y", kImage}));
  EXPECT_THAT(rewritten->remarks, ElementsAre(HasSubstr("bias of 1 convolution")));
}

TEST(AneRewrite, LeavesABiasThatTheProgramComputes) {
  const auto rewritten = rewrite_for_ane(biased({{"bias", "y_bias"}}), "other");
  ASSERT_TRUE(rewritten);
  EXPECT_THAT(types_of_operations(rewritten->program), ElementsAre("const", "const", "conv"));
}

TEST(AneRewrite, NamesBoolLiterals) {
  const Type matrix = Type::tensor(DataType::fp16, {4, 4});
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", matrix);
  builder.op("matmul", "y", matrix,
             {{"x", "x"},
              {"y", "x"},
              {"transpose_x", Value::boolean(false)},
              {"transpose_y", Value::boolean(true)}});
  const auto rewritten = rewrite_for_ane(builder.finish({"y"}), "main");
  ASSERT_TRUE(rewritten);
  EXPECT_THAT(types_of_operations(rewritten->program), ElementsAre("const", "const", "matmul"));
  for (const LintFinding& finding : lint_for_ane(rewritten->program)) {
    EXPECT_NE(finding.rule, AneRule::matmul_flags);
    EXPECT_NE(finding.rule, AneRule::literal_bool);
  }
  EXPECT_THAT(rewritten->remarks, ElementsAre(HasSubstr("2 bool literals")));
}

}  // namespace
}  // namespace anebench::transform
