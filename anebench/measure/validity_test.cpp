#include "anebench/measure/validity.h"

#include <gtest/gtest.h>

#include <set>

namespace anebench::measure {
namespace {

constexpr auto kLast = static_cast<int>(Validity::system_changed);

TEST(Validity, EveryCodeHasItsOwnNameAndExplanation) {
  std::set<std::string_view> names;
  std::set<std::string_view> sentences;
  for (int i = 0; i <= kLast; ++i) {
    names.insert(to_string(static_cast<Validity>(i)));
    sentences.insert(explanation(static_cast<Validity>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kLast) + 1);
  EXPECT_EQ(sentences.size(), names.size());
}

TEST(Validity, WideAndApproximateIntervalsAreNotMistrusted) {
  EXPECT_FALSE(is_mistrust(Validity::autocorrelated));
  EXPECT_FALSE(is_mistrust(Validity::drifting));
  EXPECT_FALSE(is_mistrust(Validity::unconverged));
  EXPECT_FALSE(is_mistrust(Validity::interrupted));
  EXPECT_TRUE(is_mistrust(Validity::core_contended));
  EXPECT_TRUE(is_mistrust(Validity::system_changed));
}

TEST(Validity, FirstMistrustSkipsTheOthers) {
  EXPECT_EQ(first_mistrust({Validity::drifting, Validity::load_rose}), "load_rose");
  EXPECT_EQ(first_mistrust({Validity::drifting}), "");
}

TEST(Validity, CodesAreAddedOnce) {
  std::vector<Validity> codes;
  add(codes, Validity::drifting);
  add(codes, Validity::drifting);
  EXPECT_EQ(codes.size(), 1u);
}

}  // namespace
}  // namespace anebench::measure
