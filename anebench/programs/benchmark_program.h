// A benchmark program as a value: the MIL program, its weight files, and what a report says of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/programs/program_spec.h"
#include "anebench/weights/weight_files.h"

namespace anebench::programs {

struct BenchmarkProgram {
  // Completed: every key present.
  ProgramSpec spec;
  mil::Program program;
  std::shared_ptr<weights::WeightFiles> weights;
  // One packed tensor for each input of main, in its order.
  std::vector<mil::Value> inputs;
  // A multiply and an add count as two.
  double operations = 0;
  std::int64_t weight_bytes = 0;
  // Inputs and outputs of main.
  std::int64_t io_bytes = 0;
};

// The weight file that a program's constants share.
inline constexpr std::string_view kWeightFile = "@model_path/weights/weight.bin";

}  // namespace anebench::programs
