// Where the Neural Engine's framework is looked for: the one file that knows Apple's systems.
//
// ANEBENCH_ANE_FRAMEWORK names a library that stands in for all of it, in builds with tests only
// (the macro ANEBENCH_TEST_FRAMEWORK); elsewhere the variable does nothing.
#pragma once

#include <string>
#include <vector>

namespace anebench::device::ane {

struct FrameworkLocation {
  // In the order in which they are opened.
  std::vector<std::string> libraries;
  bool is_stand_in = false;
};

FrameworkLocation locate_framework();

}  // namespace anebench::device::ane
