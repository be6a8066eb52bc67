#include "anebench/ops/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/mil/builder.h"
#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;
using mil::Type;
using testing::ElementsAre;
using testing::HasSubstr;

// Serves one blob, whatever the reference.
class OneBlob final : public mil::BlobResolver {
 public:
  explicit OneBlob(mil::Value value) : value_(std::move(value)) {}
  Result<mil::SharedBytes> resolve(const mil::BlobReference& /*reference*/,
                                   const Type& type) const override {
    if (type.byte_size() != static_cast<std::int64_t>(value_.bytes().size())) {
      return fail(ErrorCode::io_error, "the blob has another size");
    }
    return mil::SharedBytes{value_.bytes(), value_.shared_bytes()};
  }

 private:
  mil::Value value_;
};

mil::Value blob(const mil::Value& like) {
  return mil::Value::blob(like.type(), {"@model_path/weights/weight.bin", 64});
}

// w8 = affine(data, scale = s), s being a cast of a constexpr: constants in a chain.
mil::Program chain() {
  mil::Builder b("1.3", Opset::ios18);
  b.op_with_attributes(
      "constexpr_cast", "s", Type::scalar(DataType::fp32),
      {{"source_val", fp16({}, {0.5}).to_value()}, {"output_dtype", string("fp32")}});
  b.constant("d", tensor(DataType::int8, {3}, {1, 2, 3}).to_value());
  b.op("constexpr_affine_dequantize", "w", Type::tensor(DataType::fp32, {3}),
       {{"quantized_data", "d"},
        {"zero_point", tensor(DataType::int8, {}, {1}).to_value()},
        {"scale", "s"},
        {"axis", int32(0)}});
  b.op("relu", "y", Type::tensor(DataType::fp32, {3}), {{"x", "w"}});
  return b.finish({"y"});
}

Scope full_scope(const mil::Function& function, const mil::BlobResolver* resolver = nullptr) {
  Scope scope(function, resolver);
  for (const mil::Operation& operation : function.body.operations) scope.declare(operation);
  return scope;
}

TEST(FoldConstants, EvaluatesConstexprOpsInOrder) {
  const mil::Program program = chain();
  TensorEnvironment values;
  const auto folded = fold_constants(program.main()->body, full_scope(*program.main()), values);
  ASSERT_TRUE(folded) << folded.error().to_string();
  ASSERT_EQ(values.size(), 2u);
  EXPECT_THAT(values.at("w").to_doubles(), ElementsAre(0, 0.5, 1));
}

TEST(FoldConstants, StaysWithinItsLimit) {
  const mil::Program program = chain();
  TensorEnvironment values;
  // 4 bytes for s and 12 for w.
  const Scope scope = full_scope(*program.main());
  EXPECT_TRUE(fold_constants(program.main()->body, scope, values, 16));
  const auto refused = fold_constants(program.main()->body, scope, values, 15);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::resource_exhausted);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("constexpr_affine_dequantize 'w'"));
}

TEST(Evaluate, ReadsConstantsThroughTheResolver) {
  const mil::Value weights = fp16({2}, {3, 4}).to_value();
  const OneBlob resolver(weights);
  mil::Builder b("1.3", Opset::ios18);
  b.input("x", Type::tensor(DataType::fp16, {2}));
  b.constant("w", blob(weights));
  b.op("mul", "y", Type::tensor(DataType::fp16, {2}), {{"x", "x"}, {"y", "w"}});
  const mil::Program program = b.finish({"y"});
  const mil::Operation& mul = program.main()->body.operations.back();
  const TensorEnvironment values = {{"x", fp16({2}, {1, 2})}};
  const auto outputs = evaluate(mul, full_scope(*program.main(), &resolver), values);
  ASSERT_TRUE(outputs) << outputs.error().to_string();
  EXPECT_THAT(outputs->front().to_doubles(), ElementsAre(3, 8));
  const auto without = evaluate(mul, full_scope(*program.main()), values);
  EXPECT_FALSE(without);
}

TEST(Evaluate, ReadsSmallParametersFromWeightFiles) {
  const mil::Value strides = int32s({2});
  const OneBlob resolver(strides);
  mil::Operation conv;
  conv.type = "conv";
  conv.outputs.push_back({"y", Type()});
  conv.inputs.push_back({"x", {fp16({1, 1, 3}, {1, 2, 3}).to_value()}, false});
  conv.inputs.push_back({"weight", {fp16({1, 1, 1}, {1}).to_value()}, false});
  conv.inputs.push_back({"strides", {blob(strides)}, false});
  const auto outputs = evaluate(conv, Scope(Opset::ios18, &resolver), {});
  ASSERT_TRUE(outputs) << outputs.error().to_string();
  EXPECT_THAT(outputs->front().to_doubles(), ElementsAre(1, 3));
}

TEST(Verify, LeavesOutWhatItCannotReach) {
  OpTester op("conv");
  op.literal("x", fp16({1, 1, 3}, {1, 2, 3})).literal("weight", fp16({1, 1, 1}, {1}));
  op.literal("strides", blob(int32s({2})));
  EXPECT_TRUE(op.rules().empty());
}

TEST(Evaluate, NamesTheMissingInput) {
  OpTester op("relu");
  op.declare("x", Type::tensor(DataType::fp16, {2}));
  EXPECT_EQ(op.evaluation_error(), "relu 'out0': parameter 'x' has no value");
  EXPECT_EQ(OpTester("relu").evaluation_error(), "relu 'out0': parameter 'x' is missing");
}

TEST(Evaluate, CountsTheOutputs) {
  OpTester op("relu", Opset::ios18, 2);
  op.input("x", fp16({1}, {1}));
  EXPECT_THAT(op.evaluation_error(), HasSubstr("2 outputs are declared"));
}

TEST(Evaluate, RefusesUnknownOps) {
  const auto outputs = OpTester("mystery").evaluate();
  ASSERT_FALSE(outputs);
  EXPECT_EQ(outputs.error().code(), ErrorCode::unsupported);
}

TEST(Arguments, ReadEveryKindOfConstant) {
  mil::Operation operation;
  operation.type = "conv";
  operation.inputs = {{"strides", {int32s({1, 2})}, false},
                      {"groups", {int32(3)}, false},
                      {"pad_type", {string("same")}, false},
                      {"x", {std::string("x")}, false}};
  operation.outputs = {{"y", Type()}};
  Scope scope(Opset::ios18);
  scope.declare("x", {.type = Type::tensor(DataType::fp16, {1})});
  const auto arguments = Arguments::bind(operation, scope);
  ASSERT_TRUE(arguments);
  EXPECT_THAT(*arguments->integers("strides"), ElementsAre(1, 2));
  EXPECT_EQ(arguments->integer("groups"), 3);
  EXPECT_EQ(arguments->integer_or("axis", 7), 7);
  EXPECT_EQ(arguments->string("pad_type"), "same");
  EXPECT_EQ(arguments->number("groups"), 3.0);
  EXPECT_EQ(arguments->number_or("pad", 0.5), 0.5);
  EXPECT_EQ(arguments->boolean_or("pad", true), true);
  EXPECT_FALSE(arguments->boolean_or("groups", true));
  EXPECT_FALSE(arguments->string("groups"));
  EXPECT_FALSE(arguments->integer("strides"));
  EXPECT_FALSE(arguments->integer("x"));
  EXPECT_EQ(arguments->integer("x").error().code(), ErrorCode::unavailable);
  EXPECT_EQ(*arguments->integers_if_known("x"), std::nullopt);
  EXPECT_EQ(arguments->name("x"), "x");
  EXPECT_EQ(arguments->name("groups"), std::nullopt);
  EXPECT_TRUE(arguments->is_constant("groups"));
  EXPECT_FALSE(arguments->is_constant("x"));
  EXPECT_EQ(arguments->count("x"), 1u);
  EXPECT_EQ(arguments->count("bias"), 0u);
  EXPECT_EQ(arguments->describe(), "conv 'y'");
}

TEST(Scope, SeesInnermostNamesFirst) {
  Scope outer(Opset::ios18);
  outer.declare("a", {.type = Type::scalar(DataType::fp16)});
  mil::Block block;
  block.inputs.push_back({"b", Type::scalar(DataType::int32)});
  Scope inner(outer, block);
  EXPECT_EQ(inner.find("a")->type, Type::scalar(DataType::fp16));
  EXPECT_EQ(inner.find("b")->type, Type::scalar(DataType::int32));
  EXPECT_FALSE(inner.declares("a"));
  inner.declare("a", {.type = Type::scalar(DataType::fp32)});
  EXPECT_EQ(inner.find("a")->type, Type::scalar(DataType::fp32));
  EXPECT_EQ(outer.find("a")->type, Type::scalar(DataType::fp16));
  EXPECT_EQ(outer.find("b"), nullptr);
}

}  // namespace
}  // namespace anebench::ops
