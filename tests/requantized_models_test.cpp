// Every public model in every scheme: stays valid, keeps its inputs and outputs, survives being
// written and read, and loses no more than the bits allow. Skipped where the data is absent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "anebench/base/file.h"
#include "anebench/base/rng.h"
#include "anebench/device/device.h"
#include "anebench/experiments/calibration.h"
#include "anebench/mil/text_parser.h"
#include "anebench/mil/text_printer.h"
#include "anebench/ops/verifier.h"
#include "anebench/package/model.h"
#include "anebench/package/package.h"
#include "anebench/package/random_input.h"
#include "test_data.h"

namespace anebench::tests {
namespace {

namespace fs = std::filesystem;
using transform::Requantized;

struct OpenedModel {
  std::string name;
  package::Model model;
};

class RequantizedModels : public testing::TestWithParam<std::string> {
 protected:
  static void SetUpTestSuite() {
    for (const fs::path& path : complete_models()) {
      auto model = package::open_model(path, weights::ReadMode::tolerant);
      ASSERT_TRUE(model) << model.error().to_string();
      models_.push_back({path.filename().string(), *std::move(model)});
    }
  }
  static void TearDownTestSuite() { models_.clear(); }
  void SetUp() override {
    if (complete_models().empty()) {
      GTEST_SKIP() << "real_models.tar.xz is absent or cannot be read";
    }
    ASSERT_GE(models_.size(), kCompleteModels);
  }

  static Result<Requantized> quantize(const package::Model& model, std::string_view name) {
    ANEBENCH_ASSIGN(scheme, transform::find_scheme(name));
    transform::RequantizeOptions options;
    options.scheme = scheme;
    if (!scheme->has_activations) {
      return transform::requantize(model.program, model.weights, options);
    }
    ANEBENCH_ASSIGN(device, device::open("cpu", {.threads = 1}));
    const mil::Function& function = *model.program.main();
    experiments::Sample sample;
    for (const mil::NamedType& input : experiments::inputs_of(function)) {
      ANEBENCH_ASSIGN(value, package::random_input(input, function, Rng(1).fork(sample.size())));
      sample.push_back(std::move(value));
    }
    return experiments::requantize_calibrated(*device, {model.program, model.weights}, options,
                                              {sample}, {.function = function.name});
  }

  static std::vector<OpenedModel> models_;
};

std::vector<OpenedModel> RequantizedModels::models_;

void expect_valid(const package::Model& before, const Requantized& after) {
  const ops::Report report = ops::verify(after.program, {.resolver = after.weights.get()});
  EXPECT_TRUE(report.ok()) << ops::to_string(report);
  ASSERT_EQ(after.program.functions().size(), before.program.functions().size());
  for (std::size_t i = 0; i < before.program.functions().size(); ++i) {
    EXPECT_EQ(after.program.functions()[i].inputs, before.program.functions()[i].inputs);
    EXPECT_EQ(after.program.functions()[i].body.outputs,
              before.program.functions()[i].body.outputs);
  }
  const auto parsed = mil::parse_text(mil::print_text(after.program));
  ASSERT_TRUE(parsed) << parsed.error().to_string();
  EXPECT_EQ(mil::print_text(*parsed), mil::print_text(after.program));
}

void expect_written_and_read(const package::Model& before, const Requantized& after,
                             const fs::path& path) {
  const auto package = package::package_like(before, after.program, after.weights);
  ASSERT_TRUE(package) << package.error().to_string();
  EXPECT_FALSE(package->description.empty());
  ASSERT_TRUE(package::write_package(*package, path));
  const auto read = package::read_package(path, weights::ReadMode::strict);
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(mil::print_text(read->program), mil::print_text(after.program));
  EXPECT_EQ(read->description, package->description);
  const ops::Report report = ops::verify(read->program, {.resolver = read->weights.get()});
  EXPECT_TRUE(report.ok()) << ops::to_string(report);
}

TEST_P(RequantizedModels, StayValidAndKeepTheirInterface) {
  const auto folder = TemporaryDirectory::create();
  ASSERT_TRUE(folder);
  std::size_t quantized = 0;
  for (const OpenedModel& opened : models_) {
    SCOPED_TRACE(opened.name);
    const auto result = quantize(opened.model, GetParam());
    ASSERT_TRUE(result) << result.error().to_string();
    if (result->report.is_unchanged()) {
      EXPECT_EQ(result->program, opened.model.program);
      continue;
    }
    ++quantized;
    expect_valid(opened.model, *result);
    expect_written_and_read(opened.model, *result, folder->path() / "written.mlpackage");
  }
  // Those that were stored in fp16 or fp32: five packages and two compiled ones of silero, dtln.
  EXPECT_GE(quantized, 8u);
}

// The least of all weights of these models, measured, less half a decibel. Real weights have longer
// tails than normally distributed ones, which docs/quantizing.md has figures for.
const std::map<std::string, double> kLeastWeightSnr = {
    {"w8", 30.9},  {"w8_per_tensor", 16.2}, {"w8a8", 30.6},  {"w4", 14.2},
    {"lut8", 40},  {"lut6", 27.9},          {"lut4", 14.9},  {"lut3", 8.8},
    {"lut2", 4.5}, {"lut1", 1.3},           {"sparse50", 8}, {"sparse75", 3}};

TEST_P(RequantizedModels, KeepTheirWeightsAsFarAsTheBitsAllow) {
  for (const OpenedModel& opened : models_) {
    SCOPED_TRACE(opened.name);
    const auto result = quantize(opened.model, GetParam());
    ASSERT_TRUE(result) << result.error().to_string();
    for (const transform::WeightResult& weight : result->report.weights) {
      if (weight.outcome != transform::WeightOutcome::quantized) continue;
      EXPECT_GE(weight.snr_db, kLeastWeightSnr.at(GetParam())) << weight.name;
    }
  }
}

std::vector<std::string> scheme_names() {
  std::vector<std::string> names;
  for (const auto& scheme : transform::quantization_schemes()) names.emplace_back(scheme.name);
  return names;
}
INSTANTIATE_TEST_SUITE_P(Schemes, RequantizedModels, testing::ValuesIn(scheme_names()),
                         [](const auto& param) { return param.param; });

}  // namespace
}  // namespace anebench::tests
