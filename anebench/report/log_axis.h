// A logarithmic axis of a plot: whole powers of ten around what is to be seen. Not thread-safe.
//
//   LogAxis x(80, 870);  // pixels of its ends
//   for (double value : values) x.include(value);
//   x.close();
//   svg.circle({x.at(values[0]), y}, …);
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace anebench::report {

class LogAxis {
 public:
  LogAxis(double at_low, double at_high) : at_low_(at_low), at_high_(at_high) {}

  void include(double value) {
    if (!(value > 0) || !std::isfinite(value)) return;
    low_ = std::min(low_, static_cast<int>(std::floor(std::log10(value))));
    high_ = std::max(high_, static_cast<int>(std::ceil(std::log10(value))));
  }
  void close() {
    if (low_ > high_) low_ = high_ = 0;
    if (low_ == high_) ++high_;
  }
  double at(double value) const {
    const double share = (std::log10(value) - low_) / (high_ - low_);
    return at_low_ + share * (at_high_ - at_low_);
  }
  int low() const { return low_; }
  int high() const { return high_; }
  double lowest() const { return std::pow(10.0, low_); }
  double highest() const { return std::pow(10.0, high_); }

 private:
  double at_low_;
  double at_high_;
  int low_ = std::numeric_limits<int>::max();
  int high_ = std::numeric_limits<int>::min();
};

}  // namespace anebench::report
