#include "anebench/device/cpu/memory_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

namespace anebench::device::cpu {
namespace {

using testing::HasSubstr;

TEST(MemoryBudget, RefusesTheFirstByteAboveTheLimitAndNamesTheOperation) {
  MemoryBudget budget(4096);
  budget.set_current("conv 'y'");
  EXPECT_TRUE(budget.keep(2048));
  EXPECT_TRUE(budget.allocate(1024));
  EXPECT_TRUE(budget.set_scratch(256, 2, 512));
  const auto refused = budget.keep(1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::resource_exhausted);
  EXPECT_THAT(refused.error().message(), HasSubstr("at conv 'y'"));
}

TEST(MemoryBudget, ReusesReleasedPiecesOfTheArena) {
  MemoryBudget budget(4096);
  const auto first = budget.allocate(4096);
  ASSERT_TRUE(first);
  EXPECT_FALSE(budget.allocate(64));
  MemoryBudget again(4096);
  ASSERT_TRUE(again.allocate(4096));
  again.release(0, 4096);
  EXPECT_TRUE(again.allocate(4096));
  EXPECT_EQ(again.arena_bytes(), 4096u);
}

TEST(MemoryBudget, NewScratchTakesThePlaceOfTheOld) {
  MemoryBudget budget(1000);
  EXPECT_TRUE(budget.set_scratch(400, 2, 100));
  EXPECT_TRUE(budget.set_scratch(450, 2, 100));
  EXPECT_FALSE(budget.set_scratch(451, 2, 100));
}

TEST(MemoryBudget, CountsWithoutAskingUntilTheNextCheck) {
  MemoryBudget budget(100);
  EXPECT_TRUE(budget.count(500));
  EXPECT_FALSE(budget.keep(0));
}

TEST(MemoryBudget, RequiringCountsNothing) {
  MemoryBudget budget(100);
  EXPECT_TRUE(budget.keep(40));
  EXPECT_TRUE(budget.require(60));
  EXPECT_FALSE(budget.require(61));
  EXPECT_TRUE(budget.keep(60));
}

TEST(MemoryBudget, NeverOverflows) {
  MemoryBudget budget(SIZE_MAX);
  EXPECT_TRUE(budget.count(SIZE_MAX));
  EXPECT_FALSE(budget.count(1));
  EXPECT_FALSE(budget.require(1));
  EXPECT_FALSE(budget.set_scratch(SIZE_MAX, 2, 0));
  EXPECT_FALSE(budget.set_scratch(SIZE_MAX, 1, 1));
}

}  // namespace
}  // namespace anebench::device::cpu
