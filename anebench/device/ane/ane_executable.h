// A program that the Neural Engine's framework has compiled, as an Executable: usually one model of
// the framework's, several where a known limit forced the program to be cut (ane_program.h). Its
// steps are these; the engine does not tell its operations apart.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "anebench/base/clock.h"
#include "anebench/device/ane/ane_program.h"
#include "anebench/device/ane/framework.h"
#include "anebench/device/executable.h"

namespace anebench::device::ane {

struct AneCompilation {
  std::vector<mil::NamedType> inputs;
  std::vector<mil::NamedType> outputs;
  PreparedProgram prepared;
  // What verifying the program found.
  std::vector<std::string> notes;
  std::uint32_t qos = 0;
};

// Gives each part to the system's compiler. The clock outlives the executable. Errors: AneModel's.
Result<std::unique_ptr<Executable>> compile_for_ane(std::shared_ptr<const Framework> framework,
                                                    AneCompilation compilation, const Clock& clock);

}  // namespace anebench::device::ane
