#include "anebench/transform/extract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/mil/builder.h"

namespace anebench::transform {
namespace {

using mil::DataType;
using mil::Type;
using mil::Value;
using testing::ElementsAre;

// x → relu a → add(a, c) b → relu d; returns d.
mil::Program sample() {
  const Type type = Type::tensor(DataType::fp16, {1, 4});
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", type);
  builder.constant("c", Value::fp16_scalar(1.0));
  builder.op("relu", "a", type, {{"x", "x"}});
  builder.op("add", "b", type, {{"x", "a"}, {"y", "c"}});
  builder.op("relu", "d", type, {{"x", "b"}});
  return builder.finish({"d"});
}

std::vector<std::string> labels(const mil::Program& program) {
  std::vector<std::string> names;
  for (const auto& op : program.main()->body.operations) names.emplace_back(op.label());
  return names;
}

TEST(WithOutputs, DropsWhatTheOutputsDoNotNeed) {
  const auto prefix = with_outputs(sample(), "main", {"a"});
  ASSERT_TRUE(prefix) << prefix.error().to_string();
  EXPECT_THAT(labels(*prefix), ElementsAre("a"));
  EXPECT_THAT(prefix->main()->body.outputs, ElementsAre("a"));
}

TEST(WithOutputs, KeepsAllThatSeveralOutputsNeed) {
  const auto both = with_outputs(sample(), "main", {"b", "a"});
  ASSERT_TRUE(both);
  EXPECT_THAT(labels(*both), ElementsAre("c", "a", "b"));
}

TEST(WithOutputs, NamesWhatIsMissing) {
  const auto unknown = with_outputs(sample(), "main", {"z"});
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message(), testing::HasSubstr("no value 'z'"));
  EXPECT_FALSE(with_outputs(sample(), "other", {"a"}));
}

TEST(IsolateOperation, TurnsComputedArgumentsIntoInputsAndKeepsConstants) {
  const auto single = isolate_operation(sample(), "main", 2);
  ASSERT_TRUE(single) << single.error().to_string();
  EXPECT_THAT(labels(*single), ElementsAre("c", "b"));
  ASSERT_EQ(single->main()->inputs.size(), 1u);
  EXPECT_EQ(single->main()->inputs[0].name, "a");
  EXPECT_THAT(single->main()->body.outputs, ElementsAre("b"));
}

TEST(IsolateOperation, RefusesIndicesThatAreNotThere) {
  EXPECT_FALSE(isolate_operation(sample(), "main", 4));
}

}  // namespace
}  // namespace anebench::transform
