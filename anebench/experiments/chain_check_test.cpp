#include "anebench/experiments/chain_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "anebench/device/reference/reference_device.h"
#include "anebench/programs/catalogue.h"

namespace anebench::experiments {
namespace {

using device::LoadedProgram;
using programs::BenchmarkProgram;
using testing::HasSubstr;

class ChainCheck : public testing::Test {
 protected:
  void SetUp() override {
    auto mine = device::open("cpu", {.threads = 2});
    auto oracle = device::open_reference({.threads = 2});
    ASSERT_TRUE(mine && oracle);
    device_ = std::move(*mine);
    reference_ = std::move(*oracle);
  }

  static BenchmarkProgram build(const std::string& precision, const std::string& more = "") {
    auto benchmark = programs::build(
        "conv_chain:channels=64,height=12,width=10,depth=6,precision=" + precision + more);
    EXPECT_TRUE(benchmark) << benchmark.error().to_string();
    return std::move(*benchmark);
  }

  // Loads `benchmark` on the device, with one byte of its weight file changed where asked to.
  Result<record::Check> check(const BenchmarkProgram& benchmark,
                              std::optional<std::size_t> changed_byte = {}) {
    auto weights = benchmark.weights->copy(weights::ReadMode::tolerant);
    if (changed_byte) {
      const auto bytes = weights->files()[0].second.bytes;
      std::vector<std::byte> content(bytes.begin(), bytes.end());
      content[*changed_byte] ^= std::byte{0x40};
      EXPECT_TRUE(weights->replace(programs::kWeightFile, std::move(content)));
    }
    ANEBENCH_ASSIGN(loaded, LoadedProgram::open(*device_, benchmark.program, weights, {}));
    ANEBENCH_TRY(loaded.set_inputs(benchmark.inputs));
    return ChainChecker(*device_, *reference_, {}).check(benchmark, loaded);
  }

  std::unique_ptr<device::Device> device_;
  std::unique_ptr<device::Device> reference_;
};

TEST_F(ChainCheck, W8A8PassesOnlyBitForBit) {
  const auto result = check(build("w8a8"));
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->result, "passed") << result->reason;
  EXPECT_TRUE(result->bit_identical);
  EXPECT_GT(result->distinct_values, 300);
  EXPECT_EQ(result->compared_values, 64 * 64 + 64 * 120);
}

TEST_F(ChainCheck, Fp16PassesWithinItsBounds) {
  const auto result = check(build("fp16"));
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->result, "passed") << result->reason;
  EXPECT_THAT(result->reference, HasSubstr("each of the 4 ops"));
}

TEST_F(ChainCheck, W8A8WithQuantizedInputPassesOnlyBitForBit) {
  const auto result = check(build("w8a8", ",quantize_input=on"));
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->result, "passed") << result->reason;
  EXPECT_TRUE(result->bit_identical);
}

TEST_F(ChainCheck, CompressedWeightsPassByTheRulesOfFp16) {
  for (const char* precision : {"w8", "w8_per_tensor", "u4b32", "i4", "i4b32", "lut1", "lut2",
                                "lut3", "lut4", "lut6", "lut8", "sparse"}) {
    SCOPED_TRACE(precision);
    const auto result = check(build(precision));
    ASSERT_TRUE(result) << result.error().to_string();
    EXPECT_EQ(result->result, "passed") << result->reason;
    EXPECT_THAT(result->reference, HasSubstr("each of the 4 ops"));
    EXPECT_THAT(result->tolerance, HasSubstr("at least 40 dB"));
    EXPECT_GT(result->distinct_values, 300);
  }
}

TEST_F(ChainCheck, OneChangedIndexOfACompressedWeightFails) {
  // Layer 0: 64·64 indices of 4 bits behind 64 bytes of metadata, after a header of 64.
  const auto result = check(build("lut4"), 128 + 100);
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->result, "failed");
}

TEST_F(ChainCheck, OneChangedWeightOfTheLastLayerFails) {
  // Layer 5 of 6: 64·64 bytes a layer, each behind 64 bytes of metadata, after a header of 64.
  const std::size_t last_layer = 64 + 5 * (64 + 64 * 64) + 64;
  const auto result = check(build("w8a8"), last_layer + 64 * 3 + 7);
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->result, "failed");
  EXPECT_FALSE(result->bit_identical);
  EXPECT_THAT(result->reason, HasSubstr("differ"));
}

TEST_F(ChainCheck, OneChangedWeightOfTheFirstLayerFails) {
  const auto result = check(build("w8a8"), 128 + 100);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->result, "failed");
}

TEST_F(ChainCheck, ClassicValuesAreVacuousNotPassed) {
  const auto result = check(build("w8a8", ",init=classic"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->result, "vacuous");
}

TEST(CheckedPositions, HoldTheEndsAndTheTileBorders) {
  const auto positions = checked_positions(4096, 64, 1);
  EXPECT_EQ(positions.size(), 64u);
  EXPECT_TRUE(std::is_sorted(positions.begin(), positions.end()));
  for (const std::size_t p : {0u, 15u, 16u, 31u, 32u, 63u, 64u, 4080u, 4095u}) {
    EXPECT_TRUE(std::binary_search(positions.begin(), positions.end(), p)) << p;
  }
  EXPECT_NE(positions, checked_positions(4096, 64, 2));
}

TEST(CheckedPositions, AreAllOfThemWhereThereAreFew) {
  const auto positions = checked_positions(5, 64, 1);
  EXPECT_EQ(positions, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
}

}  // namespace
}  // namespace anebench::experiments
