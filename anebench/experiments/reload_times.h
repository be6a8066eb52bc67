// Repeated, interleaved measurements of what compiling, loading, unloading and loading again cost.
//
//   ReloadBench bench(device, a, b, options);
//   const ReloadTimes times = bench.measure(plan, seed, hooks);
//   times.against_compile.ratio;  // how many times longer compile + load takes
//
// Only the phases that a figure names are timed: what makes a phase possible (replacing the file,
// compiling a program whose first load is measured) happens while the clock is stopped.
// Both programs and the device must outlive it; belongs to one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/device.h"
#include "anebench/measure/measure.h"
#include "anebench/measure/stopwatch_clock.h"
#include "anebench/programs/benchmark_program.h"

namespace anebench::experiments {

struct ReloadTimes {
  // A: compile + load; B: unload + load after the weight file was replaced.
  measure::PairResult against_compile;
  // A: unload + load after the file was replaced; B: the first load of a compiled program, which
  // reads and packs the weight file once.
  measure::PairResult against_first_load;
  // Medians of the phases alone, in nanoseconds.
  stats::Estimate compile_ns;
  stats::Estimate unload_ns;
  stats::Estimate load_again_ns;
  stats::Estimate replace_ns;
};

class ReloadBench {
 public:
  ReloadBench(device::Device& device, const programs::BenchmarkProgram& a,
              const programs::BenchmarkProgram& b, const device::CompileOptions& options);

  // The plan's limits hold for each of the two comparisons. Their errors are in the results.
  ReloadTimes measure(const measure::Plan& wanted, std::uint64_t seed, const measure::Hooks& hooks);

 private:
  Result<void> prepare();
  Result<void> compile_and_load();
  Result<void> first_load();
  Result<void> reload();

  device::Device& device_;
  const programs::BenchmarkProgram& a_;
  const programs::BenchmarkProgram& b_;
  device::CompileOptions options_;
  measure::StopwatchClock watch_;
  // What reload() replaces by turns.
  std::array<std::vector<std::byte>, 2> contents_;
  std::size_t next_content_ = 1;
  std::unique_ptr<device::Executable> reloaded_;
  std::unique_ptr<device::Executable> fresh_;
  // Of every call, in time order.
  std::vector<double> compile_ns_;
  std::vector<double> unload_ns_;
  std::vector<double> load_again_ns_;
  std::vector<double> replace_ns_;
};

}  // namespace anebench::experiments
