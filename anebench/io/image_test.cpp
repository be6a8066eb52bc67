#include "anebench/io/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>

#include "anebench/base/bytes.h"
#include "anebench/base/file.h"
#include "test_data.h"

namespace anebench::io {
namespace {

using testing::HasSubstr;

// Written by tools/make_test_packages.py. All but the JPEG files are of 6x5 pixels, whose samples
// are 40 y + x, in color with 10 more for green and 20 for blue.
std::filesystem::path image_path(const std::string& name) {
  return tests::testdata("image/" + name);
}

Image ramp(int channels) {
  Image image{.width = 6, .height = 5, .channels = channels, .bits = 8, .bytes = {}};
  for (int y = 0; y < 5; ++y) {
    for (int x = 0; x < 6; ++x) {
      for (int channel = 0; channel < channels; ++channel) {
        image.bytes.push_back(static_cast<std::byte>(40 * y + x + 10 * channel));
      }
    }
  }
  return image;
}

Image gray_of_16_bits() {
  Image image{.width = 6, .height = 5, .channels = 1, .bits = 16, .bytes = {}};
  for (int i = 0; i < 30; ++i) {
    append_le(image.bytes, static_cast<std::uint16_t>((40 * (i / 6) + i % 6) * 256 + 3));
  }
  return image;
}

Image palette_colors() {
  Image image{.width = 6, .height = 5, .channels = 3, .bits = 8, .bytes = {}};
  for (int y = 0; y < 5; ++y) {
    for (int x = 0; x < 6; ++x) {
      for (const int sample : {10, 20, 30}) {
        image.bytes.push_back(static_cast<std::byte>(sample + 30 * y));
      }
    }
  }
  return image;
}

Image chess_board() {
  Image image{.width = 6, .height = 5, .channels = 1, .bits = 8, .bytes = {}};
  for (int i = 0; i < 30; ++i) {
    image.bytes.push_back(static_cast<std::byte>((i / 6 + i % 6) % 2 == 1 ? 255 : 0));
  }
  return image;
}

class Images : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_images()) GTEST_SKIP() << "this build has no libpng and libjpeg-turbo";
  }
  static Image read(const std::string& name) {
    const auto image = read_image_file(image_path(name));
    EXPECT_TRUE(image) << image.error().to_string();
    return image.value_or(Image{});
  }
  static std::vector<std::byte> file(const std::string& name) {
    return read_file(image_path(name)).value();
  }
  static std::string error_of(std::span<const std::byte> content,
                              std::uint64_t limit = kImageReadLimit) {
    const auto image = read_image(content, limit);
    return image ? "none" : image.error().to_string();
  }
};

TEST_F(Images, EveryKindOfPngGivesItsSamples) {
  EXPECT_EQ(read("gray.png"), ramp(1));
  EXPECT_EQ(read("rgb.png"), ramp(3));
  EXPECT_EQ(read("gray16.png"), gray_of_16_bits());
  EXPECT_EQ(read("palette.png"), palette_colors());
  EXPECT_EQ(read("one_bit.png"), chess_board());
  EXPECT_EQ(read("interlaced.png"), ramp(1));
}

TEST_F(Images, TransparencyIsDropped) {
  EXPECT_EQ(read("rgba.png"), ramp(3));
  EXPECT_EQ(read("gray_alpha.png"), ramp(1));
}

TEST_F(Images, SamplesAreNumberedInTheOrderOfTheBytes) {
  EXPECT_EQ(ramp(3).sample(4), 11u);
  EXPECT_EQ(gray_of_16_bits().sample(7), 41u * 256 + 3);
}

TEST_F(Images, WhatIsWrittenIsRead) {
  const auto folder = TemporaryDirectory::create();
  ASSERT_TRUE(folder);
  const auto path = folder->path() / "a.png";
  for (const Image& image : {ramp(1), ramp(3), gray_of_16_bits()}) {
    ASSERT_TRUE(write_png_file(path, image));
    const auto back = read_image_file(path);
    ASSERT_TRUE(back) << back.error().to_string();
    EXPECT_EQ(*back, image);
    EXPECT_EQ(*write_png(image), *read_file(path));
  }
}

TEST_F(Images, ImagesThatCannotBeAreNotWritten) {
  Image image = ramp(3);
  image.bytes.pop_back();
  EXPECT_EQ(write_png(image).error().code(), ErrorCode::invalid_argument);
  image = ramp(1);
  image.bits = 4;
  EXPECT_EQ(write_png(image).error().code(), ErrorCode::invalid_argument);
  EXPECT_EQ(
      write_png({.width = 0, .height = 0, .channels = 1, .bits = 8, .bytes = {}}).error().code(),
      ErrorCode::invalid_argument);
}

// Two blocks of one color each; JPEG keeps those but for some units.
TEST_F(Images, BaselineAndProgressiveJpegsAreRead) {
  const int left[] = {200, 40, 90};
  const int right[] = {20, 160, 240};
  for (const char* name : {"baseline.jpg", "progressive.jpg"}) {
    const Image image = read(name);
    ASSERT_EQ(image.bytes.size(), 32u * 16 * 3) << name;
    EXPECT_EQ(image.width, 32);
    EXPECT_EQ(image.height, 16);
    for (std::size_t i = 0; i < image.bytes.size(); ++i) {
      const std::size_t x = i / 3 % 32;
      if (x == 15 || x == 16) continue;  // colors are stored for every second pixel, and blended
      const int wanted = (x < 16 ? left : right)[i % 3];
      ASSERT_NEAR(static_cast<int>(image.sample(i)), wanted, 4) << name << " at " << i;
    }
  }
  const Image gray = read("gray.jpg");
  EXPECT_EQ(gray.channels, 1);
  // ITU-R BT.601: 0.299 · 200 + 0.587 · 40 + 0.114 · 90.
  EXPECT_NEAR(gray.sample(0), 94, 3);
}

TEST_F(Images, OtherColorModelsAreRefused) {
  const auto image = read_image_file(image_path("cmyk.jpg"));
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(image.error().to_string(), HasSubstr("4 components"));
}

TEST_F(Images, WhateverIsMissingIsAnError) {
  for (const char* name : {"rgb.png", "interlaced.png", "palette.png", "baseline.jpg",
                           "progressive.jpg", "gray.jpg"}) {
    const std::vector<std::byte> whole = file(name);
    ASSERT_TRUE(read_image(whole)) << name;
    // The last two bytes of a JPEG only say that it ends.
    const std::size_t least =
        std::string_view(name).ends_with(".jpg") ? whole.size() - 2 : whole.size();
    for (std::size_t size = 0; size < least; ++size) {
      ASSERT_NE(error_of(std::span(whole).first(size)), "none") << name << " cut to " << size;
    }
  }
}

TEST_F(Images, DamageIsSeen) {
  std::vector<std::byte> png = file("rgb.png");
  png[png.size() - 20] ^= std::byte{1};  // compressed data, which has a checksum
  EXPECT_THAT(error_of(png), HasSubstr("the PNG image is damaged: "));
}

TEST_F(Images, SizesAreCheckedBeforeAnythingIsAllocated) {
  EXPECT_THAT(error_of(file("rgb.png"), 89), HasSubstr("more than the limit of 89"));
  EXPECT_EQ(error_of(file("rgb.png"), 90), "none");
  // 100 million pixels in 12 KB.
  EXPECT_THAT(error_of(file("bomb.png"), 1 << 20), HasSubstr("10000x10000"));
  // A size that the file cannot hold, whatever the limit.
  EXPECT_THAT(error_of(file("lie.png"), std::uint64_t{1} << 62),
              HasSubstr("more than it can hold"));
}

// Nine million letters in a comment: libpng leaves it out.
TEST_F(Images, BombsBesideTheImageAreNotUnpacked) {
  const Image image = read("text_bomb.png");
  EXPECT_EQ(image.width, 1);
  EXPECT_EQ(image.sample(0), 42u);
}

TEST_F(Images, WhatIsNoImageIsSaid) {
  const std::string text = "\x93NUMPY";
  EXPECT_THAT(error_of(std::as_bytes(std::span(text))), HasSubstr("neither a PNG nor a JPEG"));
  EXPECT_THAT(error_of({}), HasSubstr("neither a PNG nor a JPEG"));
  const auto missing = read_image_file(image_path("none.png"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::not_found);
}

TEST(ImageKind, IsToldByTheFirstBytes) {
  EXPECT_EQ(image_kind(read_file(image_path("gray.png")).value()), ImageKind::png);
  EXPECT_EQ(image_kind(read_file(image_path("gray.jpg")).value()), ImageKind::jpeg);
  EXPECT_EQ(image_kind({}), std::nullopt);
}

TEST(ImagesWithoutCodecs, SayWhatIsMissing) {
  if (has_images()) GTEST_SKIP() << "this build has libpng and libjpeg-turbo";
  const auto image = read_image_file(image_path("gray.png"));
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(image.error().to_string(), HasSubstr("libpng"));
}

}  // namespace
}  // namespace anebench::io
