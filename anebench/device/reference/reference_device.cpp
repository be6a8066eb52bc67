#include "anebench/device/reference/reference_device.h"

#include "anebench/base/cpu_features.h"
#include "anebench/base/thread_pool.h"
#include "anebench/device/interpreted_executable.h"

namespace anebench::device {
namespace {

class ReferenceDevice final : public Device {
 public:
  explicit ReferenceDevice(int threads) : pool_(threads) {
    info_.name = "reference";
    info_.description = "exact and slow: each op in double, rounded once to its type";
    info_.threads = pool_.size();
    info_.rounds_every_op = true;
    info_.remarks = {"arithmetic in double, one rounding at each op's output"};
  }

  const DeviceInfo& info() const override { return info_; }
  const Clock& clock() const override { return clock_; }
  // An oracle has no speed worth comparing with.
  Result<std::vector<Peak>> peaks() override { return std::vector<Peak>{}; }

  Result<std::unique_ptr<Executable>> compile(const mil::Program& program,
                                              std::shared_ptr<weights::WeightFiles> weights,
                                              const CompileOptions& options) override {
    return compile_interpreted(program, weights, options, clock_, pool_, "");
  }

  Result<SurfacePointer> create_surface(const mil::Type& type) override {
    return create_memory_surface(type, CompileOptions{}.max_memory);
  }

 private:
  DeviceInfo info_;
  SteadyClock clock_;
  ThreadPool pool_;
};

}  // namespace

Result<std::unique_ptr<Device>> open_reference(const DeviceOptions& options) {
  const int threads = options.threads > 0 ? options.threads : hardware_threads();
  return std::make_unique<ReferenceDevice>(threads);
}

}  // namespace anebench::device
