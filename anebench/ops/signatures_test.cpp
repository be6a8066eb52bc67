// Every op definition against the signatures of coremltools' registry, in the shared test data:
// versions, parameters, kinds, element types, type variables, flags and defaults. A new definition
// needs no test of its own for these.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/ops/registry.h"
#include "test_data.h"

namespace anebench::ops {
namespace {

using nlohmann::json;

// Nothing where the data is absent.
const std::optional<json>& signatures() {
  static const std::optional<json> kSignatures = []() -> std::optional<json> {
    std::ifstream file(tests::shared_data("mil_op_signatures.json"));
    if (!file) return std::nullopt;
    return json::parse(file);
  }();
  return kSignatures;
}

constexpr std::string_view kAbsent = "mil_op_signatures.json is absent";

// coremltools' kinds of inputs.
ParameterKind kind_of(const std::string& name) {
  static const std::map<std::string, ParameterKind> kKinds = {
      {"Tensor", ParameterKind::tensor},  {"Tuple", ParameterKind::variadic},
      {"List", ParameterKind::list},      {"State", ParameterKind::state},
      {"Internal", ParameterKind::value}, {"ListOrTensorOrDict", ParameterKind::any}};
  return kKinds.at(name);
}

// Blocks, which a program carries beside the inputs.
bool is_block(const std::string& name, const json& input) {
  return input["kind"] == "PyFunction" || name == "_existing_blocks";
}

std::set<std::string> names_of(TypeSet types) {
  std::set<std::string> names;
  for (int i = 0; i < mil::kDataTypeCount; ++i) {
    const auto type = static_cast<mil::DataType>(i);
    if (types.contains(type)) names.emplace(to_string(type));
  }
  return names;
}

// A default is written in words, but a Python literal (a number, a string, a bool) as itself.
void expect_default(std::string_view text, const std::string& python) {
  EXPECT_FALSE(text.empty()) << "has the default " << python;
  if (python == "True" || python == "False") {
    EXPECT_EQ(text, python == "True" ? "true" : "false");
  } else if (python.starts_with("'")) {
    EXPECT_EQ(text, python.substr(1, python.size() - 2));
  } else {
    char* end = nullptr;
    const double number = std::strtod(python.c_str(), &end);
    if (end == python.c_str() || *end != '\0') return;  // an expression
    EXPECT_EQ(std::strtod(std::string(text).c_str(), &end), number) << text;
  }
}

void expect_parameter(const Parameter& parameter, const json& expected) {
  EXPECT_EQ(parameter.kind, kind_of(expected["kind"]));
  EXPECT_EQ(parameter.optional, expected.value("optional", false));
  EXPECT_EQ(parameter.constant, expected.value("const", false));
  EXPECT_EQ(parameter.type_variable, expected.value("T", ""));
  std::set<std::string> types;
  if (!expected["types"].is_null()) types = expected["types"].get<std::set<std::string>>();
  EXPECT_EQ(names_of(parameter.types), types);
}

void expect_version(const Version& version, const json& expected) {
  std::set<std::string> names;
  for (const auto& [name, input] : expected["inputs"].items()) {
    if (is_block(name, input)) continue;
    SCOPED_TRACE(name);
    names.insert(name);
    const Parameter* parameter = version.find(name);
    if (parameter == nullptr) {
      ADD_FAILURE() << "is missing";
      continue;
    }
    expect_parameter(*parameter, input);
    if (expected.contains("defaults") && expected["defaults"].contains(name)) {
      expect_default(parameter->default_text, expected["defaults"][name]);
    } else if (!parameter->optional) {
      // What is optional may have the default of an earlier version, which the data does not
      // repeat.
      EXPECT_EQ(parameter->default_text, "") << "has no default";
    }
  }
  for (const Parameter& parameter : version.parameters) {
    EXPECT_TRUE(names.contains(std::string(parameter.name))) << parameter.name << " is none";
  }
}

// Op types that no signature has: they exist in serialized programs only.
constexpr std::string_view kOnlySerialized[] = {"write_state"};
// Signatures that no program can hold: coremltools uses them inside its passes.
constexpr std::string_view kInternal[] = {"_const_symbolic", "conv_quantized"};

std::vector<std::string> registered_names() {
  std::vector<std::string> names;
  for (const Definition* definition : all_definitions()) names.emplace_back(definition->name);
  return names;
}

class Signature : public testing::TestWithParam<std::string> {};

TEST_P(Signature, IsThatOfCoremltools) {
  if (!signatures()) GTEST_SKIP() << kAbsent;
  const std::string& name = GetParam();
  if (std::ranges::count(kOnlySerialized, name) != 0) {
    GTEST_SKIP() << "exists in serialized programs only";
  }
  ASSERT_TRUE(signatures()->contains(name));
  const json& versions = (*signatures())[name];
  const Definition& definition = *find(name);
  EXPECT_EQ(definition.versions.size(), versions.size());
  for (const Version& version : definition.versions) {
    const std::string since = fmt::format("iOS{}", to_string(version.since).substr(3));
    SCOPED_TRACE(since);
    ASSERT_TRUE(versions.contains(since));
    expect_version(version, versions[since]);
  }
}

INSTANTIATE_TEST_SUITE_P(Registry, Signature, testing::ValuesIn(registered_names()),
                         [](const auto& test) { return test.param; });

TEST(Signatures, AreAllRegistered) {
  if (!signatures()) GTEST_SKIP() << kAbsent;
  std::vector<std::string> missing;
  for (const auto& [name, versions] : signatures()->items()) {
    if (std::ranges::count(kInternal, name) == 0 && find(name) == nullptr) missing.push_back(name);
  }
  if (!missing.empty()) {
    GTEST_SKIP() << fmt::format("{} op types have no definition yet: {}", missing.size(),
                                fmt::join(missing, " "));
  }
}

}  // namespace
}  // namespace anebench::ops
