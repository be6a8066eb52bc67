// Predicted against published times as SVG: a point a row, colour by kind of program, hollow where
// it was not fitted; logarithmic axes and the line of equality. Pure.
#pragma once

#include <string>

#include "anebench/experiments/chip_validation.h"

namespace anebench::report {

std::string validation_svg(const experiments::ChipValidation& validation);

}  // namespace anebench::report
