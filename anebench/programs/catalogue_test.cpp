#include "anebench/programs/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "anebench/programs/conv_chain.h"
#include "anebench/programs/quantized_conv.h"

namespace anebench::programs {
namespace {

using mil::DataType;
using testing::HasSubstr;

std::map<std::string, int> count_operations(const mil::Program& program) {
  std::map<std::string, int> counts;
  for (const mil::Operation& op : program.main()->body.operations) ++counts[op.type];
  return counts;
}

// The bytes of the constant that feeds the first quantized or dense weight.
std::vector<double> weight_of_layer(const BenchmarkProgram& benchmark, std::string_view name) {
  for (const mil::Operation& op : benchmark.program.main()->body.operations) {
    if (op.outputs[0].name != name) continue;
    const bool is_const = op.type == "const";
    const mil::Value* data = op.find_attribute(is_const ? "val" : "quantized_data");
    const double scale = is_const ? 1.0 : op.find_attribute("scale")->as_double().value();
    const auto bytes = mil::packed_bytes(*data, *benchmark.weights);
    EXPECT_TRUE(bytes) << bytes.error().to_string();
    std::vector<double> values(static_cast<std::size_t>(*data->type().element_count()));
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = scale * mil::packed_element_as_double(data->type().data_type(), bytes->bytes, i);
    }
    return values;
  }
  ADD_FAILURE() << "no value " << name;
  return {};
}

TEST(ConvChain, Fp16IsConvolutionsOnly) {
  const auto chain = build("conv_chain:channels=8,height=4,width=4,depth=3");
  ASSERT_TRUE(chain) << chain.error().to_string();
  const auto counts = count_operations(chain->program);
  EXPECT_EQ(counts.at("conv"), 3);
  EXPECT_FALSE(counts.contains("quantize"));
  EXPECT_EQ(chain->operations, 2.0 * 3 * 16 * 8 * 8);
  EXPECT_EQ(chain->weight_bytes, 3 * 8 * 8 * 2);
  EXPECT_EQ(chain->io_bytes, 2 * 8 * 16 * 2);
  EXPECT_EQ(chain->program.main()->inputs[0].type.data_type(), DataType::fp16);
}

TEST(ConvChain, W8A8RequantizesBetweenLayersButNotAfterTheLast) {
  const auto chain = build("conv_chain:channels=8,height=4,width=4,depth=3,precision=w8a8,relu=on");
  ASSERT_TRUE(chain) << chain.error().to_string();
  const auto counts = count_operations(chain->program);
  EXPECT_EQ(counts.at("conv"), 3);
  EXPECT_EQ(counts.at("relu"), 3);
  EXPECT_EQ(counts.at("quantize"), 2);
  EXPECT_EQ(counts.at("dequantize"), 2);
  EXPECT_EQ(counts.at("constexpr_affine_dequantize"), 3);
  EXPECT_EQ(chain->weight_bytes, 3 * 8 * 8);
  EXPECT_EQ(chain->program.main()->body.operations.back().type, "relu");
}

TEST(ConvChain, QuantizedInputMakesEveryConvolutionInt8) {
  const auto chain =
      build("conv_chain:channels=8,height=1,width=4,depth=3,precision=w8a8,quantize_input=on");
  ASSERT_TRUE(chain) << chain.error().to_string();
  EXPECT_EQ(count_operations(chain->program).at("quantize"), 3);
  const auto plain = build("conv_chain:channels=8,height=1,width=4,depth=3,precision=w8a8");
  ASSERT_TRUE(plain);
  EXPECT_EQ(chain->inputs, plain->inputs);
  EXPECT_EQ(weight_of_layer(*chain, "w_001"), weight_of_layer(*plain, "w_001"));
}

TEST(ConvChain, CompressedWeightsChangeNothingButTheWeights) {
  const auto fp16 = build("conv_chain:channels=32,height=1,width=4,depth=3");
  const auto lut4 = build("conv_chain:channels=32,height=1,width=4,depth=3,precision=lut4");
  ASSERT_TRUE(fp16 && lut4);
  EXPECT_EQ(fp16->inputs, lut4->inputs);
  auto counts = count_operations(lut4->program);
  EXPECT_EQ(counts["constexpr_lut_to_dense"], 3);
  EXPECT_EQ(counts["conv"], 3);
  EXPECT_EQ(counts["quantize"], 0);
  EXPECT_EQ(lut4->weight_bytes, 3 * (32 * 32 / 2 + 16 * 2));
}

TEST(ConvChain, RefusesCombinationsWithoutMeaning) {
  const std::pair<const char*, const char*> kCases[] = {
      {"conv_chain:quantize_input=on", "quantize_input=on takes precision=w8a8"},
      {"conv_chain:precision=lut4,init=classic", "init=classic takes precision=fp16 or w8a8"},
      {"conv_chain:channels=40,precision=u4b32", "blocks of 32"},
      {"conv_chain:precision=w8_raw", "w8_per_tensor"},
  };
  for (const auto& [text, reason] : kCases) {
    const auto refused = build(text, Content::structure);
    ASSERT_FALSE(refused) << text;
    EXPECT_THAT(refused.error().to_string(), HasSubstr(reason));
  }
}

TEST(ConvChain, BothPrecisionsHoldTheSameWeightsAndInput) {
  const auto fp16 = build("conv_chain:channels=24,height=2,width=2,depth=2");
  const auto w8a8 = build("conv_chain:channels=24,height=2,width=2,depth=2,precision=w8a8");
  ASSERT_TRUE(fp16 && w8a8);
  EXPECT_EQ(fp16->inputs, w8a8->inputs);
  for (const char* name : {"w_000", "w_001"}) {
    EXPECT_EQ(weight_of_layer(*fp16, name), weight_of_layer(*w8a8, name));
  }
  EXPECT_NE(weight_of_layer(*fp16, "w_000"), weight_of_layer(*fp16, "w_001"));
}

TEST(ConvChain, SeedsChangeWeightsAndInput) {
  const auto one = build("conv_chain:channels=8,height=2,width=2,depth=1,seed=1");
  const auto two = build("conv_chain:channels=8,height=2,width=2,depth=1,seed=2");
  ASSERT_TRUE(one && two);
  EXPECT_NE(one->inputs, two->inputs);
  EXPECT_NE(weight_of_layer(*one, "w_000"), weight_of_layer(*two, "w_000"));
}

TEST(ConvChain, ClassicHasZeroInputAndThePublishedRange) {
  const auto chain = build("conv_chain:channels=64,height=2,width=2,depth=1,init=classic");
  ASSERT_TRUE(chain);
  const auto input = chain->inputs[0].as_doubles();
  ASSERT_TRUE(input.has_value());
  for (const double x : *input) EXPECT_EQ(x, 0);
  const auto weights = weight_of_layer(*chain, "w_000");
  EXPECT_GE(*std::min_element(weights.begin(), weights.end()), -0.5);
  EXPECT_LE(*std::max_element(weights.begin(), weights.end()), 0.4995);
  EXPECT_LT(*std::min_element(weights.begin(), weights.end()), -0.49);
}

TEST(ConvChain, FlatHasFp32EndsAndRefusesInt8) {
  const auto flat = build("conv_chain:channels=8,height=1,width=64,depth=2,layout=flat");
  ASSERT_TRUE(flat);
  EXPECT_EQ(count_operations(flat->program).at("cast"), 2);
  EXPECT_EQ(flat->program.main()->inputs[0].type.data_type(), DataType::fp32);
  for (const char* text : {"conv_chain:height=1,layout=flat,precision=w8a8",
                           "conv_chain:layout=flat", "conv_chain:height=1,batch=2,layout=flat"}) {
    const auto refused = build(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_THAT(refused.error().message(), HasSubstr("flat layout"));
  }
}

TEST(ConvChain, RefusesAbsurdSizesBeforeAllocating) {
  const auto huge = build("conv_chain:channels=65536,height=65536,width=65536,depth=4096");
  ASSERT_FALSE(huge);
  EXPECT_EQ(huge.error().code(), ErrorCode::resource_exhausted);
}

TEST(QuantizedConv, EveryVariantHasConstantsOfItsDeclaredSizes) {
  for (const QuantizedConvVariant& variant : quantized_conv_variants()) {
    ProgramSpec spec("quantized_conv", {});
    spec.set("in_channels", 64);
    spec.set("out_channels", 24);
    spec.set("width", 3);
    spec.set("variant", std::string(variant.name));
    const auto benchmark = build(spec);
    ASSERT_TRUE(benchmark) << variant.name << benchmark.error().to_string();
    EXPECT_GT(benchmark->weight_bytes, 0);
    for (const mil::Operation& op : benchmark->program.main()->body.operations) {
      for (const mil::Attribute& attribute : op.attributes) {
        if (!attribute.value.is_blob()) continue;
        EXPECT_TRUE(mil::packed_bytes(attribute.value, *benchmark->weights)) << variant.name;
      }
    }
  }
}

TEST(QuantizedConv, BlocksMustDivideTheInputChannels) {
  const auto refused = build("quantized_conv:in_channels=40,variant=u4b32");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("blocks of 32"));
}

TEST(IdentityConv, InputCountsUpInHundredths) {
  const auto benchmark = build("identity_conv:channels=2,width=3");
  ASSERT_TRUE(benchmark);
  const auto x = benchmark->inputs[0].as_doubles();
  ASSERT_TRUE(x);
  for (std::size_t i = 0; i < x->size(); ++i) {
    EXPECT_FLOAT_EQ(static_cast<float>((*x)[i]), static_cast<float>(i + 1) * 0.01f);
  }
}

TEST(IdentityConv, OldFormatIsVersionOneWithOpset16) {
  const auto benchmark = build("identity_conv:io=fp16,format=1.0,depth=12");
  ASSERT_TRUE(benchmark);
  EXPECT_EQ(benchmark->program.version(), "1.0");
  EXPECT_EQ(benchmark->program.main()->opset, "ios16");
  EXPECT_EQ(count_operations(benchmark->program).at("conv"), 12);
  EXPECT_FALSE(count_operations(benchmark->program).contains("cast"));
}

}  // namespace
}  // namespace anebench::programs
