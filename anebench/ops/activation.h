// The activation functions that recurrent layers have inside as well. Pure functions.
#pragma once

#include <cmath>

namespace anebench::ops {

// NaN stays: no comparison is true of it.
inline double relu(double x) { return x < 0 ? 0 : x; }
inline double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace anebench::ops
