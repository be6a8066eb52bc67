// What an engine of a generation would refuse, found before a time is predicted. Pure.
#pragma once

#include <string>
#include <vector>

#include "anebench/device/chip/chip_constants.h"
#include "anebench/device/chip/program_work.h"
#include "anebench/mil/program.h"

namespace anebench::device {

// A sentence for each limit that the function breaks: what was seen, and the limit. Empty where the
// engine takes it. Sources: the chip model's sheet of facts (rank, dimensions, conv weights, types
// of surfaces).
std::vector<std::string> broken_limits(const mil::Function& function, const ProgramWork& work,
                                       const ChipFamily& family);

}  // namespace anebench::device
