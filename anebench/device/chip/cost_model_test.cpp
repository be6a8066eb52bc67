#include "anebench/device/chip/cost_model.h"

#include <gtest/gtest.h>

namespace anebench::device {
namespace {

// 1 operation, 1 byte a nanosecond, so that times are counts.
CostParameters unit_parameters() {
  CostParameters parameters;
  parameters.call_ns = 10;
  parameters.io_rate = 2;
  parameters.fp16_rate = 1;
  parameters.int8_factor = 2;
  parameters.activation_rate = 1;
  parameters.flat_factor = 0.5;
  parameters.kernel_factor = 4;
  parameters.weight_rate = 1;
  parameters.small_weight_rate = 8;
  parameters.small_weight_bytes = 100;
  parameters.least_weight_bits = 8;
  parameters.aligned_factor = 0.25;
  return parameters;
}

LayerWork convolution(double operations, double activations, double weights) {
  LayerWork layer;
  layer.type = "conv";
  layer.kind = LayerWork::Kind::conv1x1;
  layer.operations = operations;
  layer.activation_bytes = activations;
  layer.weight_elements = weights;
  return layer;
}

TEST(CostModel, TheLongestOfThreeBoundsALayer) {
  const CostParameters parameters = unit_parameters();
  const auto expect = [&](const LayerWork& layer, double ns, Bound bound) {
    const LayerTime time = layer_time(layer, parameters);
    EXPECT_EQ(time.ns, ns);
    EXPECT_EQ(time.bound, bound);
  };
  expect(convolution(1000, 900, 100), 1000, Bound::arithmetic);
  expect(convolution(1000, 1100, 100), 1100, Bound::activations);
  expect(convolution(1000, 900, 600), 1200, Bound::weights);
}

TEST(CostModel, Int8GainsArithmeticOnlyAndOneRowLoses) {
  LayerWork layer = convolution(1000, 0, 0);
  layer.is_int8 = true;
  EXPECT_EQ(layer_time(layer, unit_parameters()).ns, 500);
  layer.is_flat = true;
  EXPECT_EQ(layer_time(layer, unit_parameters()).ns, 1000);
  layer.kind = LayerWork::Kind::conv3x3;
  EXPECT_EQ(layer_time(layer, unit_parameters()).ns, 125);
}

TEST(CostModel, CompressedWeightsStreamInNoFewerBitsThanTheChipTakes) {
  LayerWork layer = convolution(0, 0, 1000);
  layer.weight_bits = 8;
  EXPECT_EQ(layer_time(layer, unit_parameters()).ns, 1000);
  layer.weight_bits = 4;
  EXPECT_EQ(layer_time(layer, unit_parameters()).ns, 1000);
  CostParameters newer = unit_parameters();
  newer.least_weight_bits = 1;
  EXPECT_EQ(layer_time(layer, newer).ns, 500);
}

TEST(CostModel, Int8FactorsOfProductsStreamAsFp16) {
  LayerWork layer = convolution(0, 0, 1000);
  layer.kind = LayerWork::Kind::matrix_product;
  layer.weight_bits = 8;
  layer.has_affine_weight = true;
  EXPECT_EQ(layer_time(layer, unit_parameters()).ns, 2000);
  layer.has_affine_weight = false;  // a table
  EXPECT_EQ(layer_time(layer, unit_parameters()).ns, 1000);
}

TEST(CostModel, SmallWeightsAreFetchedAheadAndAlignedOnesAreSlow) {
  EXPECT_EQ(layer_time(convolution(0, 0, 40), unit_parameters()).ns, 10);
  LayerWork aligned = convolution(0, 0, 1000);
  aligned.in_channels = 4096;
  aligned.out_channels = 8192;
  EXPECT_EQ(layer_time(aligned, unit_parameters()).ns, 8000);
  aligned.out_channels = 8190;
  EXPECT_EQ(layer_time(aligned, unit_parameters()).ns, 2000);
}

TEST(CostModel, AProgramIsCallTransferAndLayers) {
  ProgramWork work;
  work.io_bytes = 8;
  work.layers = {convolution(1000, 0, 0), convolution(0, 500, 0)};
  const Prediction prediction = predict(work, unit_parameters());
  EXPECT_EQ(prediction.call_ns, 10);
  EXPECT_EQ(prediction.io_ns, 4);
  EXPECT_EQ(prediction.layers_ns(), 1500);
  EXPECT_EQ(prediction.total_ns(), 1514);
  EXPECT_EQ(prediction.kind, ProgramKind::dense);
}

TEST(CostModel, TheKindIsWhatMakesUpMostOfTheTime) {
  const auto kind_of_layers = [](std::vector<LayerWork> layers) {
    ProgramWork work;
    work.layers = std::move(layers);
    return predict(work, unit_parameters()).kind;
  };
  LayerWork flat = convolution(1000, 0, 0);
  flat.is_flat = true;
  LayerWork compressed = convolution(0, 0, 1000);
  compressed.weight_bits = 4;
  LayerWork other = convolution(1000, 0, 0);
  other.kind = LayerWork::Kind::other;
  LayerWork large = convolution(4000, 0, 0);
  large.kind = LayerWork::Kind::conv3x3;
  EXPECT_EQ(kind_of_layers({flat}), ProgramKind::flat);
  EXPECT_EQ(kind_of_layers({convolution(0, 0, 1000)}), ProgramKind::weights);
  EXPECT_EQ(kind_of_layers({compressed}), ProgramKind::compressed_weights);
  EXPECT_EQ(kind_of_layers({large}), ProgramKind::convolution);
  EXPECT_EQ(kind_of_layers({other}), ProgramKind::unknown);
  EXPECT_EQ(kind_of_layers({}), ProgramKind::call);
  // Half of each is neither.
  EXPECT_EQ(kind_of_layers({convolution(1000, 0, 0), other}), ProgramKind::unknown);
}

TEST(CostModel, ParametersAreInNanosecondsAndBytes) {
  const ChipTable& table = chip_table();
  const Chip& m5 = *table.find("m5");
  const CostParameters parameters = cost_parameters(table, m5);
  EXPECT_EQ(parameters.call_ns, m5.call_floor_us.value * 1000);
  EXPECT_EQ(parameters.fp16_rate, table.family_of(m5).fp16_tops.value * 1000);
  EXPECT_EQ(parameters.weight_rate, m5.weight_gbs.value);
  EXPECT_EQ(parameters.small_weight_bytes, table.small_weights_mib.value * 1024 * 1024);
}

}  // namespace
}  // namespace anebench::device
