#include "anebench/programs/int8_compute.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "anebench/base/sha256.h"
#include "anebench/programs/catalogue.h"

namespace anebench::programs {
namespace {

std::vector<double> first_weight(std::string_view text, std::string_view attribute) {
  const auto benchmark = build(text);
  EXPECT_TRUE(benchmark) << benchmark.error().to_string();
  if (!benchmark) return {};
  const mil::Operation& weight = benchmark->program.main()->body.operations.front();
  EXPECT_EQ(weight.outputs[0].name, "w_000");
  const mil::Value& data = *weight.find_attribute(attribute);
  const auto bytes = mil::packed_bytes(data, *benchmark->weights);
  EXPECT_TRUE(bytes) << bytes.error().to_string();
  std::vector<double> values;
  for (std::int64_t i = 0; bytes && i < *data.type().element_count(); ++i) {
    values.push_back(mil::packed_element_as_double(data.type().data_type(), bytes->bytes,
                                                   static_cast<std::size_t>(i)));
  }
  return values;
}

// The counts that the experiments' specification gives, constants included.
TEST(Int8Compute, PublishedModelsHaveTheirCountsOfOperations) {
  const std::map<std::string_view, std::size_t> kCounts = {{"int8_compute_fp16", 1792},
                                                           {"int8_compute_fp16_512", 896},
                                                           {"int8_compute_w8a8", 3067},
                                                           {"int8_compute_w8a8_512", 1531}};
  for (const PublishedModel& model : published_models()) {
    const auto benchmark = build(model.spec, Content::structure);
    ASSERT_TRUE(benchmark) << benchmark.error().to_string();
    EXPECT_EQ(benchmark->program.main()->body.operations.size(), kCounts.at(model.name));
    EXPECT_EQ(benchmark->program.main()->opset, "ios18");
  }
  EXPECT_EQ(published_models().size(), kCounts.size());
}

TEST(Int8Compute, W8A8RequantizesBetweenLayersOnlyAndWithoutAZeroPoint) {
  const auto chain = build("int8_compute:channels=4,size=2,depth=3,precision=w8a8");
  ASSERT_TRUE(chain) << chain.error().to_string();
  int quantizations = 0;
  for (const mil::Operation& operation : chain->program.main()->body.operations) {
    if (operation.type != "quantize" && operation.type != "dequantize") continue;
    ++quantizations;
    EXPECT_EQ(operation.find_input("zero_point"), nullptr);
  }
  EXPECT_EQ(quantizations, 4);
  EXPECT_EQ(chain->program.main()->body.outputs, std::vector<std::string>{"conv_002"});
  EXPECT_EQ(chain->weight_bytes, 3 * 4 * 4);
}

// Digests of what this project has written since its first version.
TEST(Int8Compute, EqualNamesGiveTheSameWeightsForEver) {
  const std::map<std::string, std::string> kDigests = {
      {"fp16", "f072efa8aacc5153b801907b0c15079a32f2cb16f524ed5e3d595cfb90735d99"},
      {"w8a8", "02c28324a7ba6118d2a0ac29bae8a8345994cb4f12ae8af3f319579c28b08be5"}};
  for (const auto& [precision, digest] : kDigests) {
    const auto chain =
        build("int8_compute:channels=32,size=2,depth=5,seed=3,precision=" + precision);
    ASSERT_TRUE(chain) << chain.error().to_string();
    const auto content = chain->weights->content(std::string(kWeightFile));
    ASSERT_TRUE(content) << content.error().to_string();
    EXPECT_EQ(sha256_hex(content->bytes), digest) << precision;
  }
}

TEST(Int8Compute, WeightsHaveThePublishedDistributions) {
  const auto codes =
      first_weight("int8_compute:channels=128,size=1,depth=1,precision=w8a8", "quantized_data");
  EXPECT_EQ(*std::min_element(codes.begin(), codes.end()), -64);
  EXPECT_EQ(*std::max_element(codes.begin(), codes.end()), 62);
  const auto halves = first_weight("int8_compute:channels=128,size=1,depth=1", "val");
  double squares = 0;
  for (const double value : halves) squares += value * value;
  EXPECT_NEAR(std::sqrt(squares / static_cast<double>(halves.size())), 0.01, 0.0005);
}

}  // namespace
}  // namespace anebench::programs
