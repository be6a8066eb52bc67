#include "anebench/ops/runtime_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/mil/resolver.h"
#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Dim;
using mil::Type;
using testing::ElementsAre;
using testing::HasSubstr;

const Type kPair = Type::tensor(DataType::fp16, {2});

TEST(TensorList, BeginsWithZeros) {
  const auto list = TensorList::create(kPair, 3, /*is_dynamic=*/false);
  ASSERT_TRUE(list);
  EXPECT_EQ(list->size(), 3u);
  EXPECT_THAT(list->at(2)->to_doubles(), ElementsAre(0, 0));
  EXPECT_FALSE(list->at(3));
  EXPECT_FALSE(list->at(-1));
  EXPECT_EQ(to_string(list->type()), "list<tensor<fp16, [2]>, 3>");
}

TEST(TensorList, IsAValueThoughCopiesShare) {
  TensorList first = TensorList::create(kPair, 1, true).value();
  TensorList second = first;
  ASSERT_TRUE(second.set(0, fp16({2}, {1, 2})));
  EXPECT_THAT(first.at(0)->to_doubles(), ElementsAre(0, 0));
  EXPECT_THAT(second.at(0)->to_doubles(), ElementsAre(1, 2));
}

TEST(TensorList, GrowsOnlyWhereItIsDynamic) {
  TensorList fixed = TensorList::create(kPair, 1, false).value();
  EXPECT_FALSE(fixed.set(1, fp16({2}, {1, 2})));
  TensorList dynamic = TensorList::create(kPair, 1, true).value();
  const std::int64_t bytes = dynamic.byte_size();
  ASSERT_TRUE(dynamic.set(2, fp16({2}, {1, 2})));
  EXPECT_EQ(dynamic.size(), 3u);
  EXPECT_EQ(dynamic.byte_size(), 3 * bytes);
  EXPECT_THAT(dynamic.at(1)->to_doubles(), ElementsAre(0, 0));
  EXPECT_FALSE(dynamic.set(-1, fp16({2}, {1, 2})));
}

TEST(TensorList, StaysWithinItsLimits) {
  EXPECT_FALSE(TensorList::create(kPair, kMaxListLength + 1, true));
  EXPECT_FALSE(TensorList::create(kPair, -1, true));
  TensorList list = TensorList::create(kPair, 0, true).value();
  const auto refused = list.set(kMaxListLength, fp16({2}, {1, 2}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::resource_exhausted);
}

TEST(TensorList, ElementsOfUnknownShapeHaveNoValueUntilWritten) {
  TensorList list =
      TensorList::create(Type::tensor(DataType::fp16, {Dim::unknown()}), 2, false).value();
  EXPECT_THAT(list.at(0).error().to_string(), HasSubstr("never written"));
  ASSERT_TRUE(list.set(0, fp16({3}, {1, 2, 3})));
  EXPECT_EQ(list.at(0)->element_count(), 3u);
  EXPECT_FALSE(list.set(1, fp16({1, 3}, {1, 2, 3})));
}

TEST(StateHandle, CopiesMeanTheSameState) {
  StateHandle first = StateHandle::create(kPair).value();
  StateHandle second = first;
  EXPECT_THAT(first.value().to_doubles(), ElementsAre(0, 0));
  ASSERT_TRUE(second.write(fp16({2}, {3, 4})));
  EXPECT_THAT(first.value().to_doubles(), ElementsAre(3, 4));
  EXPECT_FALSE(first.write(fp16({1}, {3})));
  EXPECT_EQ(first.type(), Type::state(kPair));
}

TEST(RuntimeValue, KnowsWhatItHolds) {
  const RuntimeValue tensor = fp16({2}, {1, 2});
  EXPECT_NE(tensor.tensor(), nullptr);
  EXPECT_EQ(tensor.list(), nullptr);
  EXPECT_EQ(tensor.byte_size(), 4);
  const auto text = RuntimeValue::from_value(string("a"), mil::NoBlobs());
  ASSERT_TRUE(text);
  EXPECT_EQ(text->tensor(), nullptr);
  EXPECT_EQ(text->type(), Type::scalar(DataType::string));
  EXPECT_EQ(*text->to_value(), string("a"));
  EXPECT_THAT(to_tensor(*text).error().to_string(), HasSubstr("got string"));
}

TEST(RuntimeValue, ListsBecomeValuesAndStatesDoNot) {
  const RuntimeValue list = TensorList::create(kPair, 2, true).value();
  const auto value = list.to_value();
  ASSERT_TRUE(value);
  EXPECT_EQ(value->item_elements().size(), 2u);
  const RuntimeValue state = StateHandle::create(kPair).value();
  EXPECT_FALSE(state.to_value());
}

}  // namespace
}  // namespace anebench::ops
