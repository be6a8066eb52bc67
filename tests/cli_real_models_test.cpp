// Public models as people have them: each runs on the CPU and agrees with the reference.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "anebench/device/compare.h"
#include "anebench/io/npy.h"
#include "anebench/package/model.h"
#include "cli_process.h"
#include "test_data.h"

namespace anebench::tests {
namespace {

namespace fs = std::filesystem;

// Larger ones take the reference too long, and of some models the archive has no weights.
constexpr std::uintmax_t kLargestWeights = 1 << 20;
constexpr std::uintmax_t kSmallestWeights = 1 << 10;
// Both round each operation to the model's types, in their own order of sums.
constexpr double kLeastSnr = 40;

std::uintmax_t weight_bytes(const fs::path& model) {
  std::uintmax_t total = 0;
  for (const auto& entry : fs::recursive_directory_iterator(model)) {
    if (entry.path().extension() == ".bin") total += entry.file_size();
  }
  return total;
}

std::vector<fs::path> small_packages(const fs::path& folder) {
  std::vector<fs::path> packages;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".mlpackage") continue;
    const std::uintmax_t bytes = weight_bytes(entry.path());
    if (kSmallestWeights <= bytes && bytes <= kLargestWeights) packages.push_back(entry.path());
  }
  std::sort(packages.begin(), packages.end());
  return packages;
}

std::vector<io::NpyArray> outputs_of(const fs::path& package, const std::string& device,
                                     const fs::path& folder) {
  std::vector<std::string> arguments = {"run",  package.string(), "--device",
                                        device, "--random",       "1"};
  const auto model = package::open_model(package, weights::ReadMode::tolerant);
  EXPECT_TRUE(model) << model.error().to_string();
  if (!model) return {};
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
    if (actual[i].bytes == expected[i].bytes) continue;
    // Integers must be equal.
    ASSERT_TRUE(actual[i].type == io::NpyType::fp16 || actual[i].type == io::NpyType::fp32);
    const bool is_half = actual[i].type == io::NpyType::fp16;
    const auto type = mil::Type::tensor(is_half ? mil::DataType::fp16 : mil::DataType::fp32,
                                        mil::Shape(actual[i].shape.begin(), actual[i].shape.end()));
    EXPECT_GE(device::compare(type, expected[i].bytes, actual[i].bytes).snr_db, kLeastSnr);
  }
}

TEST(CliRealModels, RunOnTheCpuAndAgreeWithTheReference) {
  const fs::path& models = unpacked("real_models.tar.xz");
  if (models.empty()) GTEST_SKIP() << "real_models.tar.xz is absent or cannot be read";
  const auto folder = TemporaryDirectory::create();
  ASSERT_TRUE(folder);
  const auto packages = small_packages(models);
  EXPECT_GE(packages.size(), 9u);
  for (const fs::path& package : packages) expect_agreement(package, folder->path());
}

}  // namespace
}  // namespace anebench::tests
