#include "anebench/ops/registry.h"

#include <gtest/gtest.h>

#include <set>

namespace anebench::ops {
namespace {

using mil::Opset;

TEST(Registry, FindsEveryDefinitionByItsName) {
  EXPECT_FALSE(all_definitions().empty());
  for (const Definition* definition : all_definitions()) {
    EXPECT_EQ(find(definition->name), definition) << definition->name;
  }
}

TEST(Registry, NamesAreUniqueAndSorted) {
  const auto all = all_definitions();
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_LT(all[i - 1]->name, all[i]->name);
}

TEST(Registry, DoesNotFindOthers) {
  EXPECT_EQ(find("neg"), nullptr);
  EXPECT_EQ(find(""), nullptr);
  EXPECT_EQ(find("conv2"), nullptr);
}

TEST(Registry, DefinitionsAreComplete) {
  for (const Definition* definition : all_definitions()) {
    SCOPED_TRACE(definition->name);
    EXPECT_FALSE(definition->family.empty());
    EXPECT_NE(definition->infer, nullptr);
    EXPECT_NE(definition->evaluate != nullptr, definition->evaluate_values != nullptr);
    ASSERT_FALSE(definition->versions.empty());
    for (std::size_t i = 1; i < definition->versions.size(); ++i) {
      EXPECT_LT(definition->versions[i - 1].since, definition->versions[i].since);
    }
    for (const Version& version : definition->versions) {
      std::set<std::string_view> names;
      for (const Parameter& parameter : version.parameters) {
        EXPECT_TRUE(names.insert(parameter.name).second) << parameter.name;
        EXPECT_EQ(version.find(parameter.name), &parameter);
      }
      EXPECT_EQ(version.find("no such parameter"), nullptr);
    }
  }
}

TEST(Registry, KnowsWhichOpsDrawRandomNumbers) {
  for (const Definition* definition : all_definitions()) {
    EXPECT_EQ(definition->draws_random_numbers, definition->family == "random") << definition->name;
  }
}

TEST(Registry, GivesTheNewestVersionOfAnOpset) {
  const Definition* conv = find("conv");
  ASSERT_NE(conv, nullptr);
  EXPECT_EQ(version_for(*conv, Opset::ios16)->since, Opset::ios13);
  EXPECT_EQ(version_for(*conv, Opset::ios17)->since, Opset::ios17);
  EXPECT_EQ(version_for(*conv, Opset::ios26)->since, Opset::ios17);
  const Definition* quantize = find("quantize");
  ASSERT_NE(quantize, nullptr);
  EXPECT_EQ(version_for(*quantize, Opset::ios16), nullptr);
}

TEST(TypeSet, ListsItsTypes) {
  EXPECT_EQ(to_string(kFloatsAndInt32), "fp16, fp32, int32");
  EXPECT_EQ(to_string(TypeSet()), "");
}

}  // namespace
}  // namespace anebench::ops
