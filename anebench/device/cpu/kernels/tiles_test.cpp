#include "anebench/device/cpu/kernels/tiles.h"

#include <gtest/gtest.h>

#include <numeric>

#include "anebench/device/cpu/kernels/conv1x1.h"
#include "anebench/device/cpu/kernels/kernel_test_support.h"

namespace anebench::kernels {
namespace {

class TilesTest : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (!isa_available(GetParam())) GTEST_SKIP() << "this machine lacks " << to_string(GetParam());
  }
};

INSTANTIATE_TEST_SUITE_P(Isas, TilesTest, testing::ValuesIn(kAllIsas),
                         [](const auto& entry) { return std::string(to_string(entry.param)); });

constexpr NchwShape kShapes[] = {
    {.images = 1, .channels = 1, .plane = 1},    {.images = 1, .channels = 5, .plane = 32},
    {.images = 2, .channels = 8, .plane = 50},   {.images = 7, .channels = 3, .plane = 5},
    {.images = 1, .channels = 17, .plane = 100}, {.images = 40, .channels = 4, .plane = 1},
};

std::size_t elements(const NchwShape& shape) { return shape.images * shape.channels * shape.plane; }

std::size_t nchw_index(const NchwShape& shape, std::size_t p, std::size_t c) {
  return (p / shape.plane * shape.channels + c) * shape.plane + p % shape.plane;
}

std::size_t u8_index(const NchwShape& shape, std::size_t p, std::size_t c) {
  return p / 32 * u8_tile_bytes(shape.channels) + ((c / 4) * 32 + p % 32) * 4 + c % 4;
}

TEST_P(TilesTest, HalvesLieWhereTheContractSays) {
  for (const NchwShape& shape : kShapes) {
    std::vector<std::uint16_t> nchw(elements(shape));
    std::iota(nchw.begin(), nchw.end(), std::uint16_t{1});
    const TileRange all{.first = 0, .count = tile_count(shape.positions())};
    TileBytes tiles(all.count * f16_tile_bytes(shape.channels));
    f16_tiles_from_nchw(GetParam(), shape, nchw.data(), tiles.halves(), all);
    for (std::size_t p = 0; p < shape.positions(); ++p) {
      for (std::size_t c = 0; c < shape.channels; ++c) {
        ASSERT_EQ(tiles.halves()[p / 32 * (f16_tile_bytes(shape.channels) / 2) + c * 32 + p % 32],
                  nchw[nchw_index(shape, p, c)]);
      }
    }
    std::vector<std::uint16_t> back(nchw.size());
    nchw_from_f16_tiles(GetParam(), shape, tiles.halves(), back.data(), all);
    EXPECT_EQ(back, nchw);
    EXPECT_TRUE(tiles.guards_hold());
  }
}

TEST_P(TilesTest, BytesLieWhereTheContractSays) {
  for (const NchwShape& shape : kShapes) {
    for (const bool is_signed : {false, true}) {
      std::vector<std::uint8_t> nchw(elements(shape));
      std::iota(nchw.begin(), nchw.end(), std::uint8_t{1});
      const TileRange all{.first = 0, .count = tile_count(shape.positions())};
      TileBytes tiles(all.count * u8_tile_bytes(shape.channels));
      u8_tiles_from_nchw(GetParam(), shape, nchw.data(), is_signed, tiles.data(), all);
      for (std::size_t p = 0; p < shape.positions(); ++p) {
        for (std::size_t c = 0; c < shape.channels; ++c) {
          ASSERT_EQ(
              tiles.data()[u8_index(shape, p, c)],
              static_cast<std::uint8_t>(nchw[nchw_index(shape, p, c)] + (is_signed ? 128 : 0)));
        }
      }
      std::vector<std::uint8_t> back(nchw.size());
      nchw_from_u8_tiles(GetParam(), shape, tiles.data(), is_signed, back.data(), all);
      EXPECT_EQ(back, nchw);
      EXPECT_TRUE(tiles.guards_hold());
    }
  }
}

TEST_P(TilesTest, TheSecondTileMayBeConvertedAlone) {
  const NchwShape shape{.images = 3, .channels = 6, .plane = 30};
  std::vector<std::uint16_t> nchw(elements(shape));
  std::iota(nchw.begin(), nchw.end(), std::uint16_t{0x3000});
  TileBytes all(3 * f16_tile_bytes(6));
  TileBytes one(f16_tile_bytes(6));
  f16_tiles_from_nchw(GetParam(), shape, nchw.data(), all.halves(), {.first = 0, .count = 3});
  f16_tiles_from_nchw(GetParam(), shape, nchw.data(), one.halves(), {.first = 1, .count = 1});
  EXPECT_TRUE(
      std::equal(one.data(), one.data() + f16_tile_bytes(6), all.data() + f16_tile_bytes(6)));
  EXPECT_TRUE(one.guards_hold());
}

TEST_P(TilesTest, QuantizationOfEveryHalfIsExact) {
  NchwShape shape{.images = 1, .channels = 4, .plane = 1 << 14};
  std::vector<std::uint16_t> nchw(elements(shape));
  std::iota(nchw.begin(), nchw.end(), std::uint16_t{0});
  const TileRange all{.first = 0, .count = tile_count(shape.positions())};
  TileBytes tiles(all.count * u8_tile_bytes(shape.channels));
  const auto expect_exact = [&](double scale, std::int32_t zero_point, bool is_signed) {
    const Quantization to{.scale = static_cast<float>(round_to_half(scale)),
                          .zero_point = zero_point,
                          .is_signed = is_signed};
    quantized_tiles_from_nchw(GetParam(), shape, nchw.data(), to, tiles.data(), all);
    for (std::size_t p = 0; p < shape.positions(); ++p) {
      for (std::size_t c = 0; c < 4; ++c) {
        const double x = half_to_double(nchw[nchw_index(shape, p, c)]);
        const int got = tiles.data()[u8_index(shape, p, c)] - (is_signed ? 128 : 0);
        const int want = quantize_exactly(x, to);
        if (got != want) {
          FAIL() << got << " instead of " << want << " for " << x << " / " << to.scale << " + "
                 << zero_point;
        }
      }
    }
  };
  for (const double scale : {0x1p-14, 1.0, 513.5, 0x1p-24, -2.0}) expect_exact(scale, 0, true);
  // The zero point is added after the quotient is rounded, whatever its scale.
  expect_exact(0.1, -100, true);
  expect_exact(0x1p-5, 128, false);
}

TEST_P(TilesTest, DequantizationOfEveryByteIsExact) {
  const NchwShape shape{.images = 1, .channels = 5, .plane = 256};
  const TileRange all{.first = 0, .count = 8};
  std::vector<std::uint8_t> bytes(elements(shape));
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  TileBytes tiles(all.count * u8_tile_bytes(5));
  std::vector<std::uint16_t> nchw(elements(shape));
  for (const double scale : {0x1p-14, 1.0, 0.1, 1000.0, 0x1p-24}) {
    for (const auto& [zero_point, is_signed] :
         {std::pair{0, true}, std::pair{-100, true}, std::pair{128, false}}) {
      const Quantization from{.scale = static_cast<float>(round_to_half(scale)),
                              .zero_point = zero_point,
                              .is_signed = is_signed};
      u8_tiles_from_nchw(Isa::portable, shape, bytes.data(), is_signed, tiles.data(), all);
      nchw_from_quantized_tiles(GetParam(), shape, tiles.data(), from, nchw.data(), all);
      for (std::size_t i = 0; i < nchw.size(); ++i) {
        const int q = is_signed ? static_cast<std::int8_t>(bytes[i]) : bytes[i];
        const double x = static_cast<double>(from.scale) * (q - zero_point);
        ASSERT_EQ(nchw[i], half_from_double(half_nearest(static_cast<long double>(x))));
      }
    }
  }
}

TEST(PositionsBlock, IsAWholeNumberOfTiles) {
  for (const std::size_t channels : {1U, 64U, 512U, 2048U, 100'000U}) {
    for (const std::size_t bytes : {1U, 2U}) {
      const std::size_t block = preferred_positions_block(channels, bytes);
      EXPECT_GE(block, kTilePositions);
      EXPECT_EQ(block % kTilePositions, 0U);
    }
  }
  EXPECT_EQ(preferred_positions_block(512, 1), 512U);
  EXPECT_EQ(preferred_positions_block(512, 2), 256U);
}

}  // namespace
}  // namespace anebench::kernels
