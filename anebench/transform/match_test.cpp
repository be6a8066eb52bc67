#include "anebench/transform/match.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/mil/builder.h"

namespace anebench::transform {
namespace {

using mil::DataType;
using mil::NamedType;
using mil::Type;
using testing::ElementsAre;
using testing::IsEmpty;

// A chain of operations "type name" on one shape.
mil::Block chain(const std::vector<std::pair<std::string, std::string>>& operations,
                 const Type& type = Type::tensor(DataType::fp16, {1, 4})) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", type);
  builder.constant("unused", mil::Value::fp16_scalar(1));
  std::string last = "x";
  for (const auto& [kind, name] : operations) {
    builder.op(kind, name, type, {{"x", last}});
    last = name;
  }
  return builder.finish({last}).main()->body;
}

std::vector<std::string> pairs_of(const ListMatch& match) {
  std::vector<std::string> result;
  for (const MatchedPair& pair : match.pairs) {
    result.push_back(fmt::format("{}-{} {}", pair.before, pair.after, to_string(pair.kind)));
  }
  return result;
}

TEST(MatchOperations, NamesGoBeforeOrder) {
  const auto match = match_operations(chain({{"relu", "a"}, {"relu", "b"}}),
                                      chain({{"relu", "b"}, {"relu", "c"}}));
  EXPECT_THAT(pairs_of(match), ElementsAre("1-2 order", "2-1 name"));
}

TEST(MatchOperations, ANameIsKeptWhereTheTypeChanged) {
  const auto match = match_operations(chain({{"relu", "a"}}), chain({{"sigmoid", "a"}}));
  EXPECT_THAT(pairs_of(match), ElementsAre("1-1 name"));
}

TEST(MatchOperations, OrderNeedsTypeAndShapeButNotPrecision) {
  const auto before = chain({{"relu", "a"}, {"exp", "b"}});
  EXPECT_THAT(pairs_of(match_operations(before, chain({{"relu", "c"}, {"sqrt", "d"}},
                                                      Type::tensor(DataType::fp32, {1, 4})))),
              ElementsAre("1-1 order"));
  const auto other_shape = chain({{"relu", "c"}}, Type::tensor(DataType::fp16, {1, 5}));
  const ListMatch match = match_operations(before, other_shape);
  EXPECT_THAT(match.pairs, IsEmpty());
  EXPECT_THAT(match.removed, ElementsAre(1u, 2u));
  EXPECT_THAT(match.added, ElementsAre(1u));
}

TEST(MatchOperations, ANameDefinedTwiceIsMatchedOnce) {
  const auto match =
      match_operations(chain({{"relu", "a"}, {"relu", "a"}}), chain({{"relu", "a"}}));
  EXPECT_THAT(pairs_of(match), ElementsAre("1-1 name"));
  EXPECT_THAT(match.removed, ElementsAre(2u));
}

TEST(MatchValues, TheRestGoesInOrderByShape) {
  const Type vector = Type::tensor(DataType::fp32, {4});
  const Type half = Type::tensor(DataType::fp16, {4});
  const Type matrix = Type::tensor(DataType::fp32, {4, 4});
  const std::vector<NamedType> before = {{"a", vector}, {"b", matrix}, {"c", vector}};
  const std::vector<NamedType> after = {{"p", matrix}, {"c", vector}, {"q", half}};
  EXPECT_THAT(pairs_of(match_values(before, after)),
              ElementsAre("0-2 order", "1-0 order", "2-1 name"));
}

TEST(OutputsOf, LeavesOutNamesThatAreNotDefined) {
  mil::Function function;
  function.inputs = {{"x", Type::scalar(DataType::fp16)}};
  function.body.outputs = {"y", "x"};
  const auto outputs = outputs_of(function);
  ASSERT_EQ(outputs.size(), 1u);
  EXPECT_EQ(outputs[0].name, "x");
}

}  // namespace
}  // namespace anebench::transform
