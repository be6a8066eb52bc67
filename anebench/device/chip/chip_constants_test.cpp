#include "anebench/device/chip/chip_constants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace anebench::device {
namespace {

using testing::HasSubstr;

TEST(ChipTable, HoldsTheChipsOfTheModel) {
  const ChipTable& table = chip_table();
  std::set<std::string> names;
  for (const Chip& chip : table.chips) {
    EXPECT_TRUE(names.insert(chip.name).second) << chip.name << " is there twice";
    EXPECT_EQ(chip.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789"),
              std::string::npos)
        << chip.name;
    EXPECT_FALSE(table.family_of(chip).subtype.empty());
  }
  for (const char* name :
       {"m1", "m2max", "m3pro", "m3ultra", "m4", "m4max", "m5", "m5pro", "m5max", "m6", "a18pro"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
  EXPECT_EQ(table.find("m7"), nullptr);
}

// 16 cores × 256 multiply-adds × 2 × clock, or the vendor's rating; nothing measured is far off.
TEST(ChipTable, RatesLieNearWhatFollowsFromTheClock) {
  for (const ChipFamily& family : chip_table().families) {
    if (family.nominal_tops.kind == ConstantKind::assumed) continue;
    EXPECT_NEAR(family.fp16_tops.value / family.nominal_tops.value, 1, 0.12) << family.name;
  }
}

TEST(ChipTable, Int8IsFasterFromH16On) {
  for (const ChipFamily& family : chip_table().families) {
    const bool is_native = family.name >= "h16" || family.name == "a18pro";
    if (is_native) {
      EXPECT_GT(family.int8_factor.value, 1.8) << family.name;
    } else {
      EXPECT_EQ(family.int8_factor.value, 1) << family.name;
    }
  }
}

TEST(ChipTable, UltraPartsHaveTwoEngines) {
  EXPECT_EQ(chip_table().find("m3ultra")->engines, 2);
  EXPECT_EQ(chip_table().find("m3max")->engines, 1);
}

TEST(ChipTable, FaultsAreNamed) {
  const auto message = [](const char* json) {
    const auto table = parse_chip_table(json);
    return table ? std::string("no error") : table.error().to_string();
  };
  EXPECT_THAT(message("[]"), HasSubstr("no JSON object"));
  EXPECT_THAT(message("{}"), HasSubstr("shared"));
  EXPECT_THAT(message(R"({"shared": {}})"), HasSubstr("io_gbs"));
  const auto with = [](const std::string& constant) {
    return R"({"shared": {"io_gbs": )" + constant + "}}";
  };
  EXPECT_THAT(message(with(R"({"value": 0, "kind": "derived", "source": "x"})").c_str()),
              HasSubstr("not above zero"));
  EXPECT_THAT(message(with(R"({"value": 1, "kind": "guessed", "source": "x"})").c_str()),
              HasSubstr("guessed"));
  EXPECT_THAT(message(with(R"({"value": 1, "kind": "derived", "source": ""})").c_str()),
              HasSubstr("no source"));
}

}  // namespace
}  // namespace anebench::device
