#include "anebench/base/bytes.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "anebench/base/rng.h"

namespace anebench {
namespace {

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

TEST(LittleEndian, LoadsLeastSignificantFirst) {
  const auto bytes = bytes_of({0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x88, 0xff});
  EXPECT_EQ(load_le<std::uint16_t>(bytes), 0x0201);
  EXPECT_EQ(load_le<std::uint32_t>(bytes, 1), 0x05040302U);
  EXPECT_EQ(load_le<std::uint64_t>(bytes), 0x8807060504030201U);
  EXPECT_EQ(load_le<std::int8_t>(bytes, 8), -1);
  EXPECT_EQ(load_le<float>(bytes_of({0x00, 0x00, 0x80, 0x3f})), 1.0F);
}

TEST(LittleEndian, TryLoadRefusesWhatLiesOutside) {
  const auto bytes = bytes_of({1, 2, 3, 4});
  EXPECT_EQ(try_load_le<std::uint32_t>(bytes, 0), 0x04030201U);
  EXPECT_EQ(try_load_le<std::uint32_t>(bytes, 1), std::nullopt);
  EXPECT_EQ(try_load_le<std::uint16_t>(bytes, std::numeric_limits<std::uint64_t>::max()),
            std::nullopt);
  EXPECT_EQ(try_load_le<std::uint64_t>(bytes, 0), std::nullopt);
}

TEST(LittleEndian, StoresAndAppendsWhatItLoads) {
  std::vector<std::byte> bytes(8);
  store_le<std::uint32_t>(bytes, 2, 0xdeadbeef);
  EXPECT_EQ(bytes, bytes_of({0, 0, 0xef, 0xbe, 0xad, 0xde, 0, 0}));
  append_le<std::int16_t>(bytes, -2);
  EXPECT_EQ(bytes.size(), 10U);
  EXPECT_EQ(load_le<std::int16_t>(bytes, 8), -2);
}

TEST(CheckedArithmetic, AgreesWithExactArithmeticOnAllOf8Bits) {
  for (int a = -128; a < 128; ++a) {
    for (int b = -128; b < 128; ++b) {
      const auto check = [](std::optional<std::int8_t> got, int exact) {
        const bool fits = exact >= -128 && exact <= 127;
        return fits ? got == std::optional<std::int8_t>(static_cast<std::int8_t>(exact)) : !got;
      };
      const auto a8 = static_cast<std::int8_t>(a);
      const auto b8 = static_cast<std::int8_t>(b);
      ASSERT_TRUE(check(checked_add(a8, b8), a + b)) << a << '+' << b;
      ASSERT_TRUE(check(checked_mul(a8, b8), a * b)) << a << '*' << b;
      const auto ua = static_cast<std::uint8_t>(a + 128);
      const auto ub = static_cast<std::uint8_t>(b + 128);
      ASSERT_EQ(checked_add(ua, ub).has_value(), ua + ub <= 255);
      ASSERT_EQ(checked_mul(ua, ub).has_value(), ua * ub <= 255);
    }
  }
}

TEST(CheckedArithmetic, RefusesAbsurdShapes) {
  constexpr std::int64_t kHuge = std::int64_t{1} << 62;
  const std::vector<std::int64_t> huge = {kHuge, 2};
  const std::vector<std::int64_t> negative = {4, -1};
  const std::vector<std::int64_t> negative_zero = {0, -1};
  const std::vector<std::int64_t> zero = {kHuge, kHuge, 0};
  const std::vector<std::int64_t> fine = {2, 3, 4};
  EXPECT_EQ(checked_product(huge), std::nullopt);
  EXPECT_EQ(checked_product(negative), std::nullopt);
  EXPECT_EQ(checked_product(negative_zero), std::nullopt);
  EXPECT_EQ(checked_product(zero), 0);
  EXPECT_EQ(checked_product(fine), 24);
  EXPECT_EQ(checked_product({}), 1);
}

TEST(Alignment, RoundsUp) {
  EXPECT_EQ(align_up<std::uint64_t>(0, 64), 0U);
  EXPECT_EQ(align_up<std::uint64_t>(1, 64), 64U);
  EXPECT_EQ(align_up<std::uint64_t>(64, 64), 64U);
  EXPECT_EQ(align_up<std::uint32_t>(10, 3), 12U);
  EXPECT_EQ(checked_align_up<std::uint64_t>(65, 64), 128U);
  EXPECT_EQ(checked_align_up<std::uint64_t>(std::numeric_limits<std::uint64_t>::max(), 64),
            std::nullopt);
}

TEST(PackedSize, RoundsUpToBytesAndDetectsOverflow) {
  EXPECT_EQ(packed_size(0, 3), 0U);
  EXPECT_EQ(packed_size(11, 3), 5U);
  EXPECT_EQ(packed_size(8, 1), 1U);
  EXPECT_EQ(packed_size(9, 1), 2U);
  constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(packed_size(kMax, 8), kMax);
  EXPECT_EQ(packed_size(kMax, 4), (kMax >> 1) + 1);
}

// Known answers written by Apple's own weight-file writer.
struct KnownAnswer {
  unsigned bits;
  std::vector<int> values;
  std::vector<std::byte> packed;
};

const std::vector<KnownAnswer>& known_answers() {
  static const std::vector<KnownAnswer> answers = {
      {4, {-8, 7, -1, 3, 5}, bytes_of({0x78, 0x3f, 0x05})},
      {4, {1, 2, 15}, bytes_of({0x21, 0x0f})},
      {3, {1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3}, bytes_of({0xd1, 0x58, 0x1f, 0xd1, 0x00})},
      {6, {1, 2, 3, 63, 5}, bytes_of({0x81, 0x30, 0xfc, 0x05})},
      {2, {3, 0, 1, 2, 1}, bytes_of({0x93, 0x01})},
      {1, {1, 0, 1, 1, 0, 0, 0, 1, 1}, bytes_of({0x8d, 0x01})},
  };
  return answers;
}

TEST(PackedBits, MatchApplesWriter) {
  for (const KnownAnswer& answer : known_answers()) {
    const std::size_t size = packed_size(answer.values.size(), answer.bits).value();
    ASSERT_EQ(size, answer.packed.size());
    std::vector<std::uint8_t> values;
    for (const int value : answer.values) values.push_back(static_cast<std::uint8_t>(value));
    std::vector<std::byte> packed(size);
    pack_bits(std::span<const std::uint8_t>(values), answer.bits, packed);
    EXPECT_EQ(packed, answer.packed);
  }
}

TEST(PackedBits, SignedValuesKeepTheirSign) {
  const std::vector<std::int8_t> values = {-8, 7, -1, 3, 5};
  std::vector<std::byte> packed(3);
  pack_bits(std::span<const std::int8_t>(values), 4, packed);
  EXPECT_EQ(packed, bytes_of({0x78, 0x3f, 0x05}));
  std::vector<std::int8_t> back(5);
  unpack_bits(packed, 4, std::span<std::int8_t>(back));
  EXPECT_EQ(back, values);
}

TEST(PackedBits, EveryWidthAndLengthSurvivesARoundTrip) {
  Rng rng(7);
  for (unsigned bits = 1; bits <= 8; ++bits) {
    for (std::size_t count = 0; count < 40; ++count) {
      std::vector<std::uint8_t> values(count);
      for (auto& value : values) value = static_cast<std::uint8_t>(rng.next() & ((1U << bits) - 1));
      std::vector<std::byte> packed(packed_size(count, bits).value(), std::byte{0xff});
      pack_bits(std::span<const std::uint8_t>(values), bits, packed);
      std::vector<std::uint8_t> back(count);
      unpack_bits(packed, bits, std::span<std::uint8_t>(back));
      ASSERT_EQ(back, values);
      std::vector<std::int8_t> as_signed(count);
      unpack_bits(packed, bits, std::span<std::int8_t>(as_signed));
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(load_bits(packed, i, bits), values[i]);
        const int half = 1 << (bits - 1);
        const int expected = values[i] >= half ? values[i] - 2 * half : values[i];
        ASSERT_EQ(as_signed[i], expected);
      }
      const auto unused = static_cast<unsigned>(packed.size() * 8 - count * bits);
      if (unused > 0) {
        ASSERT_EQ(std::to_integer<unsigned>(packed.back()) >> (8 - unused), 0U);
      }
    }
  }
}

TEST(PackedBits, StoringOneElementKeepsItsNeighbours) {
  for (unsigned bits = 1; bits <= 8; ++bits) {
    constexpr std::size_t kCount = 19;
    std::vector<std::byte> packed(static_cast<std::size_t>(*packed_size(kCount, bits)));
    std::vector<std::uint8_t> values(kCount);
    for (unsigned step = 0; step < 200; ++step) {
      const std::size_t index = step * 7 % kCount;
      const auto value = static_cast<std::uint8_t>(step * 37);
      store_bits(packed, index, bits, value);
      values[index] = static_cast<std::uint8_t>(value & ((1U << bits) - 1));
      for (std::size_t i = 0; i < kCount; ++i) ASSERT_EQ(load_bits(packed, i, bits), values[i]);
    }
  }
}

TEST(PackedBits, HighBitsOfValuesAreIgnored) {
  const std::vector<std::uint8_t> values = {0xf1, 0xf2};
  std::vector<std::byte> packed(1);
  pack_bits(std::span<const std::uint8_t>(values), 4, packed);
  EXPECT_EQ(packed, bytes_of({0x21}));
}

}  // namespace
}  // namespace anebench
