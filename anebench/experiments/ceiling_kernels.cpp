#include "anebench/experiments/ceiling_kernels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace anebench::experiments {
namespace {

using device::SurfacePointer;

constexpr std::size_t kLeastKernels = 2;

void fill(const SurfacePointer& surface, const std::vector<std::byte>& bytes) {
  std::memcpy(surface->bytes().data(), bytes.data(),
              std::min(bytes.size(), surface->bytes().size()));
}

// NaN in fp16: no correct output equals it.
void poison(const SurfacePointer& surface) { std::ranges::fill(surface->bytes(), std::byte{0xff}); }

void evaluate(device::Executable& executable, device::Request& request, CallErrors& errors) {
  ++errors.calls;
  if (const auto evaluated = executable.evaluate(request); !evaluated) {
    if (errors.failed++ == 0) errors.first = evaluated.error().to_string();
  }
}

}  // namespace

Result<Kernels::Kernel> Kernels::open_one(device::Device& device,
                                          const programs::BenchmarkProgram& benchmark,
                                          const device::CompileOptions& options) {
  Kernel kernel;
  ANEBENCH_ASSIGN(executable, device.compile(benchmark.program, benchmark.weights, options),
                  "compile");
  ANEBENCH_TRY(executable->load(), "load");
  ANEBENCH_ASSIGN(request, executable->create_request(), "load");
  ANEBENCH_ASSIGN(input, device.create_surface(executable->inputs()[0].type), "load");
  ANEBENCH_ASSIGN(output, device.create_surface(executable->outputs()[0].type), "load");
  ANEBENCH_TRY(request->bind_input(0, input), "load");
  ANEBENCH_TRY(request->bind_output(0, output), "load");
  kernel.executable = std::move(executable);
  kernel.request = std::move(request);
  kernel.input = std::move(input);
  kernel.output = std::move(output);
  return kernel;
}

Result<std::unique_ptr<Kernels>> Kernels::open(device::Device& device,
                                               const programs::BenchmarkProgram& benchmark,
                                               std::size_t count,
                                               const device::CompileOptions& options) {
  std::unique_ptr<Kernels> kernels(new Kernels());
  std::optional<Error> last_error;
  for (std::size_t i = 0; i < count; ++i) {
    auto kernel = open_one(device, benchmark, options);
    if (!kernel) {
      kernels->refusals_.push_back(
          fmt::format("kernel {} of {} is left out: {}", i + 1, count, kernel.error().to_string()));
      last_error = kernel.error();
      continue;
    }
    kernels->kernels_.push_back(std::move(*kernel));
  }
  if (kernels->size() < kLeastKernels) {
    Error error = last_error.value_or(
        Error(ErrorCode::invalid_argument, fmt::format("{} kernels make no pass", count)));
    return fail(std::move(error));
  }
  const auto bytes = benchmark.inputs[0].bytes();
  kernels->input_.assign(bytes.begin(), bytes.end());
  ANEBENCH_TRY(kernels->make_chain(device), "load");
  kernels->queue_ = std::make_unique<SerialQueue>();
  return kernels;
}

Result<void> Kernels::make_chain(device::Device& device) {
  for (std::size_t i = 0; i <= kernels_.size(); ++i) {
    ANEBENCH_ASSIGN(surface, device.create_surface(type()));
    chain_.push_back(std::move(surface));
  }
  for (std::size_t i = 0; i < kernels_.size(); ++i) {
    Kernel& kernel = kernels_[i];
    ANEBENCH_ASSIGN(request, kernel.executable->create_request());
    ANEBENCH_TRY(request->bind_input(0, chain_[i]));
    ANEBENCH_TRY(request->bind_output(0, chain_[i + 1]));
    kernel.chained = std::move(request);
  }
  return {};
}

Result<void> Kernels::add_whole(device::Device& device, const programs::BenchmarkProgram& whole,
                                const device::CompileOptions& options) {
  ANEBENCH_ASSIGN(kernel, open_one(device, whole, options));
  whole_ = std::move(kernel);
  return {};
}

void Kernels::use_zero_input() { std::ranges::fill(input_, std::byte{0}); }

void Kernels::fill_inputs() {
  for (const Kernel& kernel : kernels_) {
    fill(kernel.input, input_);
    poison(kernel.output);
  }
}

void Kernels::copy_onward(std::size_t kernel) {
  const auto from = kernels_[kernel].output->bytes();
  std::memcpy(kernels_[kernel + 1].input->bytes().data(), from.data(), from.size());
}

std::vector<SurfacePointer> Kernels::all_outputs() const {
  std::vector<SurfacePointer> outputs;
  for (const Kernel& kernel : kernels_) outputs.push_back(kernel.output);
  return outputs;
}

Pass Kernels::sequential() {
  auto errors = std::make_shared<CallErrors>();
  return {.variant = "sequential",
          .calls = size(),
          .prepare =
              [this] {
                for (const Kernel& kernel : kernels_) {
                  poison(kernel.input);
                  poison(kernel.output);
                }
                fill(kernels_.front().input, input_);
              },
          .run = [this, errors]() -> Result<void> {
            for (std::size_t i = 0; i < size(); ++i) {
              evaluate(*kernels_[i].executable, *kernels_[i].request, *errors);
              if (i + 1 < size()) copy_onward(i);
            }
            return {};
          },
          .outputs = {kernels_.back().output},
          .errors = errors};
}

Pass Kernels::run_only() {
  auto errors = std::make_shared<CallErrors>();
  return {.variant = "run_only",
          .calls = size(),
          .prepare = [this] { fill_inputs(); },
          .run = [this, errors]() -> Result<void> {
            for (const Kernel& kernel : kernels_) {
              evaluate(*kernel.executable, *kernel.request, *errors);
            }
            return {};
          },
          .outputs = all_outputs(),
          .errors = errors};
}

Pass Kernels::copies_only() {
  std::vector<SurfacePointer> copied;
  for (std::size_t i = 1; i < size(); ++i) copied.push_back(kernels_[i].input);
  return {.variant = "copies_only",
          .calls = size() - 1,
          .prepare =
              [this] {
                for (const Kernel& kernel : kernels_) {
                  poison(kernel.input);
                  fill(kernel.output, input_);
                }
              },
          .run = [this]() -> Result<void> {
            for (std::size_t i = 0; i + 1 < size(); ++i) copy_onward(i);
            return {};
          },
          .outputs = std::move(copied),
          .errors = std::make_shared<CallErrors>()};
}

Pass Kernels::queued() {
  auto errors = std::make_shared<CallErrors>();
  return {.variant = "queue",
          .calls = size(),
          .prepare = [this] { fill_inputs(); },
          .run = [this, errors]() -> Result<void> {
            for (const Kernel& kernel : kernels_) {
              // The queue's thread alone counts the errors until it is waited for.
              queue_->submit(
                  [&kernel, errors] { evaluate(*kernel.executable, *kernel.request, *errors); });
            }
            queue_->wait();
            return {};
          },
          .outputs = all_outputs(),
          .errors = errors};
}

Pass Kernels::shared_surfaces() {
  auto errors = std::make_shared<CallErrors>();
  return {.variant = "shared_surfaces",
          .calls = size(),
          .prepare =
              [this] {
                for (const SurfacePointer& surface : chain_) poison(surface);
                fill(chain_.front(), input_);
              },
          .run = [this, errors]() -> Result<void> {
            for (const Kernel& kernel : kernels_) {
              evaluate(*kernel.executable, *kernel.chained, *errors);
            }
            return {};
          },
          .outputs = {chain_.back()},
          .errors = errors};
}

Pass Kernels::one_program() {
  auto errors = std::make_shared<CallErrors>();
  return {.variant = "one_program",
          .calls = 1,
          .prepare =
              [this] {
                fill(whole_.input, input_);
                poison(whole_.output);
              },
          .run = [this, errors]() -> Result<void> {
            evaluate(*whole_.executable, *whole_.request, *errors);
            return {};
          },
          .outputs = {whole_.output},
          .errors = errors};
}

}  // namespace anebench::experiments
