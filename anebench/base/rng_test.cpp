#include "anebench/base/rng.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

namespace anebench {
namespace {

// The published reference implementation's output for the seed 1234567.
TEST(SplitMix64, MatchesTheReference) {
  std::uint64_t state = 1234567;
  for (const std::uint64_t expected :
       {6457827717110365317U, 3203168211198807973U, 9817491932198370423U, 4593380528125082431U,
        16408922859458223821U}) {
    EXPECT_EQ(split_mix64(state), expected);
  }
}

// Computed by an independent implementation that reproduces the published vectors of both parts.
TEST(Rng, GivesTheFrozenSequence) {
  const std::vector<std::uint64_t> from_0 = {5987356902031041503U, 7051070477665621255U,
                                             6633766593972829180U, 211316841551650330U};
  const std::vector<std::uint64_t> from_42 = {15021278609987233951U, 5881210131331364753U,
                                              18149643915985481100U, 12933668939759105464U};
  Rng zero(0);
  Rng forty_two(42);
  for (std::size_t i = 0; i < from_0.size(); ++i) {
    EXPECT_EQ(zero.next(), from_0[i]);
    EXPECT_EQ(forty_two.next(), from_42[i]);
  }
  EXPECT_EQ(Rng(42).uniform(), static_cast<double>(15021278609987233951U >> 11) * 0x1p-53);
}

// Bit for bit on every platform, over the centre and both tails.
TEST(Rng, NormalNumbersAreFrozenBitForBit) {
  Rng rng(42);
  std::uint64_t hash = 0;
  for (int i = 0; i < 100000; ++i) {
    hash = std::rotl(hash, 5) ^ std::bit_cast<std::uint64_t>(rng.normal());
  }
  EXPECT_EQ(hash, 10989546172704077466U);
  Rng first(42);
  EXPECT_EQ(first.normal(), 0x1.c9a9c14cfb0ffp-1);
  EXPECT_EQ(first.normal(), -0x1.e24d5486f05dap-2);
  EXPECT_EQ(inverse_normal_cdf(1e-10), -0x1.97203597a2154p+2);
  EXPECT_EQ(inverse_normal_cdf(1e-300), -0x1.286074064c26ep+5);
}

TEST(Rng, NormalHasTheMomentsOfTheStandardNormal) {
  Rng rng(1);
  constexpr int kCount = 400000;
  double sums[5] = {};
  for (int i = 0; i < kCount; ++i) {
    const double x = rng.normal();
    double power = 1;
    for (double& sum : sums) {
      sum += power;
      power *= x;
    }
  }
  // Five standard errors each: 1, sqrt 2, sqrt 15 and sqrt 96 over the root of the count.
  const double root = std::sqrt(kCount);
  EXPECT_NEAR(sums[1] / kCount, 0, 5 / root);
  EXPECT_NEAR(sums[2] / kCount, 1, 5 * 1.415 / root);
  EXPECT_NEAR(sums[3] / kCount, 0, 5 * 3.873 / root);
  EXPECT_NEAR(sums[4] / kCount, 3, 5 * 9.798 / root);
}

TEST(Rng, UniformStaysInItsIntervalWithItsMoments) {
  Rng rng(2);
  constexpr int kCount = 200000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kCount; ++i) {
    const double x = rng.uniform();
    ASSERT_GE(x, 0.0);
    ASSERT_LT(x, 1.0);
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kCount, 0.5, 5 * 0.289 / std::sqrt(kCount));
  EXPECT_NEAR(squares / kCount, 1.0 / 3, 5 * 0.3 / std::sqrt(kCount));
}

TEST(Rng, UniformIntCoversItsRangeEvenly) {
  Rng rng(3);
  std::vector<int> counts(7);
  constexpr int kCount = 70000;
  for (int i = 0; i < kCount; ++i) {
    const std::int64_t x = rng.uniform_int(-3, 3);
    ASSERT_GE(x, -3);
    ASSERT_LE(x, 3);
    ++counts[static_cast<std::size_t>(x + 3)];
  }
  for (const int count : counts) EXPECT_NEAR(count, kCount / 7, 5 * std::sqrt(kCount / 7.0));
  EXPECT_EQ(rng.uniform_int(5, 5), 5);
}

TEST(Rng, UniformIntTakesTheWholeRange) {
  using Limits = std::numeric_limits<std::int64_t>;
  Rng rng(4);
  bool negative = false;
  bool positive = false;
  for (int i = 0; i < 100; ++i) {
    (rng.uniform_int(Limits::min(), Limits::max()) < 0 ? negative : positive) = true;
  }
  EXPECT_TRUE(negative && positive);
  // Three quarters of the range: without rejection the lower third would come up half the time.
  constexpr std::int64_t kLow = Limits::min();
  constexpr std::int64_t kHigh = std::int64_t{1} << 62;
  int lower_third = 0;
  for (int i = 0; i < 30000; ++i) {
    if (rng.uniform_int(kLow, kHigh) < -(std::int64_t{1} << 62)) ++lower_third;
  }
  EXPECT_NEAR(lower_third, 10000, 5 * 82);
}

TEST(Rng, ForksDependOnSeedAndNumberOnly) {
  const Rng fresh(9);
  Rng used(9);
  for (int i = 0; i < 10; ++i) used.next();
  EXPECT_EQ(fresh.fork(3).next(), used.fork(3).next());
}

TEST(Rng, ForksDifferFromEachOtherAndTheirParent) {
  std::set<std::uint64_t> firsts;
  int made = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Rng parent(seed);
    firsts.insert(Rng(parent).next());
    ++made;
    for (std::uint64_t stream = 0; stream < 20; ++stream) {
      firsts.insert(parent.fork(stream).next());
      firsts.insert(parent.fork(stream).fork(stream).next());
      made += 2;
    }
  }
  EXPECT_EQ(firsts.size(), static_cast<std::size_t>(made));
}

TEST(Rng, ForksAreUncorrelated) {
  const Rng parent(5);
  Rng a = parent.fork(0);
  Rng b = parent.fork(1);
  constexpr int kCount = 100000;
  double sum = 0;
  for (int i = 0; i < kCount; ++i) sum += a.normal() * b.normal();
  EXPECT_NEAR(sum / kCount, 0, 5 / std::sqrt(kCount));
}

TEST(InverseNormalCdf, InvertsTheDistributionFunction) {
  for (double exponent = -300; exponent < -0.302; exponent += 0.37) {
    const double p = std::pow(10, exponent);
    const double x = inverse_normal_cdf(p);
    const double back = 0.5 * std::erfc(-x / std::sqrt(2.0));
    // The distribution function magnifies a relative error of x by about x^2.
    EXPECT_NEAR(back / p, 1, 1e-15 * (4 + x * x)) << p;
  }
}

TEST(InverseNormalCdf, IsSymmetricAndMonotonic) {
  double last = -std::numeric_limits<double>::infinity();
  for (int i = 1; i < 4096; ++i) {
    const double p = i / 4096.0;
    EXPECT_EQ(inverse_normal_cdf(p), -inverse_normal_cdf(1 - p));
    EXPECT_GT(inverse_normal_cdf(p), last);
    last = inverse_normal_cdf(p);
  }
}

TEST(InverseNormalCdf, HandlesTheEnds) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(inverse_normal_cdf(0), -kInfinity);
  EXPECT_EQ(inverse_normal_cdf(1), kInfinity);
  EXPECT_EQ(inverse_normal_cdf(0.5), 0);
  EXPECT_TRUE(std::isnan(inverse_normal_cdf(-0.1)));
  EXPECT_TRUE(std::isnan(inverse_normal_cdf(1.1)));
  EXPECT_TRUE(std::isnan(inverse_normal_cdf(std::nan(""))));
  EXPECT_LT(inverse_normal_cdf(std::numeric_limits<double>::denorm_min()), -38);
}

}  // namespace
}  // namespace anebench
