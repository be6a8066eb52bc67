#include "anebench/programs/weight_formats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <map>

#include "anebench/base/half.h"
#include "anebench/programs/initialisation.h"

namespace anebench::programs {
namespace {

using mil::DataType;
using testing::HasSubstr;

constexpr std::int64_t kOut = 48;
constexpr std::int64_t kIn = 64;

struct Constant {
  mil::Type type;
  std::vector<std::byte> bytes;
  std::vector<double> elements() const {
    std::vector<double> values(static_cast<std::size_t>(type.element_count().value_or(0)));
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = mil::packed_element_as_double(type.data_type(), bytes, i);
    }
    return values;
  }
};

// The constants of one weight by role.
std::map<std::string, Constant> make(std::string_view format, const WeightValues& values,
                                     std::int64_t in = kIn) {
  std::map<std::string, Constant> constants;
  mil::Builder builder = start_program(Format::v1_3);
  WeightFileBuilder file(Content::structure);
  const auto add = [&](std::string_view role, const mil::Type& type,
                       FillBytes fill) -> Result<mil::Value> {
    Constant constant{type, std::vector<std::byte>(static_cast<std::size_t>(*type.byte_size()))};
    fill(constant.bytes);
    EXPECT_TRUE(constants.emplace(role, std::move(constant)).second) << role;
    return file.add(type, fill);
  };
  const auto appended =
      append_weight(builder, *find_weight_format(format), values,
                    {.name = "W", .out = kOut, .in = in, .rng = Rng(1).fork(1)}, add);
  EXPECT_TRUE(appended) << appended.error().to_string();
  return constants;
}

// What the weight operation expands to, by its definition; zeros of sparse weights left out.
std::vector<double> expand(std::string_view name, const WeightValues& values) {
  const WeightFormat& format = *find_weight_format(name);
  const auto constants = make(name, values);
  auto weights = constants.at("weight").elements();
  for (double& weight : weights) {
    if (const auto lut = constants.find("lut"); lut != constants.end()) {
      weight = lut->second.elements()[static_cast<std::size_t>(weight)];
    } else if (format.data_type != DataType::fp16) {
      const auto codes = values.codes(format);
      EXPECT_GE(weight, codes.low);
      EXPECT_LE(weight, codes.high);
      weight = (weight - codes.zero) * codes.scale;
    }
  }
  return weights;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double mean_square(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return sum / static_cast<double>(values.size());
}

TEST(WeightFormats, ScaledWeightsKeepTheVarianceOfActivations) {
  for (const bool relu : {false, true}) {
    const WeightValues values = WeightValues::scaled(kIn, relu);
    for (const WeightFormat& format : weight_formats()) {
      if (!format.is_valid) continue;
      SCOPED_TRACE(format.name);
      const auto weights = expand(format.name, values);
      const double wanted = relu ? 2.0 : 1.0;  // of Σ w² over the inputs
      const double share = format.operation == WeightOperation::sparse ? 0.5 : 1.0;
      // 3,072 uniform draws: the standard error of the mean square is under 1.7 %, of the mean 1.8
      // % of the deviation; 8-bit grids are up to 2.5 % too narrow.
      EXPECT_NEAR(mean_square(weights) * share * kIn, wanted, 0.08 * wanted);
      EXPECT_NEAR(mean(weights), 0, 0.08 * std::sqrt(mean_square(weights)));
    }
  }
}

TEST(WeightFormats, ScaledEightBitCodesAreTheIntegersOfTheW8A8Chain) {
  const WeightValues values = WeightValues::scaled(kIn, false);
  const WeightGrid grid = scaled_weight_grid(kIn, false);
  const auto codes = make("w8", values).at("weight").elements();
  EXPECT_EQ(codes, make("w8_per_tensor", values).at("weight").elements());
  auto dense = make("fp16", values).at("weight").elements();
  for (double& weight : dense) weight /= grid.scale();
  EXPECT_EQ(codes, dense);
}

TEST(WeightFormats, PublishedProbeCodesSpanTheirType) {
  const WeightValues values = WeightValues::published_probe();
  const auto codes = values.codes(*find_weight_format("w8"));
  EXPECT_EQ(codes.low, -128);
  EXPECT_EQ(codes.high, 127);
  EXPECT_EQ(codes.zero, 0);
  EXPECT_EQ(values.codes(*find_weight_format("u4")).zero, 8);
  EXPECT_EQ(values.codes(*find_weight_format("u4b32")).zero, 0);
  EXPECT_EQ(values.codes(*find_weight_format("i4b32")).low, -8);
  EXPECT_DOUBLE_EQ(values.table_entry(0, 16), -0.08);
  EXPECT_DOUBLE_EQ(values.table_entry(15, 16), 0.07);
}

TEST(WeightFormats, SparseWeightsKeepExactlyHalfOfTheElements) {
  const auto constants = make("sparse", WeightValues::published_probe());
  int ones = 0;
  for (const std::byte byte : constants.at("mask").bytes) {
    ones += std::popcount(static_cast<unsigned char>(byte));
  }
  EXPECT_EQ(ones, kOut * kIn / 2);
  EXPECT_EQ(constants.at("weight").type.shape()[0].size(), kOut * kIn / 2);
}

TEST(WeightFormats, OffsetsAreStoredWhereTheCodesHaveAMiddle) {
  const WeightValues scaled = WeightValues::scaled(kIn, false);
  EXPECT_TRUE(make("u4b32", scaled).contains("zp"));
  EXPECT_FALSE(make("i4b32", scaled).contains("zp"));
  EXPECT_FALSE(make("u4b32", WeightValues::published_probe()).contains("zp"));
  EXPECT_EQ(make("i4", scaled).at("scale").type.shape()[1].size(), 1);
  EXPECT_EQ(make("i4b32", scaled).at("scale").type.shape()[1].size(), kIn / 32);
}

TEST(WeightFormats, BlocksMustDivideTheInputChannels) {
  mil::Builder builder = start_program(Format::v1_3);
  const auto add = [](std::string_view, const mil::Type& type, FillBytes) -> Result<mil::Value> {
    return mil::Value::blob(type, {});
  };
  const auto refused =
      append_weight(builder, *find_weight_format("i4b32"), WeightValues::published_probe(),
                    {.name = "W", .out = 8, .in = 40, .rng = Rng(1)}, add);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("blocks of 32"));
}

TEST(WeightFormats, BitsCountScalesAndMasks) {
  EXPECT_EQ(find_weight_format("fp16")->bits(), 16);
  EXPECT_EQ(find_weight_format("w8")->bits(), 8);
  EXPECT_EQ(find_weight_format("u4b32")->bits(), 4 + 20.0 / 32);
  EXPECT_EQ(find_weight_format("lut3")->bits(), 3);
  EXPECT_EQ(find_weight_format("sparse")->bits(), 9);
}

}  // namespace
}  // namespace anebench::programs
