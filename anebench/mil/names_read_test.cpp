#include "anebench/mil/names_read.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "anebench/mil/testdata_for_tests.h"
#include "anebench/mil/text_parser.h"

namespace anebench::mil {
namespace {

std::vector<std::string> names_read(const Operation& operation) {
  std::vector<std::string> names;
  visit_names_read(operation, [&](const std::string& name) { names.push_back(name); });
  return names;
}

TEST(NamesRead, AreThoseOfAllArgumentsInOrder) {
  Operation operation;
  operation.type = "concat";
  operation.inputs = {{"values", {std::string("a"), std::string("b"), std::string("a")}},
                      {"axis", {Value::scalar<std::int32_t>(1)}}};
  EXPECT_THAT(names_read(operation), testing::ElementsAre("a", "b", "a"));
}

TEST(NamesRead, OfNestedBlocksAndWhatTheyReturnAreAmongThem) {
  Operation inner;
  inner.type = "add";
  inner.inputs = {{"x", {std::string("outer")}}, {"y", {std::string("own")}}};
  Block block;
  block.operations = {inner};
  block.outputs = {"result"};
  Operation operation;
  operation.type = "cond";
  operation.inputs = {{"pred", {std::string("flag")}}};
  operation.blocks = {block};
  EXPECT_THAT(names_read(operation), testing::ElementsAre("flag", "outer", "own", "result"));
}

}  // namespace
}  // namespace anebench::mil
