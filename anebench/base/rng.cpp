#include "anebench/base/rng.h"

#include <cfloat>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace anebench {
namespace {

static_assert(FLT_EVAL_METHOD == 0, "doubles must be rounded after every operation");

// SplitMix64's output function (also known as murmur's "variant 13" finalizer).
std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

// Coefficients from the constant term up; Horner's scheme in a fixed order.
double polynomial(std::span<const double> coefficients, double x) {
  double sum = 0;
  for (std::size_t i = coefficients.size(); i-- > 0;) sum = sum * x + coefficients[i];
  return sum;
}

// The natural logarithm of a positive finite number, within about one unit in the last place.
double portable_log(double x) {
  int exponent = 0;
  double m = std::frexp(x, &exponent);  // exact; in [1/2, 1)
  if (m < 0.70710678118654752) {
    m *= 2;
    --exponent;
  }
  // log m = 2 atanh f; the first neglected term of the series is below 2^-60 of the sum.
  const double f = (m - 1) / (m + 1);
  static constexpr double kInverseOdd[] = {1.0,      1.0 / 3,  1.0 / 5,  1.0 / 7,
                                           1.0 / 9,  1.0 / 11, 1.0 / 13, 1.0 / 15,
                                           1.0 / 17, 1.0 / 19, 1.0 / 21, 1.0 / 23};
  const double log_m = 2 * f * polynomial(kInverseOdd, f * f);
  // ln 2 in two parts, the high one short enough that its product with the exponent is exact.
  constexpr double kLn2High = 0x1.62e42fefa38p-1;
  constexpr double kLn2Low = 0x1.ef35793c7673p-45;
  return exponent * kLn2High + (log_m + exponent * kLn2Low);
}

// Algorithm AS 241, PPND16: M. J. Wichura, "The Percentage Points of the Normal Distribution",
// Applied Statistics 37(3), 1988, pp. 477-484. Relative accuracy about 1e-16.
constexpr double kCentralNumerator[] = {3.3871328727963666080e0, 1.3314166789178437745e2,
                                        1.9715909503065514427e3, 1.3731693765509461125e4,
                                        4.5921953931549871457e4, 6.7265770927008700853e4,
                                        3.3430575583588128105e4, 2.5090809287301226727e3};
constexpr double kCentralDenominator[] = {1.0,
                                          4.2313330701600911252e1,
                                          6.8718700749205790830e2,
                                          5.3941960214247511077e3,
                                          2.1213794301586595867e4,
                                          3.9307895800092710610e4,
                                          2.8729085735721942674e4,
                                          5.2264952788528545610e3};
constexpr double kMiddleNumerator[] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                       5.76949722146069140550e0,  3.64784832476320460504e0,
                                       1.27045825245236838258e0,  2.41780725177450611770e-1,
                                       2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr double kMiddleDenominator[] = {1.0,
                                         2.05319162663775882187e0,
                                         1.67638483018380384940e0,
                                         6.89767334985100004550e-1,
                                         1.48103976427480074590e-1,
                                         1.51986665636164571966e-2,
                                         5.47593808499534494600e-4,
                                         1.05075007164441684324e-9};
constexpr double kTailNumerator[] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                     1.78482653991729133580e0,  2.96560571828504891230e-1,
                                     2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                     2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr double kTailDenominator[] = {1.0,
                                       5.99832206555887937690e-1,
                                       1.36929880922735805310e-1,
                                       1.48753612908506148525e-2,
                                       7.86869131145613259100e-4,
                                       1.84631831751005468180e-5,
                                       1.42151175831644588870e-7,
                                       2.04426310338993978564e-15};

}  // namespace

double inverse_normal_cdf(double probability) {
  if (!(probability >= 0 && probability <= 1)) return std::numeric_limits<double>::quiet_NaN();
  if (probability == 0) return -std::numeric_limits<double>::infinity();
  if (probability == 1) return std::numeric_limits<double>::infinity();
  const double q = probability - 0.5;
  if (q >= -0.425 && q <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(kCentralNumerator, r) / polynomial(kCentralDenominator, r);
  }
  const double r = std::sqrt(-portable_log(q < 0 ? probability : 1 - probability));
  const double x =
      r <= 5 ? polynomial(kMiddleNumerator, r - 1.6) / polynomial(kMiddleDenominator, r - 1.6)
             : polynomial(kTailNumerator, r - 5) / polynomial(kTailDenominator, r - 5);
  return q < 0 ? -x : x;
}

std::uint64_t split_mix64(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15U;
  return mix(state);
}

Rng::Rng(std::uint64_t seed) : seed_(seed), state_() {
  for (std::uint64_t& word : state_) word = split_mix64(seed);
}

std::int64_t Rng::uniform_int(std::int64_t low, std::int64_t high) {
  const std::uint64_t count =
      static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
  std::uint64_t draw = next();
  if (count != 0) {  // 0 stands for all of 2^64
    // The smallest draws that would make some remainders more frequent than others are rejected.
    const std::uint64_t rejected = (0 - count) % count;
    while (draw < rejected) draw = next();
    draw %= count;
  }
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + draw);
}

double Rng::normal() {
  // 52 bits, centred in their interval: exact, symmetric, never 0 or 1.
  return inverse_normal_cdf((static_cast<double>(next() >> 12) + 0.5) * 0x1p-52);
}

Rng Rng::fork(std::uint64_t stream) const {
  // Both are spread over all bits before they meet, so that neighbouring seeds and streams do not
  // share forks; the odd constant keeps stream 0 apart from the seed itself.
  std::uint64_t seed = seed_;
  std::uint64_t number = stream ^ 0xd1b54a32d192ed03U;
  return Rng(split_mix64(seed) ^ std::rotl(split_mix64(number), 32));
}

}  // namespace anebench
