// The three steps of `reload`: compile and load with weights A and evaluate; replace the weight
// file by B, unload, load without compiling; evaluate again. Single readings and a finding;
// repeated measurements are reload_times.h's.
//
// Source: the experiments' specification, `reload`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/device.h"
#include "anebench/programs/benchmark_program.h"

namespace anebench::experiments {

enum class ReloadFinding : std::uint8_t {
  success,     // changed and correct without compiling
  recompiled,  // changed and correct, but only after compiling again
  partial,     // changed, not correct
  fail,        // unchanged: the weights are baked in when compiling
};
// "SUCCESS", …
std::string_view to_string(ReloadFinding finding);

// B's weights are so many times A's.
inline constexpr std::int64_t kReloadGain = 3;

struct ReloadSteps {
  ReloadFinding finding = ReloadFinding::fail;
  // From before compiling to after loading.
  std::int64_t compile_load_ns = 0;
  std::int64_t unload_ns = 0;
  std::int64_t load_ns = 0;
  // Compile and load again, where the load without compiling failed, and why it did.
  std::optional<std::int64_t> recompile_ns;
  std::string load_error;

  // The outputs' bytes, and as numbers.
  std::vector<std::byte> before_bytes;
  std::vector<std::byte> after_bytes;
  std::vector<double> before;
  std::vector<double> after;
  double largest_difference = 0;  // of |after − before|
  double largest_error = 0;       // of |after − 3·before|
  double tolerance = 0;           // of the error
};

// `a` and `b` are the same program but for the last layer's weights. Errors carry the stage
// ("compile", "load", "evaluate") as context.
Result<ReloadSteps> run_reload_steps(device::Device& device, const programs::BenchmarkProgram& a,
                                     const programs::BenchmarkProgram& b,
                                     const device::CompileOptions& options);

// The weight file's bytes.
Result<std::vector<std::byte>> weight_file_content(const programs::BenchmarkProgram& benchmark);

}  // namespace anebench::experiments
