// Public models as people have them: each runs on the CPU and agrees with the reference.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "anebench/base/rng.h"
#include "anebench/device/compare.h"
#include "anebench/io/npy.h"
#include "anebench/package/model.h"
#include "cli_process.h"
#include "test_data.h"

namespace anebench::tests {
namespace {

namespace fs = std::filesystem;

// Both round each operation to the model's types, in their own order of sums.
constexpr double kLeastSnr = 40;

// Options that give each input a file of values from 0 to 1, one in each open dimension.
std::vector<std::string> magnitudes(const mil::Function& function, const fs::path& folder) {
  std::vector<std::string> options;
  for (std::size_t i = 0; i < function.inputs.size(); ++i) {
    const mil::NamedType& input = function.inputs[i];
    io::NpyArray array;
    array.type = io::NpyType::fp32;
    std::size_t count = 1;
    for (const mil::Dim& dim : input.type.shape()) {
      array.shape.push_back(dim.is_known() ? dim.size() : std::int64_t{1});
      count *= static_cast<std::size_t>(array.shape.back());
    }
    Rng rng = Rng(1).fork(i);
    std::vector<float> values(count);
    for (float& value : values) value = static_cast<float>(rng.uniform());
    const auto bytes = std::as_bytes(std::span(values));
    array.bytes.assign(bytes.begin(), bytes.end());
    const fs::path file = folder / (input.name + ".npy");
    EXPECT_TRUE(io::write_npy_file(file, array));
    options.insert(options.end(), {"--input", fmt::format("{}={}", input.name, file.string())});
  }
  return options;
}

std::vector<io::NpyArray> outputs_of(const fs::path& package, const std::string& device,
                                     const fs::path& folder) {
  std::vector<std::string> arguments = {"run",  package.string(), "--device",
                                        device, "--random",       "1"};
  const auto model = package::open_model(package, weights::ReadMode::tolerant);
  EXPECT_TRUE(model) << model.error().to_string();
  if (!model) return {};
  // It takes the logarithm of its inputs.
  if (package.filename() == "DTLN_AEC_128_Part1.mlpackage") {
    const auto files = magnitudes(*model->program.main(), folder);
    arguments.insert(arguments.end(), files.begin(), files.end());
  }
  const std::vector<std::string>& names = model->program.main()->body.outputs;
  for (const std::string& name : names) {
    arguments.insert(arguments.end(),
                     {"--output", fmt::format("{}={}", name, (folder / name).string())});
  }
  const Outcome outcome = run_or_die(arguments);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  std::vector<io::NpyArray> arrays;
  for (const std::string& name : names) {
    const auto array = io::read_npy_file(folder / name);
    EXPECT_TRUE(array) << array.error().to_string();
    if (array) arrays.push_back(*array);
  }
  return arrays;
}

void expect_agreement(const fs::path& package, const fs::path& folder) {
  SCOPED_TRACE(package.filename().string());
  const auto expected = outputs_of(package, "reference", folder);
  const auto actual = outputs_of(package, "cpu", folder);
  ASSERT_EQ(actual.size(), expected.size());
  ASSERT_FALSE(actual.empty());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    ASSERT_EQ(actual[i].shape, expected[i].shape);
    ASSERT_EQ(actual[i].type, expected[i].type);
    const bool is_float =
        actual[i].type == io::NpyType::fp16 || actual[i].type == io::NpyType::fp32;
    if (!is_float) {
      EXPECT_EQ(actual[i].bytes, expected[i].bytes) << "integers";
      continue;
    }
    const auto data_type =
        actual[i].type == io::NpyType::fp16 ? mil::DataType::fp16 : mil::DataType::fp32;
    const auto type =
        mil::Type::tensor(data_type, mil::Shape(actual[i].shape.begin(), actual[i].shape.end()));
    const auto values = mil::Value::packed(type, actual[i].bytes).as_doubles();
    ASSERT_TRUE(values);
    EXPECT_TRUE(std::ranges::all_of(*values, [](double value) { return std::isfinite(value); }));
    const device::Comparison comparison = device::compare(type, expected[i].bytes, actual[i].bytes);
    EXPECT_TRUE(comparison.bit_identical || comparison.snr_db >= kLeastSnr) << comparison.snr_db;
  }
}

TEST(CliRealModels, RunOnTheCpuAndAgreeWithTheReference) {
  const auto models = complete_models();
  if (models.empty()) GTEST_SKIP() << "real_models.tar.xz is absent or cannot be read";
  const auto folder = TemporaryDirectory::create();
  ASSERT_TRUE(folder);
  EXPECT_GE(models.size(), kCompleteModels);
  for (const fs::path& model : models) expect_agreement(model, folder->path());
}

}  // namespace
}  // namespace anebench::tests
