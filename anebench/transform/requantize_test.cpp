#include "anebench/transform/requantize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "anebench/mil/text_parser.h"
#include "anebench/mil/text_printer.h"
#include "anebench/ops/registry.h"
#include "anebench/ops/verifier.h"
#include "anebench/transform/quantized_program_for_tests.h"

namespace anebench::transform {
namespace {

using mil::DataType;
using mil::Opset;
using mil::Type;
using mil::Value;
using testing::HasSubstr;
using testing::IsEmpty;

RequantizeOptions with_scheme(std::string_view name) {
  RequantizeOptions options;
  options.scheme = *find_scheme(name);
  return options;
}

RequantizeOptions int8_options() {
  RequantizeOptions options = with_scheme("w8a8");
  options.ranges["main"] = {{"x", 1.0}, {"middle", 4.0}};
  return options;
}

Requantized requantized(const TestModel& model, const RequantizeOptions& options) {
  auto result = requantize(model.program, model.weights, options);
  EXPECT_TRUE(result) << result.error().to_string();
  return result ? std::move(*result) : Requantized{};
}

const WeightResult& weight(const Requantized& result, std::string_view name) {
  for (const WeightResult& one : result.report.weights) {
    if (one.name == name) return one;
  }
  ADD_FAILURE() << name;
  static const WeightResult kNone;
  return kNone;
}

const mil::Operation& producer(const mil::Program& program, std::string_view name) {
  for (const mil::Operation& operation : program.main()->body.operations) {
    for (const mil::NamedType& output : operation.outputs) {
      if (output.name == name) return operation;
    }
  }
  ADD_FAILURE() << name;
  return program.main()->body.operations.front();
}

class EachScheme : public testing::TestWithParam<std::string> {
 protected:
  static RequantizeOptions options() {
    return GetParam() == "w8a8" ? int8_options() : with_scheme(GetParam());
  }
};

TEST_P(EachScheme, GivesAValidProgramOfTheSameInterface) {
  for (const Opset opset : {Opset::ios15, Opset::ios16, Opset::ios17, Opset::ios18}) {
    SCOPED_TRACE(mil::to_string(opset));
    const TestModel model = two_convolutions(opset);
    const Requantized result = requantized(model, options());
    EXPECT_EQ(result.report.quantized_weights(), 2u);
    const ops::Report report = ops::verify(result.program, {.resolver = result.weights.get()});
    EXPECT_TRUE(report.ok()) << ops::to_string(report);
    EXPECT_THAT(report.bent_rules(), IsEmpty());
    EXPECT_EQ(result.program.main()->inputs, model.program.main()->inputs);
    EXPECT_EQ(result.program.main()->body.outputs, model.program.main()->body.outputs);
    EXPECT_EQ(weight(result, "bias").outcome, WeightOutcome::too_small);
    for (const char* name : {"w1", "w2"}) {
      EXPECT_LT(weight(result, name).bytes_after, weight(result, name).bytes_before);
      EXPECT_THAT(producer(result.program, name).type, testing::StartsWith("constexpr_"));
    }
  }
}

TEST_P(EachScheme, IsPrintedAndParsedAgain) {
  const Requantized result = requantized(two_convolutions(), options());
  const auto parsed = mil::parse_text(mil::print_text(result.program));
  ASSERT_TRUE(parsed) << parsed.error().to_string();
  EXPECT_EQ(mil::print_text(*parsed), mil::print_text(result.program));
}

TEST_P(EachScheme, LeavesQuantizedWeightsAlone) {
  const Requantized once = requantized(two_convolutions(), options());
  const Requantized twice = requantized({once.program, once.weights}, options());
  EXPECT_TRUE(twice.report.is_unchanged());
  EXPECT_EQ(twice.program, once.program);
  EXPECT_EQ(twice.weights, once.weights);
  EXPECT_EQ(weight(twice, "w1").outcome, WeightOutcome::already_quantized);
  EXPECT_THAT(weight(twice, "w1").detail, testing::StartsWith("constexpr_"));
  for (const ActivationResult& one : twice.report.activations) {
    EXPECT_EQ(one.outcome, ActivationOutcome::already_quantized) << one.operation;
  }
}

TEST_P(EachScheme, IsTheSameEveryTime) {
  const Requantized first = requantized(two_convolutions(), options());
  const Requantized second = requantized(two_convolutions(), options());
  EXPECT_EQ(first.program, second.program);
  EXPECT_TRUE(std::ranges::equal(first.weights->files().at(0).second.bytes,
                                 second.weights->files().at(0).second.bytes));
}

std::vector<std::string> scheme_names() {
  std::vector<std::string> names;
  for (const QuantizationScheme& scheme : quantization_schemes()) names.emplace_back(scheme.name);
  return names;
}
INSTANTIATE_TEST_SUITE_P(Schemes, EachScheme, testing::ValuesIn(scheme_names()),
                         [](const auto& param) { return param.param; });

TEST(Requantize, KeepsAsMuchAsTheBitsAllow) {
  // Lookup tables: what Lloyd and Max give for the normal distribution (J. Max, "Quantizing for
  // Minimum Distortion", IRE Trans. IT-6, 1960), and with 4096 weights for 256 entries a little
  // more, since they fit these weights. Grids: 6.02·b + 4.77 dB less the ratio of peak to RMS,
  // which is about 2.4 (7.6 dB) for 64 normal numbers and 2.2 (6.8 dB) for 32. Pruning: the smaller
  // half of a normal distribution has 7.2 % of its energy, three quarters have 27 %.
  const std::map<std::string, double> expected = {
      {"w8", 43},     {"w8_per_tensor", 40}, {"w8a8", 42},     {"w4", 20},
      {"lut8", 43.8}, {"lut6", 31.8},        {"lut4", 20.2},   {"lut3", 14.6},
      {"lut2", 9.3},  {"lut1", 4.4},         {"sparse50", 11}, {"sparse75", 5.5}};
  for (const QuantizationScheme& scheme : quantization_schemes()) {
    const Requantized result = requantized(two_convolutions(), with_scheme(scheme.name));
    const double snr = weight(result, "w1").snr_db;
    const double wanted = expected.at(std::string(scheme.name));
    EXPECT_GE(snr, wanted - 0.7) << scheme.name;
    EXPECT_LE(snr, wanted + 3) << scheme.name;
  }
}

TEST(Requantize, WeightsAreStoredAsTheSchemeSays) {
  const std::map<std::string, std::string> expected = {{"w8", "constexpr_affine_dequantize"},
                                                       {"w4", "constexpr_blockwise_shift_scale"},
                                                       {"lut4", "constexpr_lut_to_dense"},
                                                       {"sparse50", "constexpr_sparse_to_dense"},
                                                       {"w8a8", "constexpr_affine_dequantize"}};
  for (const auto& [scheme, type] : expected) {
    const Requantized result = requantized(two_convolutions(), with_scheme(scheme));
    EXPECT_EQ(producer(result.program, "w1").type, type) << scheme;
    EXPECT_EQ(producer(result.program, "w1").label(), "w1");
  }
}

TEST(Requantize, TheWeightFileHoldsOnlyWhatIsNeeded) {
  const TestModel model = two_convolutions();
  const Requantized result = requantized(model, with_scheme("w8"));
  const auto size = [](const weights::WeightFiles& files) {
    return files.files().at(0).second.bytes.size();
  };
  // Half of the two weights of 8 KiB, scales and gaps.
  EXPECT_LT(size(*result.weights), size(*model.weights) / 2 + 1024);
  EXPECT_TRUE(
      mil::packed_bytes(*producer(result.program, "bias").find_attribute("val"), *result.weights));
}

TEST(Requantize, RaisesAnOpsetOnlyWhereTheSchemeNeedsIt) {
  const auto opset_after = [](Opset opset, const RequantizeOptions& options) {
    const Requantized result = requantized(two_convolutions(opset), options);
    EXPECT_EQ(result.report.opsets.empty(), result.program.main()->opset == mil::to_string(opset));
    return result.program.main()->opset;
  };
  EXPECT_EQ(opset_after(Opset::ios15, with_scheme("w8")), "ios16");
  EXPECT_EQ(opset_after(Opset::ios17, with_scheme("w8")), "ios17");
  EXPECT_EQ(opset_after(Opset::ios16, with_scheme("lut3")), "ios18");
  EXPECT_EQ(opset_after(Opset::ios16, with_scheme("w4")), "ios18");
  EXPECT_EQ(opset_after(Opset::ios15, int8_options()), "ios17");
  // Without ranges no activation is quantized.
  EXPECT_EQ(opset_after(Opset::ios15, with_scheme("w8a8")), "ios16");
}

TEST(Requantize, TheFormatFollowsTheOpset) {
  EXPECT_EQ(requantized(two_convolutions(Opset::ios16), with_scheme("w8")).program.version(),
            "1.0");
  EXPECT_EQ(requantized(two_convolutions(Opset::ios16), with_scheme("w4")).program.version(),
            "1.3");
}

TEST(Requantize, RefusesToRaiseAnOpsetWhereItMayNot) {
  const TestModel model = two_convolutions(Opset::ios16);
  RequantizeOptions options = with_scheme("w4");
  options.raises_opset = false;
  const auto result = requantize(model.program, model.weights, options);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(result.error().to_string(), HasSubstr("w4 needs opset ios18"));
  // Where nothing is to be done, nothing is needed.
  options.min_elements = 1 << 20;
  EXPECT_TRUE(requantize(model.program, model.weights, options));
}

// Default values belong to the meaning of an operation: raising the opset would change it where
// they differed.
TEST(Requantize, NoNewerOpsetChangesADefault) {
  for (const ops::Definition* definition : ops::all_definitions()) {
    for (std::size_t i = 1; i < definition->versions.size(); ++i) {
      for (const ops::Parameter& parameter : definition->versions[i].parameters) {
        const ops::Parameter* before = definition->versions[i - 1].find(parameter.name);
        if (before == nullptr || !before->optional) continue;
        EXPECT_TRUE(parameter.optional) << definition->name << " " << parameter.name;
        // Some are not listed for one of the versions.
        if (parameter.default_text.empty() || before->default_text.empty()) continue;
        EXPECT_EQ(parameter.default_text, before->default_text)
            << definition->name << " " << parameter.name;
      }
    }
  }
}

TEST(Requantize, SaysWhyAConstantStays) {
  const Type type = Type::tensor(DataType::fp16, {1, 64, 1, 16});
  TestModelBuilder builder;
  builder.builder().input("x", type);
  builder.constant("w1", normal_tensor(DataType::fp16, {64, 64, 1, 1}, 1));
  builder.constant("vector", normal_tensor(DataType::fp16, {4096}, 2));
  builder.constant("returned", normal_tensor(DataType::fp16, {64, 64}, 3));
  builder.constant("unused", normal_tensor(DataType::fp16, {64, 64}, 4));
  Value infinite = normal_tensor(DataType::fp16, {64, 64, 1, 1}, 5);
  std::vector<double> elements = *infinite.as_doubles();
  elements[7] = INFINITY;
  builder.constant("infinite", Value::fp16_tensor({64, 64, 1, 1}, elements));
  builder.conv("first", type, "x", "w1");
  builder.conv("second", type, "first", "infinite");
  const TestModel model = builder.finish({"second", "returned"});
  const Requantized result = requantized(model, with_scheme("w8"));
  EXPECT_EQ(weight(result, "w1").outcome, WeightOutcome::quantized);
  EXPECT_EQ(weight(result, "w1").used_by, "conv 'first'");
  EXPECT_EQ(weight(result, "vector").outcome, WeightOutcome::vector);
  EXPECT_EQ(weight(result, "returned").outcome, WeightOutcome::no_weight);
  EXPECT_EQ(weight(result, "unused").outcome, WeightOutcome::no_weight);
  EXPECT_EQ(weight(result, "infinite").outcome, WeightOutcome::not_representable);
  EXPECT_THAT(weight(result, "infinite").detail, HasSubstr("inf"));
}

TEST(Requantize, ChannelsThatDoNotDivideIntoBlocksStay) {
  TestModelBuilder builder;
  builder.builder().input("x", Type::tensor(DataType::fp16, {1, 129, 1, 16}));
  builder.constant("w1", normal_tensor(DataType::fp16, {64, 129, 1, 1}, 1));
  builder.conv("y", Type::tensor(DataType::fp16, {1, 64, 1, 16}), "x", "w1");
  const Requantized result = requantized(builder.finish({"y"}), with_scheme("w4"));
  EXPECT_TRUE(result.report.is_unchanged());
  EXPECT_EQ(weight(result, "w1").outcome, WeightOutcome::no_blocks);
  EXPECT_THAT(weight(result, "w1").detail, HasSubstr("129"));
}

TEST(Requantize, WhatWouldNotBecomeSmallerStays) {
  TestModelBuilder builder;
  const Type type = Type::tensor(DataType::fp16, {1, 16, 1, 16});
  builder.builder().input("x", type);
  builder.constant("w1", normal_tensor(DataType::fp16, {16, 16, 1, 1}, 1));
  builder.conv("y", type, "x", "w1");
  RequantizeOptions options = with_scheme("lut8");
  options.min_elements = 1;
  const Requantized result = requantized(builder.finish({"y"}), options);
  // 256 indices and a table of 512 bytes.
  EXPECT_EQ(weight(result, "w1").outcome, WeightOutcome::not_smaller);
}

TEST(Requantize, NothingChangesWhereNothingIsLargeEnough) {
  const TestModel model = two_convolutions();
  RequantizeOptions options = with_scheme("w8");
  options.min_elements = 4097;
  const Requantized result = requantized(model, options);
  EXPECT_TRUE(result.report.is_unchanged());
  EXPECT_EQ(result.program, model.program);
  EXPECT_EQ(result.weights, model.weights);
  EXPECT_EQ(weight(result, "w1").outcome, WeightOutcome::too_small);
  EXPECT_THAT(result.report.opsets, IsEmpty());
}

TEST(Requantize, PairsAreMadeOnlyWhereARangeIsKnown) {
  RequantizeOptions options = with_scheme("w8a8");
  options.ranges["main"] = {{"middle", 4.0}};
  const Requantized result = requantized(two_convolutions(), options);
  EXPECT_EQ(result.report.quantized_activations(), 1u);
  ASSERT_EQ(result.report.activations.size(), 2u);
  EXPECT_EQ(result.report.activations[0].operation, "conv 'first'");
  EXPECT_EQ(result.report.activations[0].outcome, ActivationOutcome::no_range);
  EXPECT_EQ(result.report.activations[1].outcome, ActivationOutcome::quantized);
}

TEST(Requantize, WeightsThatAreInt8AlreadyGetActivations) {
  const Requantized weights_only = requantized(two_convolutions(), with_scheme("w8"));
  const Requantized result =
      requantized({weights_only.program, weights_only.weights}, int8_options());
  EXPECT_EQ(result.report.quantized_weights(), 0u);
  EXPECT_EQ(result.report.quantized_activations(), 2u);
}

TEST(Requantize, FunctionsShareAWeightThatTheySharedBefore) {
  const TestModel model = two_convolutions();
  mil::ProgramData data = model.program.data();
  data.functions.push_back(data.functions.front());
  data.functions.back().name = "again";
  const TestModel both = {mil::Program(data), model.weights};
  const Requantized result = requantized(both, with_scheme("lut4"));
  EXPECT_EQ(result.report.quantized_weights(), 4u);
  const Requantized alone = requantized(model, with_scheme("lut4"));
  EXPECT_EQ(result.weights->files().at(0).second.bytes.size(),
            alone.weights->files().at(0).second.bytes.size());
}

TEST(Requantize, OfOneFunctionLeavesTheOthers) {
  const TestModel model = two_convolutions();
  mil::ProgramData data = model.program.data();
  data.functions.push_back(data.functions.front());
  data.functions.back().name = "again";
  RequantizeOptions options = with_scheme("w8");
  options.function = "again";
  const Requantized result = requantized({mil::Program(data), model.weights}, options);
  EXPECT_EQ(producer(result.program, "w1").type, "const");
  EXPECT_EQ(result.report.quantized_weights(), 2u);
  options.function = "other";
  EXPECT_FALSE(requantize(model.program, model.weights, options));
}

TEST(Requantize, AWeightThatCannotBeReadIsAnError) {
  const TestModel model = two_convolutions();
  const auto result = requantize(model.program, nullptr, with_scheme("w8"));
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().to_string(), HasSubstr("weight 'w1'"));
}

TEST(NeededActivations, AreThoseOfOperationsThatCouldComputeInIntegers) {
  const TestModel model = two_convolutions();
  const auto needed =
      needed_activations(model.program, model.weights.get(), with_scheme("w8a8"), "main");
  ASSERT_TRUE(needed);
  EXPECT_THAT(*needed, testing::ElementsAre("x", "middle"));
  EXPECT_THAT(*needed_activations(model.program, model.weights.get(), with_scheme("w8"), "main"),
              IsEmpty());
  RequantizeOptions large = with_scheme("w8a8");
  large.min_elements = 1 << 20;
  EXPECT_THAT(*needed_activations(model.program, model.weights.get(), large, "main"), IsEmpty());
}

}  // namespace
}  // namespace anebench::transform
