#include "anebench/base/shell_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace anebench {
namespace {

using testing::ElementsAreArray;

TEST(ShellWords, PlainWordsNeedNoQuotes) {
  EXPECT_EQ(join_shell_words(std::vector<std::string>{"anebench", "peak", "--filter", "c=1,d=2"}),
            "anebench peak --filter c=1,d=2");
}

TEST(ShellWords, SurviveTheRoundTrip) {
  const std::vector<std::string> words = {"a b",         "",         "it's", "$(rm)",
                                          "back\\slash", "\xc3\xa4", "*"};
  const auto back = split_shell_words(join_shell_words(words));
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_THAT(*back, ElementsAreArray(words));
}

TEST(ShellWords, WhatAShellWouldActOnIsRefused) {
  for (const char* line :
       {"a; b", "a | b", "a $b", "a `b`", "a > b", "a\nb", "it's", "a & b", "~"}) {
    EXPECT_FALSE(split_shell_words(line)) << line;
  }
}

}  // namespace
}  // namespace anebench
