// Public models with open dimensions: the CPU plans for each set of shapes, and agrees with the
// reference at all of them. Skipped where the data is absent.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "anebench/base/rng.h"
#include "anebench/device/compare.h"
#include "anebench/device/loaded_program.h"
#include "anebench/package/model.h"
#include "test_data.h"

namespace anebench::tests {
namespace {

// Both round each operation to the model's types, in their own order of sums.
constexpr double kLeastOpenModelSnr = 60;

struct OpenModel {
  std::string name;
  std::string path;
  // What stands in for every unknown dimension, in turn.
  std::vector<std::int64_t> sizes;
  // Of some the archive has only a pointer to the weights: these get others.
  bool has_weights = true;
};

// What CTest shows of a parameter.
void PrintTo(const OpenModel& model, std::ostream* out) { *out << model.name; }

mil::Value random_floats(const mil::Shape& shape, Rng rng, double least) {
  std::vector<float> numbers(static_cast<std::size_t>(*mil::element_count(shape)));
  for (float& number : numbers) number = static_cast<float>(least + rng.uniform() * (1 - least));
  return mil::Value::tensor<float>(shape, numbers);
}

// With numbers from 0 to 1 in place of constants in weight files, which must be fp32.
mil::Program with_made_up_weights(const mil::Program& program) {
  mil::ProgramData data = program.data();
  for (mil::Operation& operation : data.functions.front().body.operations) {
    for (mil::Attribute& attribute : operation.attributes) {
      if (!attribute.value.is_blob()) continue;
      EXPECT_EQ(attribute.value.type().data_type(), mil::DataType::fp32);
      const Rng rng = Rng(2).fork(attribute.value.blob_reference().offset);
      attribute.value = random_floats(attribute.value.type().shape(), rng, 0);
    }
  }
  return mil::Program(std::move(data));
}

class OpenModels : public testing::TestWithParam<OpenModel> {
 protected:
  void SetUp() override {
    const auto& folder = unpacked("real_models.tar.xz");
    if (folder.empty()) GTEST_SKIP() << "real_models.tar.xz is absent or cannot be read";
    auto model =
        package::open_model(folder / "models" / GetParam().path, weights::ReadMode::tolerant);
    ASSERT_TRUE(model) << model.error().to_string();
    model_ = *std::move(model);
    if (!GetParam().has_weights) model_.program = with_made_up_weights(model_.program);
    cpu_ = open("cpu");
    reference_ = open("reference");
  }

  std::unique_ptr<device::Device> open(const std::string& name) {
    auto device = device::open(name, {.threads = 2});
    EXPECT_TRUE(device) << device.error().to_string();
    return std::move(*device);
  }
  Result<device::LoadedProgram> load(device::Device& device) {
    return device::LoadedProgram::open(device, model_.program, model_.weights, {});
  }

  package::Model model_;
  std::unique_ptr<device::Device> cpu_;
  std::unique_ptr<device::Device> reference_;
};

// Numbers from −1 to 1; integers count something that is as long as the open dimensions.
std::vector<mil::Value> inputs_of(const mil::Function& function, std::int64_t size) {
  std::vector<mil::Value> values;
  for (const mil::NamedType& input : function.inputs) {
    mil::Shape shape = input.type.shape();
    for (mil::Dim& dim : shape) dim = dim.is_known() ? dim : mil::Dim(size);
    const Rng rng = Rng(static_cast<std::uint64_t>(size)).fork(values.size());
    const mil::Value floats = random_floats(shape, rng, -1);
    switch (input.type.data_type()) {
      case mil::DataType::int32: {
        const auto count = static_cast<std::size_t>(*mil::element_count(shape));
        values.push_back(mil::Value::tensor<std::int32_t>(
            shape, std::vector<std::int32_t>(count, static_cast<std::int32_t>(size))));
        break;
      }
      case mil::DataType::fp16:
        values.push_back(mil::Value::fp16_tensor(shape, *floats.as_doubles()));
        break;
      default: values.push_back(floats);
    }
  }
  return values;
}

std::vector<mil::Value> run(device::LoadedProgram& loaded, const std::vector<mil::Value>& inputs) {
  const auto set = loaded.set_inputs(inputs);
  EXPECT_TRUE(set) << set.error().to_string();
  loaded.poison_outputs();
  const auto done = loaded.evaluate();
  EXPECT_TRUE(done) << done.error().to_string();
  std::vector<mil::Value> outputs;
  for (std::size_t i = 0; done && i < loaded.output_count(); ++i) {
    const auto value = loaded.output_value(i);
    EXPECT_TRUE(value) << value.error().to_string();
    if (value) outputs.push_back(*value);
  }
  return outputs;
}

TEST_P(OpenModels, AgreeWithTheReferenceAtSeveralShapes) {
  auto mine = load(*cpu_);
  auto expected = load(*reference_);
  ASSERT_TRUE(mine) << mine.error().to_string();
  ASSERT_TRUE(expected) << expected.error().to_string();
  // Twice, so that plans made before serve.
  for (int round = 0; round < 2; ++round) {
    for (const std::int64_t size : GetParam().sizes) {
      const auto inputs = inputs_of(*model_.program.main(), size);
      const auto right = run(*expected, inputs);
      const auto outputs = run(*mine, inputs);
      ASSERT_EQ(outputs.size(), mine->output_count());
      ASSERT_EQ(right.size(), outputs.size());
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        ASSERT_EQ(outputs[i].type(), right[i].type());
        const auto c = device::compare(right[i].type(), right[i].bytes(), outputs[i].bytes());
        EXPECT_TRUE(c.bit_identical || c.snr_db >= kLeastOpenModelSnr)
            << "output " << i << " at " << size << ": " << c.snr_db << " dB";
        EXPECT_EQ(c.special_mismatches, 0);
      }
    }
  }
}

TEST_P(OpenModels, ArePlannedOnceForEachShape) {
  auto loaded = load(*cpu_);
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  std::vector<const std::vector<device::Step>*> steps;
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < GetParam().sizes.size(); ++i) {
      run(*loaded, inputs_of(*model_.program.main(), GetParam().sizes[i]));
      const auto& now = loaded->executable().steps();
      // Without a plan it is all of them.
      EXPECT_FALSE(std::ranges::all_of(now, [](const device::Step& step) {
        return step.kernel == "reference";
      })) << now.front().fallback_reason;
      if (round == 0) {
        steps.push_back(&now);
      } else {
        EXPECT_EQ(&now, steps[i]) << "another plan at " << GetParam().sizes[i];
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Public, OpenModels,
    testing::Values(
        OpenModel{.name = "silero_encoder",
                  .path = "silero/silero-vad-coreml/silero-vad-encoder-v6.0.0.mlpackage",
                  .sizes = {4, 9, 40}},
        OpenModel{.name = "silero_decoder",
                  .path = "silero/silero-vad-coreml/silero-vad-decoder-v6.0.0.mlpackage",
                  .sizes = {1, 4, 11}},
        OpenModel{.name = "transpose_encoder",
                  .path = "fluidaudio_small/TransposeEncoder.mlmodelc",
                  .sizes = {1, 7, 130}},
        OpenModel{.name = "parakeet_preprocessor",
                  .path = "parakeet_eou/160ms/parakeet_eou_preprocessor.mlmodelc",
                  .sizes = {800, 2560},
                  .has_weights = false}),
    [](const testing::TestParamInfo<OpenModel>& model) { return model.param.name; });

}  // namespace
}  // namespace anebench::tests
