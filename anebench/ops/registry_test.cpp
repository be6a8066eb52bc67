#include "anebench/ops/registry.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

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

// coremltools' kinds of inputs.
ParameterKind kind_of(const std::string& name) {
  static const std::map<std::string, ParameterKind> kKinds = {
      {"Tensor", ParameterKind::tensor},  {"Tuple", ParameterKind::variadic},
      {"List", ParameterKind::list},      {"State", ParameterKind::state},
      {"Internal", ParameterKind::value}, {"ListOrTensorOrDict", ParameterKind::any}};
  return kKinds.at(name);
}

std::string opset_name(Opset opset) { return "iOS" + std::string(to_string(opset)).substr(3); }

// Every definition against the registry of coremltools: versions, parameters in their order, types,
// type variables, flags, and which parameters have a default.
TEST(Registry, AgreesWithTheSignaturesOfCoremltools) {
  const std::filesystem::path path =
      std::filesystem::path(ANEBENCH_SHARED_DATA) / "mil_op_signatures.json";
  std::ifstream file(path);
  if (!file) GTEST_SKIP() << path << " is absent";
  const auto signatures = nlohmann::json::parse(file);
  std::size_t compared = 0;
  for (const Definition* definition : all_definitions()) {
    SCOPED_TRACE(definition->name);
    const std::string name(definition->name);
    if (name == "write_state") continue;  // exists in serialized programs only
    ASSERT_TRUE(signatures.contains(name));
    const auto& versions = signatures[name];
    ASSERT_EQ(definition->versions.size(), versions.size());
    for (const Version& version : definition->versions) {
      SCOPED_TRACE(opset_name(version.since));
      ASSERT_TRUE(versions.contains(opset_name(version.since)));
      const auto& signature = versions[opset_name(version.since)];
      std::size_t parameters = 0;
      for (const auto& [parameter_name, expected] : signature["inputs"].items()) {
        SCOPED_TRACE(parameter_name);
        const std::string kind = expected["kind"];
        // Blocks, which a program carries beside the inputs.
        if (kind == "PyFunction" || parameter_name == "_existing_blocks") continue;
        const Parameter* parameter = version.find(parameter_name);
        ASSERT_NE(parameter, nullptr);
        ++parameters;
        EXPECT_EQ(parameter->kind, kind_of(kind));
        EXPECT_EQ(parameter->optional, expected.value("optional", false));
        EXPECT_EQ(parameter->constant, expected.value("const", false));
        EXPECT_EQ(parameter->type_variable, expected.value("T", ""));
        std::set<std::string> types;
        if (!expected["types"].is_null()) types = expected["types"].get<std::set<std::string>>();
        for (int i = 0; i < mil::kDataTypeCount; ++i) {
          const auto type = static_cast<mil::DataType>(i);
          EXPECT_EQ(parameter->types.contains(type), types.contains(std::string(to_string(type))))
              << to_string(type);
        }
        const bool has_default =
            signature.contains("defaults") && signature["defaults"].contains(parameter_name);
        EXPECT_EQ(!parameter->default_text.empty(), has_default);
      }
      EXPECT_EQ(version.parameters.size(), parameters);
      ++compared;
    }
  }
  EXPECT_GT(compared, 0u);
}

}  // namespace
}  // namespace anebench::ops
