#include "anebench/device/cpu/arena.h"

#include <gtest/gtest.h>

#include <limits>

namespace anebench::device::cpu {
namespace {

TEST(Arena, PlacesAreAlignedAndDoNotOverlap) {
  Arena arena;
  const auto a = arena.allocate(1);
  const auto b = arena.allocate(100);
  const auto c = arena.allocate(64);
  ASSERT_TRUE(a && b && c);
  EXPECT_EQ(*a % kArenaAlignment, 0U);
  EXPECT_GE(*b, *a + 1);
  EXPECT_GE(*c, *b + 100);
  EXPECT_GE(arena.size(), *c + 64);
}

TEST(Arena, ReusesWhatWasReleasedAndJoinsNeighbours) {
  Arena arena;
  const auto a = arena.allocate(64);
  const auto b = arena.allocate(64);
  const auto c = arena.allocate(64);
  ASSERT_TRUE(a && b && c);
  arena.release(*b, 64);
  arena.release(*a, 64);
  EXPECT_EQ(arena.allocate(128), a);
  EXPECT_EQ(arena.size(), 192U);
}

TEST(Arena, AChainNeedsTwoPlaces) {
  Arena arena;
  auto before = arena.allocate(1000);
  for (int layer = 0; layer < 100; ++layer) {
    const auto after = arena.allocate(1000);
    arena.release(*before, 1000);
    before = after;
  }
  EXPECT_EQ(arena.size(), 2048U);
}

TEST(Arena, GrowsTheFreeBlockAtItsEnd) {
  Arena arena;
  const auto a = arena.allocate(64);
  arena.release(*a, 64);
  EXPECT_EQ(arena.allocate(256), 0U);
  EXPECT_EQ(arena.size(), 256U);
}

TEST(Arena, RefusesSumsThatCannotBeCounted) {
  Arena arena;
  constexpr std::size_t kLargest = std::numeric_limits<std::size_t>::max();
  EXPECT_FALSE(arena.allocate(kLargest));
  ASSERT_TRUE(arena.allocate(kLargest / 2));
  EXPECT_FALSE(arena.allocate(kLargest / 2 + 200));
}

}  // namespace
}  // namespace anebench::device::cpu
