#include "anebench/report/text_width.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace anebench::report {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(TextWidth, CountsCharactersNotBytes) {
  EXPECT_EQ(display_width("512×64"), 6u);
  EXPECT_EQ(display_width("±1 %"), 4u);
  EXPECT_EQ(display_width("漢字"), 4u);
  EXPECT_EQ(display_width("e\xCC\x81"), 1u);  // e and a combining accent
  EXPECT_EQ(display_width(""), 0u);
}

TEST(TextWidth, BytesThatAreNoUtf8CountAsCharacters) {
  EXPECT_EQ(display_width("a\xFF\xC3"), 3u);
  EXPECT_EQ(display_width("\xE2\x82"), 2u);
}

TEST(TextWidth, CutsBetweenCharacters) {
  EXPECT_EQ(cut_to_width("512×64×128", 5), "512×…");
  EXPECT_EQ(cut_to_width("512", 3), "512");
  EXPECT_EQ(cut_to_width("漢字", 3), "漢…");
  EXPECT_EQ(cut_to_width("abc", 1), "…");
  EXPECT_EQ(cut_to_width("abc", 0), "");
}

TEST(TextWidth, WrapsAtSpaces) {
  EXPECT_THAT(wrap("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(wrap("extraordinary word", 5), ElementsAre("extraordinary", "word"));
  EXPECT_THAT(wrap("  ", 5), IsEmpty());
}

}  // namespace
}  // namespace anebench::report
