// What quantization cost in public models that exist in several precisions: each variant against
// its fp16 original. Skipped where the data is absent.
#include <gtest/gtest.h>

#include <filesystem>
#include <ostream>

#include "anebench/base/rng.h"
#include "anebench/device/device.h"
#include "anebench/experiments/value_diff.h"
#include "anebench/package/model.h"
#include "anebench/package/random_input.h"
#include "test_data.h"

namespace anebench::tests {
namespace {

namespace fs = std::filesystem;

struct Variant {
  std::string name;
  std::string original;
  std::string path;
  // The least of all layers whose weights were replaced, each on the original's inputs, and the
  // least of the outputs: measured on the reference with these inputs (docs/quantization-cost.md
  // has the table), less half a decibel for other implementations of exp and tanh.
  double layer_db;
  double output_db;
  // Layers with weights of their own.
  std::size_t changed_layers;
};

// What CTest shows of a parameter.
void PrintTo(const Variant& variant, std::ostream* out) { *out << variant.name; }

class QuantizedModels : public testing::TestWithParam<Variant> {
 protected:
  void SetUp() override {
    if (unpacked("real_models.tar.xz").empty()) {
      GTEST_SKIP() << "real_models.tar.xz is absent or cannot be read";
    }
  }

  static package::Model open(const std::string& path) {
    auto model = package::open_model(unpacked("real_models.tar.xz") / "models" / "silero" / path,
                                     weights::ReadMode::tolerant);
    EXPECT_TRUE(model) << model.error().to_string();
    return model ? std::move(*model) : package::Model{};
  }
};

// Uniform from -1 to 1, as sound is.
std::vector<mil::Value> random_sound(const mil::Function& function) {
  std::vector<mil::Value> values;
  for (const mil::NamedType& input : experiments::inputs_of(function)) {
    auto value = package::random_input(input, function, Rng(1).fork(values.size()));
    EXPECT_TRUE(value) << value.error().to_string();
    if (value) values.push_back(*std::move(value));
  }
  return values;
}

TEST_P(QuantizedModels, AgreeWithTheirOriginalAsFarAsTheBitsAllow) {
  const Variant& variant = GetParam();
  const package::Model original = open(variant.original);
  const package::Model quantized = open(variant.path);
  auto reference = device::open("reference");
  ASSERT_TRUE(reference) << reference.error().to_string();
  const auto structure = transform::diff_programs(
      original.program, quantized.program, {original.weights.get(), quantized.weights.get()});
  ASSERT_EQ(structure.functions.size(), 1u);
  const auto diff = experiments::diff_values(
      **reference, {original.program, original.weights}, {quantized.program, quantized.weights},
      structure.functions.front(), random_sound(*original.program.main()));
  ASSERT_TRUE(diff) << diff.error().to_string();

  std::size_t changed = 0;
  for (const experiments::ValueDifference& layer : diff->layers) {
    ASSERT_TRUE(layer.comparison) << layer.name_before << ": " << layer.reason;
    EXPECT_EQ(layer.comparison->special_mismatches, 0) << layer.name_before;
    if (!layer.alone) continue;
    ++changed;
    EXPECT_GE(layer.alone->snr_db, variant.layer_db) << layer.name_before;
    EXPECT_FALSE(layer.alone->bit_identical) << layer.name_before;
  }
  EXPECT_EQ(changed, variant.changed_layers);
  const auto lowest = experiments::lowest_output_snr(*diff);
  ASSERT_TRUE(lowest);
  EXPECT_GE(*lowest, variant.output_db);
}

const std::string kUnified = "silero-vad-coreml/silero-vad-unified-v6.0.0.mlpackage";

INSTANTIATE_TEST_SUITE_P(
    Silero, QuantizedModels,
    testing::Values(
        Variant{"Int8", kUnified, "quantized_models/unified_standard/unified_int8.mlpackage", 29.1,
                31.0, 8},
        Variant{"PrunedInt8", kUnified,
                "quantized_models/unified_standard/unified_pruned_int8.mlpackage", 33.8, 21.8, 8},
        Variant{"Table4", kUnified,
                "quantized_models/unified_standard/unified_palette_4bit.mlpackage", 13.4, 2.7, 8},
        Variant{"Table6", "silero-vad-coreml/silero-vad-unified-256ms-v6.0.0.mlpackage",
                "quantized_models/unified_256ms/unified_256ms_palette_6bit.mlpackage", 26.6, 3.1,
                64}),
    [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace anebench::tests
