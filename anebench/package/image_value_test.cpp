#include "anebench/package/image_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "anebench/base/bytes.h"
#include "anebench/package/description.h"
#include "anebench/package/model.h"
#include "test_data.h"

namespace anebench::package {
namespace {

using mil::DataType;
using mil::Dim;
using mil::Type;
using testing::ElementsAre;
using testing::HasSubstr;

Type plane(DataType type, std::int64_t channels, Dim height, Dim width) {
  return Type::tensor(type, {1, channels, height, width});
}

io::Image image_of(std::int64_t width, int channels, const std::vector<int>& samples) {
  io::Image image{.width = width,
                  .height = static_cast<std::int64_t>(samples.size()) / width / channels,
                  .channels = channels,
                  .bits = 8,
                  .bytes = {}};
  for (const int sample : samples) image.bytes.push_back(static_cast<std::byte>(sample));
  return image;
}

ImageType image_type(ColorSpace color, std::int64_t width, std::int64_t height) {
  return {.color = color, .size = {width, height}};
}

std::vector<double> values_of(const Result<mil::Value>& value) {
  EXPECT_TRUE(value) << value.error().to_string();
  return value ? value->as_doubles().value_or(std::vector<double>()) : std::vector<double>();
}

std::vector<std::byte> floats(const std::vector<float>& values) {
  std::vector<std::byte> bytes;
  for (const float value : values) append_le(bytes, value);
  return bytes;
}

// Two pixels: (1, 2, 3) and (4, 5, 6).
io::Image two_colors() { return image_of(2, 3, {1, 2, 3, 4, 5, 6}); }

TEST(ImageValue, ChannelsBecomePlanesInTheModelsOrder) {
  const Type type = plane(DataType::fp32, 3, 1, 2);
  EXPECT_THAT(values_of(value_from_image(two_colors(), image_type(ColorSpace::rgb, 2, 1), type)),
              ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_THAT(values_of(value_from_image(two_colors(), image_type(ColorSpace::bgr, 2, 1), type)),
              ElementsAre(3, 6, 2, 5, 1, 4));
}

TEST(ImageValue, GrayFillsAllChannelsAndGrayColorsBecomeGray) {
  EXPECT_THAT(values_of(value_from_image(image_of(2, 1, {7, 8}), image_type(ColorSpace::bgr, 2, 1),
                                         plane(DataType::fp16, 3, 1, 2))),
              ElementsAre(7, 8, 7, 8, 7, 8));
  const ImageType gray = image_type(ColorSpace::grayscale, 2, 1);
  const Type type = plane(DataType::fp16, 1, 1, 2);
  EXPECT_THAT(values_of(value_from_image(image_of(2, 3, {7, 7, 7, 9, 9, 9}), gray, type)),
              ElementsAre(7, 9));
  const auto colors = value_from_image(two_colors(), gray, type);
  ASSERT_FALSE(colors);
  EXPECT_THAT(colors.error().to_string(), HasSubstr("has colors"));
}

TEST(ImageValue, SixteenBitsCountInUnitsOfEight) {
  io::Image image{.width = 3, .height = 1, .channels = 1, .bits = 16, .bytes = {}};
  for (const int sample : {65535, 257 * 100 + 1, 128}) {
    append_le(image.bytes, static_cast<std::uint16_t>(sample));
  }
  const Type type = plane(DataType::fp32, 1, 1, 3);
  EXPECT_THAT(values_of(value_from_image(image, image_type(ColorSpace::grayscale, 3, 1), type)),
              ElementsAre(255, 100, 0));
  EXPECT_THAT(
      values_of(value_from_image(image, image_type(ColorSpace::grayscale_fp16, 3, 1), type)),
      ElementsAre(255, testing::DoubleNear(100 + 1 / 257.0, 1e-5),
                  testing::DoubleNear(128 / 257.0, 1e-7)));
}

TEST(ImageValue, AnotherSizeIsAnErrorThatNamesBoth) {
  const auto value = value_from_image(two_colors(), image_type(ColorSpace::rgb, 640, 480),
                                      plane(DataType::fp32, 3, 480, 640));
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(value.error().to_string(), HasSubstr("is 2x1 and the model takes 640x480"));
}

TEST(ImageValue, FlexibleSizesAreHeld) {
  ImageType type = image_type(ColorSpace::rgb, 4, 4);
  const Type open = plane(DataType::fp32, 3, Dim::unknown(), Dim::unknown());
  EXPECT_FALSE(value_from_image(two_colors(), type, open));
  type.enumerated = {{8, 8}, {2, 1}};
  EXPECT_TRUE(value_from_image(two_colors(), type, open));
  type.enumerated.clear();
  type.ranges = {.width = {1, 2}, .height = {1, -1}};
  EXPECT_EQ(value_from_image(two_colors(), type, open)->type(), plane(DataType::fp32, 3, 1, 2));
  type.ranges->width = {3, 5};
  const auto refused = value_from_image(two_colors(), type, open);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().to_string(),
              HasSubstr("4x4 (or a width of 3 to 5 and a height of 1 or more)"));
}

TEST(ImageValue, TensorsOfOtherShapesAreNoImages) {
  const Type flat = Type::tensor(DataType::fp32, {3, 1, 2});
  EXPECT_THAT(
      value_from_image(two_colors(), image_type(ColorSpace::rgb, 2, 1), flat).error().to_string(),
      HasSubstr("[1, 3, height, width]"));
  EXPECT_EQ(image_type_of(flat), std::nullopt);
  EXPECT_EQ(image_type_of(plane(DataType::fp32, 2, 1, 1)), std::nullopt);
}

TEST(ImageValue, AShapeTellsWhereNoDescriptionDoes) {
  const auto fixed = image_type_of(plane(DataType::fp16, 3, 4, 6));
  ASSERT_TRUE(fixed);
  EXPECT_EQ(fixed->color, ColorSpace::rgb);
  EXPECT_TRUE(fixed->allows({6, 4}));
  EXPECT_FALSE(fixed->allows({4, 6}));
  const auto open = image_type_of(plane(DataType::fp16, 1, Dim::unknown(), 6));
  ASSERT_TRUE(open);
  EXPECT_EQ(open->color, ColorSpace::grayscale);
  EXPECT_TRUE(open->allows({6, 999}));
}

TEST(ImageValue, OutputsAreRoundedAndHeldBetween0And255) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto image =
      image_from_tensor(plane(DataType::fp32, 1, 2, 3), floats({-4, 0.5f, 1.5f, 254.6f, 1e9f, nan}),
                        image_type(ColorSpace::grayscale, 3, 2));
  ASSERT_TRUE(image) << image.error().to_string();
  EXPECT_EQ(*image, image_of(3, 1, {0, 0, 2, 255, 255, 0}));
}

TEST(ImageValue, OutputsOfEveryKindGiveTheImageThatMadeThem) {
  for (const ColorSpace color : {ColorSpace::rgb, ColorSpace::bgr}) {
    const ImageType type = image_type(color, 2, 1);
    const auto value = value_from_image(two_colors(), type, plane(DataType::fp16, 3, 1, 2));
    ASSERT_TRUE(value);
    const auto image = image_from_tensor(value->type(), value->bytes(), type);
    ASSERT_TRUE(image) << image.error().to_string();
    EXPECT_EQ(*image, two_colors());
  }
  const ImageType deep = image_type(ColorSpace::grayscale_fp16, 2, 1);
  const auto image = image_from_tensor(plane(DataType::fp32, 1, 1, 2), floats({0.5f, 300}), deep);
  ASSERT_TRUE(image);
  EXPECT_EQ(image->bits, 16);
  EXPECT_EQ(image->sample(0), 128u);  // 128.5, to even
  EXPECT_EQ(image->sample(1), 65535u);
}

Model test_model(const std::string& name) {
  auto model = open_model(tests::testdata("package/" + name), weights::ReadMode::strict);
  EXPECT_TRUE(model) << model.error().to_string();
  return model ? std::move(*model) : Model{};
}

TEST(ImageFeatures, StandInThePackagesDescription) {
  const Model model = test_model("photo_ios17.mlpackage");
  const auto images = image_features(*model.description, "main");
  ASSERT_TRUE(images) << images.error().to_string();
  ASSERT_TRUE(images->inputs.contains("x"));
  EXPECT_EQ(to_string(images->inputs.at("x")), "RGB 4x2");
  ASSERT_TRUE(images->outputs.contains("y"));
  EXPECT_EQ(to_string(images->outputs.at("y")), "BGR 4x2");
  EXPECT_TRUE(
      image_features(*test_model("scale_ios17.mlpackage").description, "main")->inputs.empty());
}

TEST(ImageFeatures, FlexibleSizesAreThoseOfTheTensor) {
  const Model model = test_model("gray_ios17.mlpackage");
  const auto images = image_features(*model.description, "main");
  ASSERT_TRUE(images) << images.error().to_string();
  const ImageType& x = images->inputs.at("x");
  EXPECT_EQ(to_string(x), "grayscale fp16 4x2 (flexible)");
  EXPECT_TRUE(x.allows({8, 2}));
  EXPECT_FALSE(x.allows({9, 2}));
  // As the function's attribute says, so that random inputs have the default size.
  const mil::Function& main = *model.program.main();
  ASSERT_EQ(main.attributes.size(), 1u);
  EXPECT_EQ(main.attributes[0].name, kFlexibleShapes);
}

TEST(ImageFeatures, ADamagedDescriptionIsAnError) {
  const auto images = image_features("\x0a\x05", "main");
  ASSERT_FALSE(images);
  EXPECT_EQ(images.error().code(), ErrorCode::parse_error);
}

}  // namespace
}  // namespace anebench::package
