#include "anebench/ops/verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/mil/builder.h"
#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Dim;
using mil::Opset;
using mil::Type;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> rules_of(const Report& report) {
  std::vector<std::string> names;
  for (const Diagnostic& diagnostic : report.diagnostics) {
    names.push_back((diagnostic.severity == Severity::bent ? "bent " : "") + diagnostic.rule);
  }
  return names;
}

const Type kVector = Type::tensor(DataType::fp16, {4});

// A function with an input x and a relu y of it, which breaks no rule.
mil::ProgramData sound_program() {
  mil::Builder b("1.3", Opset::ios18);
  b.input("x", kVector);
  b.op("relu", "y", kVector, {{"x", "x"}});
  return b.finish({"y"}).data();
}

std::vector<std::string> rules_of(const mil::ProgramData& data, const VerifyOptions& options = {}) {
  return rules_of(verify(mil::Program(data), options));
}

TEST(Verifier, FindsNothingInASoundProgram) {
  EXPECT_THAT(rules_of(sound_program()), IsEmpty());
  EXPECT_TRUE(verify(mil::Program(sound_program())).ok());
}

// --- Programs and functions ---------------------------------------------------------------------

TEST(Verifier, KnowsTheProgramVersions) {
  auto data = sound_program();
  data.version = "1.0";
  EXPECT_THAT(rules_of(data), IsEmpty());
  data.version = "1.2";
  EXPECT_THAT(rules_of(data), ElementsAre("program-version"));
  EXPECT_TRUE(verify(mil::Program(data)).ok());
  data.version = "2.0";
  EXPECT_THAT(rules_of(data), ElementsAre("program-version"));
  EXPECT_FALSE(verify(mil::Program(data)).ok());
}

TEST(Verifier, WantsAFunction) {
  EXPECT_THAT(rules_of(mil::ProgramData()), ElementsAre("no-function"));
  VerifyOptions options;
  options.function = "other";
  EXPECT_THAT(rules_of(sound_program(), options), ElementsAre("no-function"));
}

TEST(Verifier, WantsFunctionsOfDifferentNames) {
  auto data = sound_program();
  data.functions.push_back(data.functions.front());
  EXPECT_THAT(rules_of(data), ElementsAre("duplicate-function"));
}

TEST(Verifier, ChecksOnlyTheFunctionAskedFor) {
  auto data = sound_program();
  data.functions.push_back(data.functions.front());
  data.functions.back().name = "broken";
  data.functions.back().body.outputs = {"nowhere"};
  EXPECT_THAT(rules_of(data), ElementsAre("unknown-name"));
  VerifyOptions options;
  options.function = "main";
  EXPECT_THAT(rules_of(data, options), IsEmpty());
}

TEST(Verifier, KnowsTheOpsets) {
  auto data = sound_program();
  data.functions.front().opset = "ios99";
  EXPECT_THAT(rules_of(data), ElementsAre("unknown-opset"));
}

TEST(Verifier, WantsOutputsThatExist) {
  auto data = sound_program();
  data.functions.front().body.outputs = {"y", "z"};
  const Report report = verify(mil::Program(data));
  EXPECT_THAT(rules_of(report), ElementsAre("unknown-name"));
  EXPECT_THAT(to_string(report), HasSubstr("function main: the output 'z'"));
}

// --- Names --------------------------------------------------------------------------------------

TEST(Verifier, WantsNamesDefinedOnce) {
  auto data = sound_program();
  data.functions.front().inputs.push_back({"x", kVector});
  EXPECT_THAT(rules_of(data), ElementsAre("duplicate-name"));
  data = sound_program();
  auto& operations = data.functions.front().body.operations;
  operations.push_back(operations.front());
  EXPECT_THAT(rules_of(data), ElementsAre("duplicate-name"));
  data = sound_program();
  data.functions.front().body.operations.front().outputs.front().name = "x";
  EXPECT_THAT(rules_of(data), Contains("duplicate-name"));
}

TEST(Verifier, WantsNamesDefinedBeforeTheirUse) {
  auto data = sound_program();
  data.functions.front().body.operations.front().inputs.front().bindings.front() = "y";
  const Report report = verify(mil::Program(data));
  EXPECT_THAT(rules_of(report), ElementsAre("unknown-name"));
  EXPECT_THAT(report.diagnostics.front().message, HasSubstr("'y'"));
}

TEST(Verifier, GivesOneDiagnosticForAnUnknownOp) {
  auto data = sound_program();
  auto& operations = data.functions.front().body.operations;
  operations.front().type = "mystery";
  mil::Operation user = operations.front();
  user.type = "relu";
  user.inputs.front().bindings.front() = "y";
  user.outputs.front().name = "z";
  operations.push_back(user);
  EXPECT_THAT(rules_of(data), ElementsAre("unknown-op"));
}

// --- Arguments ----------------------------------------------------------------------------------

OpTester quantize() {
  OpTester op("quantize");
  op.declare("input", kVector);
  return op;
}

TEST(Verifier, AcceptsAQuantize) {
  OpTester op = quantize();
  op.literal("scale", fp16({}, {1})).literal("output_dtype", string("int8"));
  EXPECT_THAT(op.rules(), IsEmpty());
}

TEST(Verifier, KnowsWhenAnOpAppeared) {
  OpTester op("quantize", Opset::ios16);
  op.declare("input", kVector);
  op.literal("scale", fp16({}, {1})).literal("output_dtype", string("int8"));
  EXPECT_THAT(op.rules(), ElementsAre("op-too-new"));
}

TEST(Verifier, WantsRequiredParameters) {
  OpTester op = quantize();
  op.literal("output_dtype", string("int8"));
  EXPECT_THAT(op.rules(), ElementsAre("missing-parameter"));
}

TEST(Verifier, RefusesUnknownParameters) {
  OpTester op("relu");
  op.declare("x", kVector).literal("alpha", fp16({}, {1}));
  EXPECT_THAT(op.rules(), ElementsAre("unknown-parameter"));
  OpTester affine("constexpr_affine_dequantize");
  affine.attribute("quantized_data", tensor(DataType::int8, {1}, {1}))
      .attribute("zero_point", tensor(DataType::int8, {}, {1}))
      .attribute("scale", fp16({}, {1}))
      .attribute("axis", int32(0))
      .attribute("name", string("w"));
  EXPECT_THAT(affine.rules(), IsEmpty());
  affine.attribute("bits", int32(8));
  EXPECT_THAT(affine.rules(), ElementsAre("unknown-parameter"));
}

TEST(Verifier, RefusesAParameterGivenTwice) {
  OpTester op("relu");
  op.declare("x", kVector).literal("x", fp16({4}, {1, 2, 3, 4}));
  EXPECT_THAT(op.rules(), ElementsAre("duplicate-argument"));
  OpTester both("constexpr_cast");
  both.literal("source_val", fp16({1}, {1})).literal("output_dtype", string("fp32"));
  both.attribute("output_dtype", string("fp32"));
  EXPECT_THAT(both.rules(), ElementsAre("duplicate-argument"));
}

TEST(Verifier, WantsParametersOfOrdinaryOpsInTheInputs) {
  OpTester op("cast");
  op.declare("x", kVector).attribute("dtype", string("fp32"));
  EXPECT_THAT(op.rules(), Contains("parameter-place"));
}

TEST(Verifier, WantsOneValueForOneParameter) {
  OpTester op("relu");
  op.declare("x", kVector);
  op.operation().inputs.front().bindings.emplace_back("x");
  EXPECT_THAT(op.rules(), ElementsAre("binding-count"));
  op.operation().inputs.front().bindings.clear();
  EXPECT_THAT(op.rules(), ElementsAre("binding-count"));
}

TEST(Verifier, WantsConstantsWhereTheyAreAsked) {
  OpTester op = quantize();
  op.declare("scale", Type::scalar(DataType::fp16)).literal("output_dtype", string("int8"));
  EXPECT_THAT(op.rules(), ElementsAre("not-constant"));
}

TEST(Verifier, TakesConstexprResultsAsConstants) {
  mil::Builder b("1.3", Opset::ios16);
  b.input("x", Type::tensor(DataType::fp32, {1, 1, 4}));
  b.constant("w", mil::Value::tensor<float>({1, 1, 1}, {2}));
  b.op_with_attributes(
      "constexpr_cast", "b", Type::tensor(DataType::fp32, {1}),
      {{"source_val", fp16({1}, {3}).to_value()}, {"output_dtype", string("fp32")}});
  b.op("conv", "y", Type::tensor(DataType::fp32, {1, 1, 4}),
       {{"x", "x"}, {"weight", "w"}, {"bias", "b"}});
  EXPECT_THAT(rules_of(verify(b.finish({"y"}))), IsEmpty());
}

TEST(Verifier, WantsTensorsWhereTheyAreAsked) {
  OpTester op("relu");
  op.declare("x", Type::list(kVector, 2));
  EXPECT_THAT(op.rules(), ElementsAre("parameter-kind"));
  OpTester any("identity");
  any.declare("x", Type::list(kVector, 2));
  EXPECT_THAT(any.rules(), IsEmpty());
}

TEST(Verifier, KnowsTheTypeDomains) {
  OpTester op("relu");
  op.declare("x", Type::tensor(DataType::int8, {4}));
  EXPECT_THAT(op.rules(), ElementsAre("type-domain"));
  EXPECT_THAT(op.rules(Strictness::lenient), ElementsAre("type-domain"));
}

TEST(Verifier, WantsEqualTypesForOneTypeVariable) {
  OpTester op("add");
  op.declare("x", kVector).declare("y", Type::tensor(DataType::fp32, {4}));
  EXPECT_THAT(op.rules(), ElementsAre("type-variable"));
  // Weight and bias must agree; x may differ since iOS 17 only.
  for (const auto& [opset, expected] :
       {std::pair(Opset::ios16, std::vector<std::string>{"type-variable"}),
        std::pair(Opset::ios17, std::vector<std::string>{})}) {
    OpTester conv("conv", opset);
    conv.declare("x", Type::tensor(DataType::fp16, {1, 1, 4}))
        .literal("weight", tensor(DataType::fp32, {1, 1, 1}, {1}));
    EXPECT_EQ(conv.rules(), expected);
  }
}

TEST(Verifier, TakesAnFp32ScalarForADefaultOfAnyFloatingType) {
  const auto batch_norm = [](const char* early, Tensor early_value, const char* late,
                             Tensor late_value) {
    OpTester op("batch_norm", Opset::ios17);
    op.declare("x", Type::tensor(DataType::fp16, {1, 1, 4}));
    op.literal(early, std::move(early_value)).literal(late, std::move(late_value));
    return op.literal("variance", tensor(DataType::fp16, {1}, {1})).rules();
  };
  const Tensor mean = tensor(DataType::fp16, {1}, {0});
  const Tensor epsilon = tensor(DataType::fp32, {}, {1e-5});
  EXPECT_THAT(batch_norm("mean", mean, "epsilon", epsilon), IsEmpty());
  EXPECT_THAT(batch_norm("epsilon", epsilon, "mean", mean), IsEmpty());
  // A vector is nobody's default.
  const Tensor gamma = tensor(DataType::fp32, {1}, {1});
  EXPECT_THAT(batch_norm("mean", mean, "gamma", gamma), ElementsAre("type-variable"));
}

TEST(Verifier, AppliesTheOpsOwnRules) {
  OpTester op("add");
  op.declare("x", kVector).declare("y", Type::tensor(DataType::fp16, {3}));
  const Report report = verify(op.program());
  EXPECT_THAT(rules_of(report), ElementsAre("op-rule"));
  // The operation is named once.
  EXPECT_THAT(to_string(report.diagnostics.front()),
              HasSubstr("error: add 'out0' (op 0 of main): parameter 'y'"));
}

// --- Outputs ------------------------------------------------------------------------------------

TEST(Verifier, WantsTheDeclaredTypeToBeTheInferredOne) {
  for (const Type& declared : {Type::tensor(DataType::fp32, {4}), Type::tensor(DataType::fp16, {5}),
                               Type::tensor(DataType::fp16, {4, 1}), Type::list(kVector, 1)}) {
    auto data = sound_program();
    data.functions.front().body.operations.front().outputs.front().type = declared;
    EXPECT_THAT(rules_of(data), ElementsAre("output-type")) << to_string(declared);
  }
  auto data = sound_program();
  data.functions.front().body.operations.front().outputs.front().type =
      Type::tensor(DataType::fp16, {Dim::unknown()});
  EXPECT_THAT(rules_of(data), IsEmpty());
}

TEST(Verifier, CountsTheOutputs) {
  auto data = sound_program();
  data.functions.front().body.operations.front().outputs.push_back({"z", kVector});
  EXPECT_THAT(rules_of(data), ElementsAre("output-count"));
  data.functions.front().body.operations.front().outputs.back().name = "y";
  EXPECT_THAT(rules_of(data), ElementsAre("output-count", "duplicate-name"));
}

TEST(Verifier, WantsAConstToBeOfItsValuesType) {
  mil::Builder b("1.3", Opset::ios18);
  b.constant("c", mil::Value::scalar<float>(1));
  auto data = b.finish({"c"}).data();
  EXPECT_THAT(rules_of(data), IsEmpty());
  data.functions.front().body.operations.front().outputs.front().type = kVector;
  EXPECT_THAT(rules_of(data), ElementsAre("output-type"));
}

// --- Blobs, sizes, blocks -----------------------------------------------------------------------

TEST(Verifier, KnowsWhatWeightFilesHold) {
  const auto rules = [](const Type& type) {
    mil::Builder b("1.3", Opset::ios18);
    b.constant("c", mil::Value::blob(type, {"@model_path/weights/weight.bin", 64}));
    return rules_of(verify(b.finish({"c"})));
  };
  EXPECT_THAT(rules(Type::tensor(DataType::uint3, {8})), IsEmpty());
  EXPECT_THAT(rules(Type::tensor(DataType::int64, {8})), ElementsAre("blob-type"));
  EXPECT_THAT(rules(Type::tensor(DataType::boolean, {8})), ElementsAre("blob-type"));
  EXPECT_THAT(rules(Type::tensor(DataType::string, {8})), ElementsAre("blob-type"));
  EXPECT_THAT(rules(Type::tensor(DataType::fp16, {Dim::unknown()})), ElementsAre("blob-type"));
}

TEST(Verifier, FindsBlobsWithinTuples) {
  auto data = sound_program();
  const Type type = Type::tensor(DataType::int64, {8});
  data.functions.front().body.operations.front().attributes.push_back(
      {"extra", mil::Value::items(Type::tuple({type}),
                                  {mil::Value::blob(type, {"@model_path/w.bin", 64})})});
  EXPECT_THAT(rules_of(data), ElementsAre("blob-type"));
}

TEST(Verifier, RefusesShapesThatNoMachineHolds) {
  const Type absurd = Type::tensor(DataType::fp16, {std::int64_t{1} << 62, 4});
  auto data = sound_program();
  data.functions.front().inputs.front().type = absurd;
  data.functions.front().body.operations.front().outputs.front().type = absurd;
  EXPECT_THAT(rules_of(data), ElementsAre("size", "size"));
}

TEST(Verifier, RefusesBlocksWhereTheOpHasNone) {
  auto data = sound_program();
  data.functions.front().body.operations.front().blocks.emplace_back();
  EXPECT_THAT(rules_of(data), ElementsAre("blocks"));
}

// A program whose one operation, of a type unknown here, carries `block`.
mil::ProgramData with_block(mil::Block block) {
  auto data = sound_program();
  mil::Operation operation;
  operation.type = "mystery";
  operation.blocks.push_back(std::move(block));
  data.functions.front().body.operations.push_back(std::move(operation));
  return data;
}

mil::Operation relu(const std::string& x, const std::string& y) {
  mil::Operation operation;
  operation.type = "relu";
  operation.inputs.push_back({"x", {x}, false});
  operation.outputs.push_back({y, kVector});
  return operation;
}

TEST(Verifier, LetsBlocksSeeEnclosingNamesOnly) {
  mil::Block block;
  block.inputs.push_back({"i", kVector});
  block.operations = {relu("x", "inner"), relu("i", "inner2")};
  block.outputs = {"inner2", "x"};
  auto data = with_block(block);
  EXPECT_THAT(rules_of(data), ElementsAre("unknown-op"));
  // Names of a block are not seen after it.
  data.functions.front().body.operations.push_back(relu("inner", "late"));
  EXPECT_THAT(rules_of(data), ElementsAre("unknown-op", "unknown-name"));
}

TEST(Verifier, ChecksInsideBlocks) {
  mil::Block block;
  block.operations = {relu("nowhere", "inner")};
  block.outputs = {"missing"};
  const Report report = verify(mil::Program(with_block(block)));
  EXPECT_THAT(rules_of(report), ElementsAre("unknown-op", "unknown-name", "unknown-name"));
}

TEST(Verifier, BoundsTheNestingOfBlocks) {
  mil::Block block;
  for (int i = 0; i < 100; ++i) {
    mil::Operation operation;
    operation.type = "mystery";
    operation.blocks.push_back(std::move(block));
    block = mil::Block();
    block.operations.push_back(std::move(operation));
  }
  EXPECT_THAT(rules_of(with_block(block)), Contains("nesting"));
}

// --- Bent rules ---------------------------------------------------------------------------------

OpTester uint4_affine() {
  OpTester op("constexpr_affine_dequantize");
  op.literal("quantized_data", tensor(DataType::uint4, {2, 2}, {1, 2, 3, 4}))
      .literal("zero_point", tensor(DataType::uint4, {2}, {8, 8}))
      .literal("scale", fp16({2}, {1, 1}))
      .literal("axis", int32(0));
  return op;
}

TEST(Verifier, BendsUint4InAffineDequantizeWhenLenient) {
  EXPECT_THAT(uint4_affine().rules(), ElementsAre("type-domain", "type-domain"));
  EXPECT_THAT(uint4_affine().rules(Strictness::lenient),
              ElementsAre("bent type-domain", "bent type-domain"));
  VerifyOptions lenient;
  lenient.strictness = Strictness::lenient;
  const Report report = verify(uint4_affine().program(), lenient);
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.bent_rules().size(), 2u);
}

TEST(Verifier, BendsTheClassicLookUpTableWhenLenient) {
  OpTester op("constexpr_lut_to_dense");
  op.literal("indices", packed(DataType::uint8, {2}, {0x21, 0x43}))
      .literal("lut", fp16({1, 1, 16}, std::vector<double>(16, 1)))
      .literal("shape", int32s({2, 2}));
  EXPECT_THAT(op.rules(), Contains("older-form"));
  EXPECT_THAT(op.rules(), Contains("type-domain"));
  EXPECT_THAT(op.rules(Strictness::lenient),
              ElementsAre("bent older-form", "bent type-domain", "bent lut-shape"));
}

TEST(Verifier, BendsALookUpTablesShapeOnItsOwn) {
  OpTester op("constexpr_lut_to_dense", Opset::ios16);
  op.literal("indices", packed(DataType::uint8, {2}, {0x21, 0x43}))
      .literal("lut", fp16({1, 1, 16}, std::vector<double>(16, 1)))
      .literal("shape", uint32s({2, 2}));
  EXPECT_THAT(op.rules(), ElementsAre("lut-shape"));
  EXPECT_THAT(op.rules(Strictness::lenient), ElementsAre("bent lut-shape"));
}

TEST(Verifier, DoesNotBendRawInt8Weights) {
  OpTester op("conv");
  op.declare("x", Type::tensor(DataType::fp16, {1, 1, 4}))
      .literal("weight", tensor(DataType::int8, {1, 1, 1}, {1}));
  EXPECT_THAT(op.rules(), ElementsAre("type-domain"));
  EXPECT_THAT(op.rules(Strictness::lenient), ElementsAre("type-domain"));
}

// --- Reports ------------------------------------------------------------------------------------

TEST(Verifier, BoundsItsDiagnosticsButCountsAll) {
  auto data = sound_program();
  for (int i = 0; i < 50; ++i) data.functions.front().body.outputs.push_back("nowhere");
  VerifyOptions options;
  options.max_diagnostics = 7;
  const Report report = verify(mil::Program(data), options);
  EXPECT_EQ(report.diagnostics.size(), 7u);
  EXPECT_EQ(report.suppressed, 43u);
  EXPECT_EQ(report.error_count, 50u);
  EXPECT_THAT(to_string(report), HasSubstr("and 43 more"));
}

TEST(Verifier, NamesTheLineOfAProblem) {
  auto data = sound_program();
  data.functions.front().body.operations.front().type = "mystery";
  data.functions.front().body.operations.front().location = {12, 5};
  EXPECT_EQ(to_string(verify(mil::Program(data)).diagnostics.front()),
            "line 12: error: mystery 'y' (op 0 of main): unknown op type 'mystery' [unknown-op]");
}

TEST(RequireValid, CarriesTheFirstProblems) {
  EXPECT_TRUE(require_valid(mil::Program(sound_program())));
  auto data = sound_program();
  for (int i = 0; i < 9; ++i) data.functions.front().body.outputs.push_back("nowhere");
  const auto report = require_valid(mil::Program(data));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), ErrorCode::verification_error);
  EXPECT_THAT(report.error().message(), HasSubstr("'nowhere'"));
  EXPECT_THAT(report.error().message(), HasSubstr("and 4 more"));
}

}  // namespace
}  // namespace anebench::ops
