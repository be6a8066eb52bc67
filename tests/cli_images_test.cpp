// Images as inputs and outputs of `run` and `diff`, on the packages of testdata/package that
// coremltools made for images.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/base/bytes.h"
#include "anebench/io/image.h"
#include "anebench/io/npy.h"
#include "cli_folder.h"
#include "cli_process.h"
#include "test_data.h"

namespace anebench::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// 255 - x; takes RGB and gives BGR, 4x2.
const std::string kPhoto = testdata("package/photo_ios17.mlpackage").string();
// x / 2 in grayscale fp16, 2x2 to 8x2.
const std::string kGray = testdata("package/gray_ios17.mlpackage").string();

constexpr std::string_view kPlaneText = R"(program(1.3)
{
    func main<ios18>(tensor<fp32, [1, 1, 1, 2]> x) {
            tensor<fp32, [1, 1, 1, 2]> y = relu(x = x)[name = string("y")];
        } -> (y);
})";

class CliImages : public CliFolder {
 protected:
  void SetUp() override {
    if (!io::has_images()) GTEST_SKIP() << "this build has no libpng and libjpeg-turbo";
  }

  std::string write(const std::string& name, const io::Image& image) {
    EXPECT_TRUE(io::write_png_file(path(name), image));
    return path(name);
  }
  io::Image read(const std::string& name) const {
    const auto image = io::read_image_file(path(name));
    EXPECT_TRUE(image) << image.error().to_string();
    return image.value_or(io::Image{});
  }
  Outcome run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "run");
    return run_or_die(arguments);
  }
};

// The sample at byte `index` is 10 times its number.
io::Image colors(std::int64_t width, std::int64_t height) {
  io::Image image{.width = width, .height = height, .channels = 3, .bits = 8, .bytes = {}};
  for (int i = 0; i < width * height * 3; ++i) {
    image.bytes.push_back(static_cast<std::byte>(10 * i));
  }
  return image;
}

TEST_F(CliImages, AnImageGoesInAndAnImageComesOut) {
  const io::Image in = colors(4, 2);
  // The program swaps no planes, but takes red first and gives blue first.
  io::Image expected = in;
  for (std::size_t i = 0; i < in.bytes.size(); ++i) {
    const std::size_t mirrored = i / 3 * 3 + (2 - i % 3);
    expected.bytes[i] = static_cast<std::byte>(255 - in.sample(mirrored));
  }
  const std::string photo = write("x.png", in);
  for (const char* device : {"reference", "cpu"}) {
    const Outcome outcome = run(
        {kPhoto, "--device", device, "--input", "x=" + photo, "--output", "y=" + path("y.png")});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(read("y.png"), expected) << device;
  }
}

TEST_F(CliImages, TheProgramSeesPlanesOfSamples) {
  const Outcome outcome =
      run({kPhoto, "--input", write("x.png", colors(4, 2)), "--output", path("y.npy")});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto y = io::read_npy_file(path("y.npy"));
  ASSERT_TRUE(y) << y.error().to_string();
  EXPECT_THAT(y->shape, ElementsAre(1, 3, 2, 4));
  // 255 less red of the first pixels, then green.
  EXPECT_EQ(load_le<float>(y->bytes, 0), 255);
  EXPECT_EQ(load_le<float>(y->bytes, 4), 225);
  EXPECT_EQ(load_le<float>(y->bytes, 4 * 8), 245);
}

TEST_F(CliImages, AnotherSizeIsRefusedWithBothSizes) {
  const std::string photo = testdata("image/baseline.jpg").string();
  const Outcome outcome = run({kPhoto, "--input", photo});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("baseline.jpg: the image is 32x16 and the model takes 4x2"));
}

TEST_F(CliImages, FlexibleSizesAreThoseOfTheImage) {
  const auto gray = [](std::int64_t width) {
    io::Image image{.width = width, .height = 2, .channels = 1, .bits = 16, .bytes = {}};
    for (int i = 0; i < 2 * width; ++i) append_le(image.bytes, static_cast<std::uint16_t>(514 * i));
    return image;
  };
  const std::string output = path("y.png");
  const Outcome outcome = run({kGray, "--input", write("x.png", gray(6)), "--output", output});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  io::Image expected = gray(6);
  for (std::size_t i = 0; i < 12; ++i) {
    store_le(std::span(expected.bytes), 2 * i, static_cast<std::uint16_t>(257 * i));
  }
  EXPECT_EQ(read("y.png"), expected);
  const Outcome wide = run({kGray, "--input", write("x.png", gray(9)), "--output", output});
  EXPECT_EQ(wide.status, 2);
  EXPECT_THAT(wide.err, HasSubstr("a width of 2 to 8"));
  // Random inputs have the default size.
  const Outcome random = run({kGray, "--random", "1", "--output", output});
  EXPECT_EQ(random.status, 0) << random.err;
  EXPECT_EQ(read("y.png").width, 4);
}

TEST_F(CliImages, ATextsShapesTellWhatAreImages) {
  ASSERT_TRUE(write_file_atomically(path("a.mil"), kPlaneText));
  const io::Image image{
      .width = 2, .height = 1, .channels = 1, .bits = 8, .bytes = {std::byte{3}, std::byte{200}}};
  const Outcome outcome =
      run({path("a.mil"), "--input", write("x.png", image), "--output", path("y.png")});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(read("y.png"), image);
}

TEST_F(CliImages, ValuesThatAreNoImagesAreNotTakenForThem) {
  const std::string scale = testdata("package/scale_ios17.mlpackage").string();
  const Outcome in = run({scale, "--input", write("x.png", colors(4, 3))});
  EXPECT_EQ(in.status, 2);
  EXPECT_THAT(in.err, HasSubstr("no image to the model, but a tensor<fp32, [3, 4]>"));
  const Outcome out = run({scale, "--random", "1", "--output", path("y.png")});
  EXPECT_EQ(out.status, 2);
  EXPECT_THAT(out.err, HasSubstr("no image to the model"));
}

TEST_F(CliImages, OutputsAreNotWrittenAsJpeg) {
  const Outcome outcome = run({kPhoto, "--random", "1", "--output", path("y.JPG")});
  EXPECT_NE(outcome.status, 0);
  EXPECT_THAT(outcome.err, HasSubstr(".png"));
}

TEST_F(CliImages, DamagedImagesAreNamed) {
  ASSERT_TRUE(write_file_atomically(path("x.png"), "\x89PNG\r\n\x1a\n"));
  const Outcome outcome = run({kPhoto, "--input", path("x.png")});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("x.png: the PNG image is damaged"));
}

TEST_F(CliImages, DiffTakesImagesToo) {
  const Outcome outcome =
      run_or_die({"diff", kPhoto, kPhoto, "--input", write("x.png", colors(4, 2))});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
}

TEST_F(CliImages, InspectNamesThem) {
  const Outcome outcome = run_or_die({"inspect", kPhoto});
  EXPECT_THAT(outcome.out, testing::ContainsRegex("Image inputs:? +x \\(RGB 4x2\\)"));
  EXPECT_THAT(outcome.out, testing::ContainsRegex("Image outputs:? +y \\(BGR 4x2\\)"));
}

}  // namespace
}  // namespace anebench::tests
