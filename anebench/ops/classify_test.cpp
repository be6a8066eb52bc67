#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/ops/op_tester.h"
#include "anebench/ops/program_runner_for_tests.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using testing::HasSubstr;

constexpr std::string_view kClassifier = R"(program(1.3) {
  func main<ios17>(tensor<fp32, [1, 3]> p) {
    string label, dict<string, fp64> all = classify(probabilities = p, classes = list<string, 3>(["cat", "dog", "owl"]));
  } -> (label, all);
})";

TEST(Classify, GivesTheMostProbableClassAndAllProbabilities) {
  const auto outputs = run_text(kClassifier, {tensor(DataType::fp32, {1, 3}, {0.25, 0.5, 0.25})});
  ASSERT_TRUE(outputs) << outputs.error().to_string();
  EXPECT_EQ((*outputs)[0].to_value()->as_string(), "dog");
  const auto all = (*outputs)[1].to_value();
  ASSERT_TRUE(all);
  ASSERT_EQ(all->dictionary_entries().size(), 3u);
  EXPECT_EQ(all->dictionary_entries()[2].first.as_string(), "owl");
  EXPECT_EQ(all->dictionary_entries()[2].second.as_double(), 0.25);
}

TEST(Classify, WantsAsManyClassesAsProbabilities) {
  constexpr std::string_view kWrong = R"(program(1.3) {
    func main<ios17>(tensor<fp32, [2]> p) {
      int64 label, dict<int64, fp64> all = classify(probabilities = p, classes = list<int64, 3>([1, 2, 3]));
    } -> (label, all);
  })";
  const auto outputs = run_text(kWrong, {tensor(DataType::fp32, {2}, {0.5, 0.5})});
  ASSERT_FALSE(outputs);
  EXPECT_THAT(outputs.error().to_string(), HasSubstr("3 classes for 2 probabilities"));
}

}  // namespace
}  // namespace anebench::ops
