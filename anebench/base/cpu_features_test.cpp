#include "anebench/base/cpu_features.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "anebench/base/env.h"

namespace anebench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Sets ANEBENCH_ISA for one test.
class SelectedIsa : public ::testing::Test {
 protected:
  void SetUp() override { before_ = env("ANEBENCH_ISA"); }
  void TearDown() override {
    if (before_) {
      setenv("ANEBENCH_ISA", before_->c_str(), 1);
    } else {
      unsetenv("ANEBENCH_ISA");
    }
  }
  static void force(const char* value) { setenv("ANEBENCH_ISA", value, 1); }

 private:
  std::optional<std::string> before_;
};

TEST(Isa, NamesParseBack) {
  for (const Isa isa : kAllIsas) EXPECT_EQ(parse_isa(to_string(isa)), isa);
  EXPECT_EQ(parse_isa("AVX2"), std::nullopt);
  EXPECT_EQ(parse_isa(""), std::nullopt);
}

TEST(Isa, PortableIsAlwaysAvailableAndTheBestIsTheLast) {
  const std::vector<Isa> isas = available_isas();
  ASSERT_FALSE(isas.empty());
  EXPECT_EQ(isas.front(), Isa::portable);
  EXPECT_EQ(best_isa(), isas.back());
  for (const Isa isa : isas) EXPECT_TRUE(isa_available(isa));
}

TEST(Isa, LargerSetsContainTheSmaller) {
  EXPECT_LE(isa_available(Isa::avx512vnni), isa_available(Isa::avx512));
  EXPECT_LE(isa_available(Isa::avx512), isa_available(Isa::avx2));
  EXPECT_LE(isa_available(Isa::neondot), isa_available(Isa::neon));
  EXPECT_FALSE(isa_available(Isa::avx2) && isa_available(Isa::neon));
}

#if defined(__x86_64__)
TEST(Isa, AgreesWithTheCompilersRuntime) {
  EXPECT_EQ(isa_available(Isa::avx2),
            __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0);
  EXPECT_EQ(isa_available(Isa::avx512), __builtin_cpu_supports("avx512bw") != 0 &&
                                            __builtin_cpu_supports("avx512vl") != 0 &&
                                            __builtin_cpu_supports("avx512dq") != 0);
  EXPECT_EQ(isa_available(Isa::avx512vnni),
            __builtin_cpu_supports("avx512vnni") != 0 && isa_available(Isa::avx512));
}
#elif defined(__aarch64__)
TEST(Isa, EveryArm64HasNeon) { EXPECT_TRUE(isa_available(Isa::neon)); }
#endif

TEST_F(SelectedIsa, IsTheBestUnlessForced) {
  unsetenv("ANEBENCH_ISA");
  EXPECT_EQ(selected_isa().value(), best_isa());
  force("");
  EXPECT_EQ(selected_isa().value(), best_isa());
  for (const Isa isa : available_isas()) {
    force(std::string(to_string(isa)).c_str());
    EXPECT_EQ(selected_isa().value(), isa);
  }
}

TEST_F(SelectedIsa, RefusesUnknownNamesListingTheAvailable) {
  force("sse9");
  const Result<Isa> isa = selected_isa();
  ASSERT_FALSE(isa);
  EXPECT_EQ(isa.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(isa.error().message(),
              AllOf(HasSubstr("sse9"), HasSubstr("portable"), HasSubstr(to_string(best_isa()))));
}

TEST_F(SelectedIsa, RefusesWhatThisMachineLacks) {
  for (const Isa isa : kAllIsas) {
    if (isa_available(isa)) continue;
    force(std::string(to_string(isa)).c_str());
    const Result<Isa> selected = selected_isa();
    ASSERT_FALSE(selected);
    EXPECT_EQ(selected.error().code(), ErrorCode::unavailable);
    EXPECT_THAT(selected.error().message(), HasSubstr("portable"));
  }
}

TEST(Cpu, HasANameAndThreads) {
  EXPECT_FALSE(cpu_model_name().empty());
  EXPECT_GE(hardware_threads(), 1);
}

TEST(Env, TellsUnsetFromEmpty) {
  unsetenv("ANEBENCH_TEST_VARIABLE");
  EXPECT_EQ(env("ANEBENCH_TEST_VARIABLE"), std::nullopt);
  setenv("ANEBENCH_TEST_VARIABLE", "", 1);
  EXPECT_EQ(env("ANEBENCH_TEST_VARIABLE"), "");
  setenv("ANEBENCH_TEST_VARIABLE", "x=y", 1);
  EXPECT_EQ(env("ANEBENCH_TEST_VARIABLE"), "x=y");
  unsetenv("ANEBENCH_TEST_VARIABLE");
}

}  // namespace
}  // namespace anebench
