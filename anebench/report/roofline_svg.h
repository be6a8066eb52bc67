// A roofline plot as SVG: the device's ceilings, and each step of a profile at its arithmetic
// intensity and rate, on logarithmic axes. Steps of the same type, output and kernel are one point,
// as large as their share of the time; the largest are labelled. A projection of a record. Pure;
// thread-safe.
#pragma once

#include <string>

#include "anebench/record/record.h"

namespace anebench::report {

// Of a record without a profile, or where no step has arithmetic, the plot says so.
std::string roofline_svg(const record::Record& record);

}  // namespace anebench::report
