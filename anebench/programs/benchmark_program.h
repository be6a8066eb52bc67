// A benchmark program as a value: the MIL program, its weight files, and what a report says of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/programs/program_spec.h"
#include "anebench/weights/weight_files.h"

namespace anebench::programs {

// How much of a program is made.
enum class Content : std::uint8_t {
  complete,
  // The same program, text and figures without the bytes of weights and inputs: milliseconds and
  // kilobytes whatever the weights' size. For devices that compute nothing, and for looking.
  structure,
};

struct BenchmarkProgram {
  // Completed: every key present.
  ProgramSpec spec;
  mil::Program program;
  // Never null; of a structure without files, so that resolving a constant is not_found.
  std::shared_ptr<weights::WeightFiles> weights;
  // One packed tensor for each input of main, in its order; of a structure none.
  std::vector<mil::Value> inputs;
  // A multiply and an add count as two.
  double operations = 0;
  std::int64_t weight_bytes = 0;
  // Inputs and outputs of main.
  std::int64_t io_bytes = 0;
};

// The weight file that a program's constants share.
inline constexpr std::string_view kWeightFile = weights::kDefaultWeightFile;

}  // namespace anebench::programs
