// Runs a program on values by the names of its inputs: for checks that feed one program with what
// another computed.
//
//   ANEBENCH_ASSIGN(loaded, run_on(device, single, weights, values, options));
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "anebench/base/result.h"
#include "anebench/device/device.h"
#include "anebench/device/loaded_program.h"
#include "anebench/mil/program.h"
#include "anebench/mil/value.h"
#include "anebench/weights/weight_files.h"

namespace anebench::experiments {

using NamedValues = std::map<std::string, mil::Value, std::less<>>;

// Evaluates once, on poisoned outputs. Errors: an input that has no value; the device's own.
Result<device::LoadedProgram> run_on(device::Device& device, const mil::Program& program,
                                     const std::shared_ptr<weights::WeightFiles>& weights,
                                     const NamedValues& values,
                                     const device::CompileOptions& options);

}  // namespace anebench::experiments
