// A program made ready for the Neural Engine: checked against its known limits, cut where a limit
// forces it, rewritten, its text unique, its weight files at hand.
//
//   ANEBENCH_ASSIGN(prepared, prepare_for_ane(program, "main", *weights));
//   for (const PreparedPart& part : prepared.parts) compile(part.source);
//
// Two models of equal text and weights would share one folder of the system's, and replacing one's
// weights would change the other's; so each text carries an entry of its own in its buildInfo. It
// also keeps the system from answering with what it compiled before. Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/ane/ane_model.h"
#include "anebench/mil/program.h"
#include "anebench/weights/weight_files.h"

namespace anebench::device::ane {

// One program of the engine's.
struct PreparedPart {
  AneSource source;
  // In the alphabetical order of their names, which is the engine's.
  std::vector<mil::NamedType> inputs;
  std::vector<mil::NamedType> outputs;
  // Of the function's operations, those that it runs.
  std::vector<std::size_t> operations;
};

struct PreparedProgram {
  std::vector<PreparedPart> parts;
  // What was done to the program and what is known to be different on the engine, as sentences.
  std::vector<std::string> notes;
};

// Errors: unsupported, naming the limit, the place and what to do; a weight file that is missing.
Result<PreparedProgram> prepare_for_ane(const mil::Program& program, const std::string& function,
                                        const weights::WeightFiles& weights);

}  // namespace anebench::device::ane
