#include "anebench/package/random_input.h"

#include <gtest/gtest.h>

namespace anebench::package {
namespace {

using mil::DataType;
using mil::Type;

TEST(RandomInput, TheSameSeedGivesTheSameValues) {
  const mil::NamedType input{"x", Type::tensor(DataType::fp16, {100})};
  const auto a = random_input(input, {}, Rng(1));
  const auto b = random_input(input, {}, Rng(1));
  const auto c = random_input(input, {}, Rng(2));
  ASSERT_TRUE(a && b && c);
  EXPECT_EQ(*a, *b);
  EXPECT_FALSE(*a == *c);
}

TEST(RandomInput, IntegersMayBeIndices) {
  const auto value = random_input({"x", Type::tensor(DataType::int32, {64})}, {}, Rng(1));
  ASSERT_TRUE(value);
  std::size_t ones = 0;
  for (std::size_t i = 0; i < 64; ++i) {
    const double element = mil::packed_element_as_double(DataType::int32, value->bytes(), i);
    ASSERT_TRUE(element == 0 || element == 1) << element;
    ones += element == 1 ? 1 : 0;
  }
  EXPECT_GT(ones, 10u);
  EXPECT_LT(ones, 54u);
}

TEST(RandomInput, OpenDimensionsWithoutADefaultAreRefused) {
  const mil::Shape open = {mil::Dim::unknown()};
  const auto value = random_input({"x", Type::tensor(DataType::fp16, open)}, {}, Rng(1));
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code(), ErrorCode::unsupported);
}

TEST(RandomInput, AShapeThatNoMemoryHoldsIsRefused) {
  const auto value =
      random_input({"x", Type::tensor(DataType::fp16, {1'000'000, 1'000'000})}, {}, Rng(1));
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code(), ErrorCode::resource_exhausted);
}

}  // namespace
}  // namespace anebench::package
