#include "anebench/transform/ane_lint.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "anebench/mil/builder.h"
#include "anebench/mil/text_parser.h"

namespace anebench::transform {
namespace {

using mil::DataType;
using mil::Type;
using mil::Value;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A tensor that every host's surfaces can hold.
const Type kLarge = Type::tensor(DataType::fp16, {1, 64, 1, 512});

// "rule" for findings at a function's edge, "rule@label" for those at an operation.
std::vector<std::string> rules(const mil::Program& program) {
  std::vector<std::string> result;
  for (const LintFinding& finding : lint_for_ane(program)) {
    std::string text(ane_limit(finding.rule).name);
    if (!finding.op_type.empty()) text += "@" + finding.op_label;
    result.push_back(std::move(text));
  }
  return result;
}

mil::Program parsed(std::string_view body,
                    std::string_view inputs = "tensor<fp16, [1, 64, 1, 512]> x",
                    std::string_view outputs = "y") {
  const auto program = mil::parse_text(
      fmt::format("program(1.3)\n{{\n    func main<ios18>({}) {{\n{}\n        }} -> ({});\n}}",
                  inputs, body, outputs));
  EXPECT_TRUE(program) << program.error().to_string();
  return program.value_or(mil::Program());
}

Value weight_of(std::int64_t channels) {
  const std::vector<double> values(static_cast<std::size_t>(channels * channels), 0.25);
  return Value::fp16_tensor({channels, channels, 1, 1}, values);
}

void add_convolution(mil::Builder& builder, const std::string& x, const std::string& y,
                     std::vector<mil::Builder::Input> more = {}) {
  std::vector<mil::Builder::Input> inputs = {
      {"x", x},
      {"weight", "w"},
      {"strides", Value::tensor<std::int32_t>({2}, {1, 1})},
      {"pad_type", Value::string("valid")},
      {"pad", Value::tensor<std::int32_t>({4}, {0, 0, 0, 0})},
      {"dilations", Value::tensor<std::int32_t>({2}, {1, 1})},
      {"groups", Value::scalar<std::int32_t>(1)}};
  for (mil::Builder::Input& input : more) inputs.push_back(std::move(input));
  builder.op("conv", y, kLarge, std::move(inputs));
}

TEST(AneLimits, EachHasAReasonAdviceAndASource) {
  std::set<std::string_view> names;
  for (const AneLimit& limit : ane_limits()) {
    EXPECT_TRUE(names.insert(limit.name).second) << limit.name;
    EXPECT_TRUE(limit.reason.ends_with('.')) << limit.name;
    EXPECT_TRUE(limit.advice.ends_with('.')) << limit.name;
    EXPECT_FALSE(limit.source.empty()) << limit.name;
  }
}

TEST(AneLint, FindsNothingInAPlainProgram) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", kLarge);
  builder.constant("w", weight_of(64));
  add_convolution(builder, "x", "y");
  EXPECT_THAT(rules(builder.finish({"y"})), IsEmpty());
}

TEST(AneLint, AConvolutionMayHaveNoBias) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", kLarge);
  builder.constant("w", weight_of(64));
  builder.constant("b", Value::fp16_tensor({64}, std::vector<double>(64, 1.0)));
  add_convolution(builder, "x", "y", {{"bias", "b"}});
  EXPECT_THAT(rules(builder.finish({"y"})), ElementsAre("conv-bias@y"));
}

TEST(AneLint, AConvolutionsWeightMustBeConstant) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", kLarge);
  builder.constant("w0", weight_of(64));
  builder.op("relu", "w", Type::tensor(DataType::fp16, {64, 64, 1, 1}), {{"x", "w0"}});
  add_convolution(builder, "x", "y");
  EXPECT_THAT(rules(builder.finish({"y"})), ElementsAre("conv-weight@y"));
}

TEST(AneLint, CountsConvolutionsInARowAndNotBesideOneAnother) {
  const auto chain = [](std::size_t depth) {
    mil::Builder builder("1.3", mil::Opset::ios18);
    builder.input("x", kLarge);
    builder.constant("w", weight_of(64));
    std::string last = "x";
    for (std::size_t i = 1; i <= depth; ++i) {
      add_convolution(builder, last, fmt::format("y{}", i));
      add_convolution(builder, last, fmt::format("z{}", i));
      last = fmt::format("y{}", i);
    }
    return rules(builder.finish({last}));
  };
  EXPECT_THAT(chain(511), IsEmpty());
  EXPECT_THAT(chain(513), ElementsAre("conv-depth@y512"));
}

TEST(AneLint, InputsMustNotBeInt8) {
  const auto program = parsed(R"(
            tensor<fp16, [1, 64, 1, 2048]> y = cast(x = x, dtype = string("fp16"))[name = string("y")];)",
                              "tensor<int8, [1, 64, 1, 2048]> x");
  // Core ML allows them from iOS 26 on.
  EXPECT_THAT(rules(program), ElementsAre("framework-io-type", "int8-input"));
}

TEST(AneLint, FlagsOfMatmulMustBeNamed) {
  const auto text = [](std::string_view flag) {
    return fmt::format(R"(
            bool yes = const()[name = string("yes"), val = bool(true)];
            tensor<fp16, [1, 64, 512, 512]> y = matmul(x = x, y = x, transpose_x = {}, transpose_y = yes)[name = string("y")];)",
                       flag);
  };
  const std::string_view input = "tensor<fp16, [1, 64, 512, 512]> x";
  EXPECT_THAT(rules(parsed(text("yes"), input)), IsEmpty());
  EXPECT_THAT(rules(parsed(text("bool(true)"), input)), ElementsAre("matmul-flags@y"));
}

TEST(AneLint, OtherLiteralFlagsAreReported) {
  const auto program = parsed(R"(
            tensor<fp16, [1, 64, 1, 512]> y = cumsum(x = x, axis = int32(1), exclusive = bool(true), reverse = bool(false))[name = string("y")];)");
  EXPECT_THAT(rules(program), ElementsAre("literal-bool@y", "literal-bool@y"));
}

TEST(AneLint, OperationsThatSourcesDisagreeAboutAreWarnings) {
  const auto program = parsed(R"(
            tensor<fp16, [1, 64, 1, 512]> a = gelu(x = x, mode = string("EXACT"))[name = string("a")];
            bool no = const()[name = string("no"), val = bool(false)];
            tensor<fp16, [1, 128, 1, 512]> y = concat(values = (a, x), axis = int32(1), interleave = no)[name = string("y")];)");
  EXPECT_THAT(rules(program), ElementsAre("gelu@a", "concat@y"));
}

TEST(AneLint, TheMaskOfAttentionIsReported) {
  const auto program =
      parsed(R"(
            tensor<fp16, [1, 64, 512, 64]> y = scaled_dot_product_attention(query = x, key = x, value = x, attn_mask = m)[name = string("y")];)",
             "tensor<fp16, [1, 64, 512, 64]> x, tensor<fp16, [1, 64, 512, 512]> m");
  EXPECT_THAT(rules(program),
              ElementsAre("surface-sizes-differ", "binding-order", "attention-mask@y"));
}

TEST(AneLint, BlockWiseWeightsAreReported) {
  const auto program = parsed(R"(
            tensor<fp16, [2, 4]> y = constexpr_blockwise_shift_scale(data = tensor<int8, [2, 4]>([[1, 2, 3, 4], [5, 6, 7, 8]]), scale = tensor<fp16, [2, 2]>([[1, 2], [3, 4]]))[name = string("y")];)",
                              "tensor<fp16, [1, 64, 1, 512]> x", "x");
  EXPECT_THAT(rules(program), ElementsAre("blockwise-weights@y"));
}

TEST(AneLint, SmallAndUnequalSurfacesAreReported) {
  const auto program = parsed(R"(
            tensor<fp16, [1, 64, 1, 512]> y = add(x = x, y = b)[name = string("y")];)",
                              "tensor<fp16, [1, 64, 1, 512]> x, tensor<fp16, [1]> b");
  EXPECT_THAT(rules(program), ElementsAre("surface-size", "surface-sizes-differ", "binding-order"));
  const LintFinding first = lint_for_ane(program).front();
  EXPECT_EQ(first.function, "main");
  EXPECT_THAT(first.seen, HasSubstr("'b' has 2 bytes"));
}

TEST(AneLint, SurfacesMayHaveTheLeastSafeSize) {
  const auto program = parsed(R"(
            tensor<fp16, [24576]> y = relu(x = x)[name = string("y")];)",
                              "tensor<fp16, [24576]> x");
  EXPECT_THAT(rules(program), IsEmpty());
}

TEST(AneLint, CoreMlHasFp16InputsSinceIos16) {
  const auto with_opset = [](std::string_view version, mil::Opset opset) {
    mil::Builder builder(std::string(version), opset);
    builder.input("x", kLarge);
    builder.op("relu", "y", kLarge, {{"x", "x"}});
    return rules(builder.finish({"y"}));
  };
  EXPECT_THAT(with_opset("1.0", mil::Opset::ios15),
              ElementsAre("framework-io-type", "framework-io-type"));
  EXPECT_THAT(with_opset("1.0", mil::Opset::ios16), IsEmpty());
  // Format 1.3 is that of iOS 18, whatever its functions ask for.
  EXPECT_THAT(with_opset("1.3", mil::Opset::ios15), IsEmpty());
}

TEST(AneLint, StatesAreFp16WithFixedDimensions) {
  const auto with_state = [](std::string_view type) {
    return rules(parsed(R"(
            tensor<fp16, [1, 64, 1, 512]> y = relu(x = x)[name = string("y")];)",
                        fmt::format("state<tensor<{}>> s, tensor<fp16, [1, 64, 1, 512]> x", type)));
  };
  EXPECT_THAT(with_state("fp16, [4]"), IsEmpty());
  EXPECT_THAT(with_state("fp32, [4]"), ElementsAre("framework-state"));
  EXPECT_THAT(with_state("fp16, [?]"), ElementsAre("framework-state"));
}

TEST(AneLint, ScalesOfQuantizeMustNotBeNegative) {
  const auto with_scale = [](std::string_view scale) {
    return rules(parsed(fmt::format(R"(
            tensor<int8, [1, 64, 1, 512]> q = quantize(input = x, scale = fp16({}), output_dtype = string("int8"))[name = string("q")];
            tensor<fp16, [1, 64, 1, 512]> y = dequantize(input = q, scale = fp16(0.5))[name = string("y")];)",
                                    scale)));
  };
  EXPECT_THAT(with_scale("0.5"), IsEmpty());
  EXPECT_THAT(with_scale("-0.5"), ElementsAre("negative-scale@q"));
}

TEST(AneLint, LooksIntoNestedBlocks) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", kLarge);
  builder.constant("p", Value::boolean(true));
  mil::Operation cond;
  cond.type = "cond";
  cond.outputs = {{"y", kLarge}};
  cond.inputs = {{"pred", {std::string("p")}, false}};
  for (const char* name : {"a", "b"}) {
    mil::Operation gelu;
    gelu.type = "gelu";
    gelu.inputs = {{"x", {std::string("x")}, false}, {"mode", {Value::string("EXACT")}, false}};
    gelu.outputs = {{name, kLarge}};
    mil::Block block;
    block.operations = {gelu};
    block.outputs = {name};
    cond.blocks.push_back(std::move(block));
  }
  builder.append(cond);
  EXPECT_THAT(rules(builder.finish({"y"})), ElementsAre("gelu@a", "gelu@b"));
}

TEST(AneLint, OneFunctionCanBeChosen) {
  mil::ProgramData data = parsed(R"(
            tensor<fp16, [1, 64, 1, 512]> y = gelu(x = x, mode = string("EXACT"))[name = string("y")];)")
                              .data();
  data.functions.push_back(data.functions.front());
  data.functions.back().name = "other";
  const mil::Program program(std::move(data));
  EXPECT_EQ(lint_for_ane(program).size(), 2u);
  const auto one = lint_for_ane(program, {.function = "other"});
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one.front().function, "other");
  EXPECT_NE(one.front().location.line, 0u);
}

}  // namespace
}  // namespace anebench::transform
