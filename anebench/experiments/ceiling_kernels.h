// The kernels of `ceiling`: one identity convolution compiled several times, and the passes over
// all of them that the experiment times.
//
//   ANEBENCH_ASSIGN(kernels, Kernels::open(device, kernel, 12, options));
//   for (Pass& pass : kernels->passes()) { pass.prepare(); pass.run(); … }
//
// Belongs to one thread (the queue's passes use one more); must not outlive the device.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/device.h"
#include "anebench/experiments/serial_queue.h"
#include "anebench/measure/measure.h"
#include "anebench/programs/benchmark_program.h"

namespace anebench::experiments {

// Single evaluations that failed; the pass goes on without them.
struct CallErrors {
  std::size_t calls = 0;
  std::size_t failed = 0;
  std::string first;  // the first one's message
};

struct Pass {
  std::string variant;
  // Evaluations (of copies: copies) in one pass.
  std::size_t calls = 0;
  // Puts the inputs where the pass takes them from, and poisons what it writes.
  std::function<void()> prepare;
  // Always succeeds: failures are counted in `errors`.
  measure::Work run;
  // What must equal the input after a pass.
  std::vector<device::SurfacePointer> outputs;
  std::shared_ptr<CallErrors> errors;
};

class Kernels {
 public:
  // Compiles and loads `benchmark` `count` times. Those that are refused are left out, and said.
  // Errors: fewer than two are left; surfaces or requests.
  static Result<std::unique_ptr<Kernels>> open(device::Device& device,
                                               const programs::BenchmarkProgram& benchmark,
                                               std::size_t count,
                                               const device::CompileOptions& options);

  // The program that holds all layers, for the last pass. Errors: the device's.
  Result<void> add_whole(device::Device& device, const programs::BenchmarkProgram& whole,
                         const device::CompileOptions& options);

  std::size_t size() const { return kernels_.size(); }
  std::size_t copy_bytes() const { return input_.size(); }
  const mil::Type& type() const { return kernels_.front().input->type(); }
  // One sentence for each kernel that was refused.
  const std::vector<std::string>& refusals() const { return refusals_; }
  // All inputs are zero from the next prepare() on: the published values.
  void use_zero_input();

  // Valid as long as the kernels: sequential, run_only, copies_only, queue, shared_surfaces.
  Pass sequential();
  Pass run_only();
  Pass copies_only();
  Pass queued();
  Pass shared_surfaces();
  // Precondition: add_whole() succeeded.
  Pass one_program();

 private:
  struct Kernel {
    std::unique_ptr<device::Executable> executable;
    std::unique_ptr<device::Request> request;
    device::SurfacePointer input;
    device::SurfacePointer output;
    // Reads and writes the surfaces of chain_.
    std::unique_ptr<device::Request> chained;
  };

  Kernels() = default;
  static Result<Kernel> open_one(device::Device& device,
                                 const programs::BenchmarkProgram& benchmark,
                                 const device::CompileOptions& options);
  Result<void> make_chain(device::Device& device);
  void fill_inputs();
  void copy_onward(std::size_t kernel);
  std::vector<device::SurfacePointer> all_outputs() const;

  std::vector<Kernel> kernels_;
  // Surface i is the input of kernel i and the output of the one before.
  std::vector<device::SurfacePointer> chain_;
  Kernel whole_;
  std::vector<std::byte> input_;
  std::vector<std::string> refusals_;
  std::unique_ptr<SerialQueue> queue_;
};

}  // namespace anebench::experiments
