// One conformance case: a package, inputs and expected outputs in a folder.
//
//   CASE/case.json  CASE/m.mlpackage/  CASE/in_NAME.npy  CASE/out_NAME.npy
//
// Cases run one by one on a device; what a run gives is a Verdict. Not thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/device.h"

namespace anebench::tests {

struct Case {
  std::string name;
  std::filesystem::path folder;
  // Op types in the program but const and cast, which stand everywhere.
  std::vector<std::string> ops;
  bool is_fp16 = false;
  double absolute_tolerance = 0;
  double relative_tolerance = 0;
};

// All cases of a folder, by name.
Result<std::vector<Case>> read_cases(const std::filesystem::path& folder);

struct Verdict {
  enum class State { passed, wrong, unsupported, failed };
  State state = State::failed;
  // Empty where it passed.
  std::string reason;
};

Verdict run_case(const Case& conformance_case, device::Device& device);

}  // namespace anebench::tests
