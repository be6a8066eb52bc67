#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pointwise;

constexpr double kClose = 1e-6;

Tensor fp32(std::vector<std::int64_t> dims, std::vector<double> values) {
  return tensor(DataType::fp32, std::move(dims), std::move(values));
}

void expect_close(const Tensor& actual, const std::vector<double>& expected) {
  EXPECT_THAT(actual.to_doubles(), Pointwise(testing::DoubleNear(kClose), expected));
}

// Two elements to five, in each mode: the examples of coremltools' documentation.
TEST(ResizeBilinear, SamplesWhereItsModeSays) {
  const auto resized = [](const std::string& mode) {
    OpTester op("resize_bilinear");
    op.input("x", fp32({1, 1, 2}, {0, 1})).literal("target_size_width", int32(5));
    op.literal("sampling_mode", string(mode));
    return op.output();
  };
  expect_close(resized("STRICT_ALIGN_CORNERS"), {0, 0.25, 0.5, 0.75, 1});
  expect_close(resized("ALIGN_CORNERS"), {0, 0.25, 0.5, 0.75, 1});
  expect_close(resized("DEFAULT"), {0, 0.4, 0.8, 1, 1});
  expect_close(resized("OFFSET_CORNERS"), {0.1, 0.3, 0.5, 0.7, 0.9});
  expect_close(resized("UNALIGN_CORNERS"), {0, 0.1, 0.5, 0.9, 1});
}

TEST(ResizeBilinear, PutsASinglePointAtTheStartOrInTheMiddle) {
  const auto resized = [](const std::string& mode) {
    OpTester op("resize_bilinear");
    op.input("x", fp32({1, 1, 3}, {2, 5, 9})).literal("sampling_mode", string(mode));
    return op.output();
  };
  expect_close(resized("STRICT_ALIGN_CORNERS"), {2});
  expect_close(resized("ALIGN_CORNERS"), {5});
}

TEST(ResizeBilinear, DoesNotLookAtElementsOfNoWeight) {
  OpTester op("resize_bilinear");
  op.input("x", fp32({1, 1, 2}, {1, std::numeric_limits<double>::infinity()}));
  op.literal("sampling_mode", string("STRICT_ALIGN_CORNERS"));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1));
}

TEST(ResizeNearestNeighbor, TakesTheElementAtTheFloor) {
  OpTester op("resize_nearest_neighbor");
  op.input("x", fp32({1, 1, 3}, {1, 2, 3}));
  op.literal("target_size_height", int32(2)).literal("target_size_width", int32(4));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 1, 2, 3, 1, 1, 2, 3));
}

TEST(UpsampleNearestNeighbor, TakesFractionsOfSizes) {
  OpTester op("upsample_nearest_neighbor");
  op.input("x", fp32({1, 1, 3}, {1, 2, 3}));
  op.literal("scale_factor_width", mil::Value::scalar<float>(0.67f));
  op.literal("scale_factor_height", mil::Value::scalar<float>(1.0f));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 2));
}

TEST(UpsampleBilinear, AlignsCornersOrPixelCenters) {
  const auto upsampled = [](bool align_corners, bool half_pixel_centers) {
    OpTester op("upsample_bilinear");
    op.input("x", fp32({1, 1, 2}, {1, 2})).literal("scale_factor_width", int32(3));
    op.literal("align_corners", mil::Value::boolean(align_corners));
    op.literal("half_pixel_centers", mil::Value::boolean(half_pixel_centers));
    return op;
  };
  expect_close(upsampled(true, false).output(), {1, 1.2, 1.4, 1.6, 1.8, 2});
  expect_close(upsampled(false, true).output(), {1, 1, 4.0 / 3, 5.0 / 3, 2, 2});
  expect_close(upsampled(false, false).output(), {1, 4.0 / 3, 5.0 / 3, 2, 2, 2});
  EXPECT_THAT(upsampled(true, true).evaluation_error(), HasSubstr("exclude each other"));
}

OpTester resize(Tensor x, const std::string& interpolation) {
  OpTester op("resize");
  op.input("x", std::move(x)).literal("resized_dims", mil::Value::scalar<std::uint32_t>(2));
  op.literal("interpolation_mode", string(interpolation));
  return op;
}

TEST(Resize, KeepsWhatIsZeroAndReadsShapesAtRunTime) {
  OpTester op = resize(fp32({1, 1, 1, 2}, {0, 1}), "LINEAR");
  op.input("shape", tensor(DataType::int32, {3}, {3, 0, 5}));
  EXPECT_EQ(to_string(op.infer()->front()), "tensor<fp32, [1, 1, ?, ?]>");
  EXPECT_EQ(op.output().dims(), (std::vector<std::int64_t>{1, 1, 1, 5}));
  expect_close(op.output(), {0, 0.4, 0.8, 1, 1});
}

TEST(Resize, TakesTheNearestNeighbourUnderTheCenter) {
  OpTester op = resize(fp32({1, 2, 1}, {-6, 9}), "NEAREST_NEIGHBOR");
  op.literal("shape", int32s({3, 2}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(-6, -6, 9, 9, 9, 9));
}

const Tensor& sixteen() {
  static const Tensor kImage =
      fp32({1, 1, 4, 4}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
  return kImage;
}

TEST(Crop, CutsAllFourSides) {
  OpTester op("crop");
  op.input("x", sixteen());
  op.literal("crop_height", int32s({0, 2})).literal("crop_width", int32s({1, 1}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(2, 3, 6, 7));
  OpTester wrong("crop");
  wrong.input("x", sixteen());
  wrong.literal("crop_height", int32s({3, 2})).literal("crop_width", int32s({0, 0}));
  EXPECT_THAT(wrong.evaluation_error(), HasSubstr("'crop_height'"));
}

OpTester crop_resize(Tensor boxes, std::int32_t size, const std::string& mode) {
  OpTester op("crop_resize");
  op.input("x", sixteen()).input("boxes", std::move(boxes));
  op.literal("target_height", int32(size)).literal("target_width", int32(size));
  op.literal("sampling_mode", string(mode));
  return op;
}

TEST(CropResize, AlignsTheCornersOfItsBoxes) {
  expect_close(crop_resize(fp32({1, 4}, {1, 1, 2, 2}), 2, "ALIGN_CORNERS").output(),
               {6, 7, 10, 11});
  expect_close(crop_resize(fp32({1, 4}, {1, 1, 2, 2}), 1, "ALIGN_CORNERS").output(), {8.5});
  // Exchanged ends turn the crop around.
  expect_close(crop_resize(fp32({1, 4}, {2, 2, 1, 1}), 2, "ALIGN_CORNERS").output(),
               {11, 10, 7, 6});
}

TEST(CropResize, PadsPointsOutsideTheImage) {
  OpTester op =
      crop_resize(fp32({2, 4}, {0.1, 0.3, 1.3, 1.0, 0.5, 1.8, 1.0, 0.3}), 2, "ALIGN_CORNERS");
  op.literal("normalized_coordinates", mil::Value::boolean(true));
  op.literal("pad_value", mil::Value::scalar<float>(-1));
  op.literal("box_indices", int32s({0, 0}));
  expect_close(op.output(), {3.1, 5.2, -1, -1, -1, 7.9, -1, 13.9});
}

TEST(CropResize, ReadsTheOlderRegions) {
  OpTester op("crop_resize", mil::Opset::ios15);
  op.input("x", sixteen()).input("roi", fp32({1, 1, 5, 1, 1}, {0, 0, 0, 1, 1}));
  op.literal("target_height", int32(2)).literal("target_width", int32(2));
  op.literal("sampling_mode", string("ALIGN_CORNERS"));
  EXPECT_EQ(to_string(op.output().type()), "tensor<fp32, [1, 1, 1, 2, 2]>");
  expect_close(op.output(), {1, 2, 5, 6});
}

TEST(CropResize, RefusesImagesThatAreNotThere) {
  OpTester op = crop_resize(fp32({1, 4}, {0, 0, 1, 1}), 1, "DEFAULT");
  op.literal("box_indices", int32s({1}));
  EXPECT_THAT(op.evaluation_error(), HasSubstr("image 1 of 1"));
}

OpTester resample(const std::string& sampling, const std::string& padding,
                  const std::string& coordinates, bool align_corners) {
  OpTester op("resample");
  op.input("x", fp32({1, 1, 2, 2}, {11, 22, 33, 44}));
  op.input("coordinates", fp32({1, 2, 2, 2}, {-1, -2, -3.7, -1, 0, 0, 3.5, 1.2}));
  op.literal("sampling_mode", string(sampling)).literal("padding_mode", string(padding));
  op.literal("padding_value", mil::Value::scalar<float>(6.0f));
  op.literal("coordinates_mode", string(coordinates));
  op.literal("align_corners", mil::Value::boolean(align_corners));
  return op;
}

// The points of coremltools' tests against Core ML.
TEST(Resample, PadsInFourWays) {
  expect_close(resample("bilinear", "constant", "normalized_minus_one_to_one", true).output(),
               {8.5, 6, 27.5, 6});
  expect_close(resample("nearest", "border", "unnormalized", false).output(), {11, 11, 11, 44});
  const Tensor reflected =
      resample("bilinear", "reflection", "normalized_zero_to_one", true).output();
  EXPECT_THAT(reflected.to_doubles(), ElementsAre(DoubleNear(22, 1e-4), DoubleNear(36.3, 1e-4),
                                                  DoubleNear(11, 1e-4), DoubleNear(34.1, 1e-4)));
  expect_close(resample("nearest", "symmetric", "normalized_zero_to_one", false).output(),
               {22, 33, 11, 33});
}

TEST(Resample, SurvivesPointsThatAreNowhere) {
  OpTester op("resample");
  const double infinity = std::numeric_limits<double>::infinity();
  op.input("x", fp32({1, 1, 1, 2}, {1, 2}));
  op.input("coordinates",
           fp32({1, 1, 2, 2}, {infinity, 0, std::numeric_limits<double>::quiet_NaN(), 0}));
  op.literal("sampling_mode", string("nearest")).literal("padding_mode", string("border"));
  op.literal("padding_value", mil::Value::scalar<float>(0));
  op.literal("coordinates_mode", string("unnormalized"));
  op.literal("align_corners", mil::Value::boolean(false));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(2, 1));
}

OpTester affine(const std::string& sampling) {
  OpTester op("affine");
  op.input("x", fp32({1, 1, 2, 2}, {11, 22, 33, 44}));
  op.input("transform_matrix", fp32({1, 6}, {-1, -2, -3.7, -1, 3.5, 1.2}));
  op.literal("output_height", int32(2)).literal("output_width", int32(5));
  op.literal("sampling_mode", string(sampling)).literal("padding_mode", string("constant"));
  op.literal("padding_value", mil::Value::scalar<float>(0));
  op.literal("coordinates_mode", string("normalized_minus_one_to_one"));
  op.literal("align_corners", mil::Value::boolean(true));
  return op;
}

TEST(Affine, SamplesAtTransformedPoints) {
  const std::vector<double> expected{10.7525, 5.94, 2.5025, 0.44, 0, 0, 0, 0, 0, 0};
  EXPECT_THAT(affine("bilinear").output().to_doubles(),
              Pointwise(testing::DoubleNear(1e-5), expected));
  EXPECT_THAT(affine("nearest").evaluation_error(), HasSubstr("can only be bilinear"));
}

}  // namespace
}  // namespace anebench::ops
