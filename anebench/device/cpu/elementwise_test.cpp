#include "anebench/device/cpu/elementwise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "anebench/base/half.h"

namespace anebench::device::cpu {
namespace {

std::vector<std::uint16_t> all_halves() {
  std::vector<std::uint16_t> bits(65536);
  for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = static_cast<std::uint16_t>(i);
  return bits;
}

bool is_nan(std::uint16_t bits) { return (bits & 0x7fff) > kHalfInfinity; }

TEST(Elementwise, ReluOfEveryHalf) {
  const std::vector<std::uint16_t> x = all_halves();
  std::vector<std::uint16_t> y(x.size());
  relu(x.data(), y.data(), x.size());
  for (const std::uint16_t bits : x) {
    const bool is_below_zero = half_to_double(bits) < 0;
    EXPECT_EQ(y[bits], is_below_zero ? 0 : bits);
  }
}

TEST(Elementwise, QuantizeOfEveryHalfFollowsTheDefinition) {
  const std::vector<std::uint16_t> x = all_halves();
  std::vector<std::uint8_t> q(x.size());
  for (const float scale : {0.125F, half_to_float(half_from_float(0.1F)), 1000.0F}) {
    for (const Affine8 affine :
         {Affine8{scale, 0, true}, Affine8{scale, -5, true}, Affine8{scale, 128, false}}) {
      quantize(x.data(), affine, q.data(), x.size());
      for (const std::uint16_t bits : x) {
        const double t = round_to_half(half_to_double(bits) / static_cast<double>(affine.scale));
        const double low = affine.is_signed ? -128 : 0;
        double expected = std::nearbyint(t) + affine.zero_point;
        expected = is_nan(bits) ? 0 : std::min(std::max(expected, low), low + 255);
        const double actual = affine.is_signed
                                  ? static_cast<double>(static_cast<std::int8_t>(q[bits]))
                                  : static_cast<double>(q[bits]);
        ASSERT_EQ(actual, expected) << bits << " / " << affine.scale;
      }
    }
  }
}

TEST(Elementwise, DequantizeRoundsOnce) {
  std::vector<std::uint8_t> q(256);
  for (std::size_t i = 0; i < q.size(); ++i) q[i] = static_cast<std::uint8_t>(i);
  std::vector<std::uint16_t> y(q.size());
  const float scale = half_to_float(half_from_float(0.1F));
  dequantize(q.data(), {scale, -3, true}, y.data(), q.size());
  for (std::size_t i = 0; i < q.size(); ++i) {
    const double exact = (static_cast<std::int8_t>(i) + 3) * static_cast<double>(scale);
    EXPECT_EQ(y[i], half_from_double(exact)) << i;
  }
  EXPECT_EQ(half_to_double(y[128]), -12.5);
}

TEST(Elementwise, SumsAndProductsOfHalvesAreRoundedOnce) {
  std::vector<std::uint16_t> a;
  std::vector<std::uint16_t> b;
  for (std::uint32_t i = 0; i < 4000; ++i) {
    a.push_back(static_cast<std::uint16_t>(i * 2654435761U >> 8));
    b.push_back(static_cast<std::uint16_t>(i * 40503U + 977));
  }
  std::vector<std::uint16_t> sum(a.size());
  std::vector<std::uint16_t> product(a.size());
  binary(BinaryOperation::add, Operand<std::uint16_t>{a.data()}, Operand<std::uint16_t>{b.data()},
         sum.data(), a.size());
  binary(BinaryOperation::mul, Operand<std::uint16_t>{a.data()}, Operand<std::uint16_t>{b.data()},
         product.data(), a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::uint16_t add = half_from_double(half_to_double(a[i]) + half_to_double(b[i]));
    const std::uint16_t mul = half_from_double(half_to_double(a[i]) * half_to_double(b[i]));
    EXPECT_TRUE(sum[i] == add || (is_nan(sum[i]) && is_nan(add))) << i;
    EXPECT_TRUE(product[i] == mul || (is_nan(product[i]) && is_nan(mul))) << i;
  }
}

TEST(Elementwise, ScalarOperandsMeetEveryElement) {
  const std::vector<float> x = {1, 2, 3};
  const float two = 2;
  std::vector<float> y(3);
  binary(BinaryOperation::mul, Operand<float>{x.data()}, Operand<float>{&two, true}, y.data(), 3);
  EXPECT_EQ(y, (std::vector<float>{2, 4, 6}));
  binary(BinaryOperation::add, Operand<float>{&two, true}, Operand<float>{x.data()}, y.data(), 3);
  EXPECT_EQ(y, (std::vector<float>{3, 4, 5}));
}

}  // namespace
}  // namespace anebench::device::cpu
