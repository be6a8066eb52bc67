#include "anebench/device/cpu/convolution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "anebench/base/rng.h"

namespace anebench::device::cpu {
namespace {

std::vector<float> random_floats(std::int64_t count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = static_cast<float>(rng.uniform() * 2 - 1);
  return values;
}

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

// One output by the definition.
double expected(const ConvolutionShape& s, const std::vector<float>& x,
                const std::vector<float>& weights, std::int64_t o, std::int64_t d, std::int64_t h,
                std::int64_t w) {
  double sum = 0;
  const std::int64_t group = o / s.group_outputs();
  for (std::int64_t c = 0; c < s.group_inputs(); ++c) {
    for (std::int64_t k = 0; k < s.kernel_size(); ++k) {
      const std::int64_t kw = k % s.kernel[2];
      const std::int64_t kh = k / s.kernel[2] % s.kernel[1];
      const std::int64_t kd = k / s.kernel[2] / s.kernel[1];
      const std::int64_t z = d * s.strides[0] + kd * s.dilations[0] - s.pad_before[0];
      const std::int64_t r = h * s.strides[1] + kh * s.dilations[1] - s.pad_before[1];
      const std::int64_t q = w * s.strides[2] + kw * s.dilations[2] - s.pad_before[2];
      if (z < 0 || z >= s.in[0] || r < 0 || r >= s.in[1] || q < 0 || q >= s.in[2]) continue;
      const std::int64_t channel = group * s.group_inputs() + c;
      sum += static_cast<double>(x[at(((channel * s.in[0] + z) * s.in[1] + r) * s.in[2] + q)]) *
             static_cast<double>(weights[at((o * s.group_inputs() + c) * s.kernel_size() + k)]);
    }
  }
  return sum;
}

// The built-in kernel, whether or not oneDNN stands before it.
TEST(Convolution, ThePortableKernelFollowsTheDefinition) {
  ConvolutionShape padded;
  padded.in_channels = 4, padded.out_channels = 6, padded.groups = 2;
  padded.in = {1, 7, 9}, padded.kernel = {1, 3, 3}, padded.out = {1, 7, 9};
  padded.pad_before = padded.pad_after = {0, 1, 1};
  ConvolutionShape strided = padded;
  strided.strides = {1, 2, 3}, strided.out = {1, 4, 3};
  ConvolutionShape dilated = padded;
  dilated.dilations = {1, 2, 4}, dilated.pad_before = {0, 1, 6}, dilated.out = {1, 5, 8};
  ConvolutionShape deep;
  deep.in_channels = 3, deep.out_channels = 2;
  deep.in = {4, 3, 5}, deep.kernel = {2, 2, 2}, deep.out = {3, 2, 4};
  for (const ConvolutionShape& s : {padded, strided, dilated, deep}) {
    for (const bool relu : {false, true}) {
      const auto x = random_floats(s.in_channels * s.in_plane(), 1);
      const auto weights = random_floats(s.out_channels * s.group_inputs() * s.kernel_size(), 2);
      const auto bias = random_floats(s.out_channels, 3);
      std::vector<float> y(at(s.out_channels * s.out_plane()), 99.0F);
      convolve(s, x.data(), weights.data(), bias.data(), relu, 0, s.out_channels, y.data());
      for (std::int64_t i = 0; i < s.out_channels * s.out_plane(); ++i) {
        const std::int64_t o = i / s.out_plane();
        const std::int64_t p = i % s.out_plane();
        double value = expected(s, x, weights, o, p / (s.out[1] * s.out[2]),
                                p / s.out[2] % s.out[1], p % s.out[2]) +
                       static_cast<double>(bias[at(o)]);
        if (relu) value = std::max(value, 0.0);
        ASSERT_NEAR(static_cast<double>(y[at(i)]), value, 1e-5) << i;
      }
    }
  }
}

TEST(Convolution, PointwiseMeansOnePositionOnly) {
  ConvolutionShape shape;
  EXPECT_TRUE(shape.is_pointwise());
  shape.strides = {1, 1, 2};
  EXPECT_FALSE(shape.is_pointwise());
  shape = {};
  shape.groups = 2;
  EXPECT_FALSE(shape.is_pointwise());
  shape = {};
  shape.pad_after = {0, 0, 1};
  EXPECT_FALSE(shape.is_pointwise());
}

}  // namespace
}  // namespace anebench::device::cpu
