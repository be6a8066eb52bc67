#include "anebench/device/cpu/kernels/peaks.h"

#include <gtest/gtest.h>

namespace anebench::kernels {
namespace {

TEST(Peaks, EveryAvailableIsaHasLoopsThatCountWhatTheyDo) {
  for (const Isa isa : available_isas()) {
    const PeakLoops* loops = peak_loops(isa);
    ASSERT_NE(loops, nullptr) << to_string(isa);
    EXPECT_EQ(loops->isa, isa);
    EXPECT_FALSE(loops->fma_instruction.empty());
    EXPECT_FALSE(loops->int8_instruction.empty());
    for (const auto loop : {loops->fma_f32, loops->int8_dot}) {
      const double once = loop(1);
      EXPECT_GT(once, 0);
      EXPECT_EQ(loop(1000), 1000 * once);
    }
  }
}

TEST(Peaks, TheCanaryRunsOnEveryAvailableIsa) {
  for (const Isa isa : available_isas()) {
    EXPECT_GE(run_canary(isa), 2.0 * 40 * 4 * 128 * 32) << to_string(isa);
  }
}

TEST(Peaks, AnIsaOfAnotherProcessorHasNone) {
#if defined(__x86_64__)
  EXPECT_EQ(peak_loops(Isa::neon), nullptr);
#else
  EXPECT_EQ(peak_loops(Isa::avx2), nullptr);
#endif
}

}  // namespace
}  // namespace anebench::kernels
