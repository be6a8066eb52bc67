#include "anebench/device/cpu/cpu_device.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

#include "anebench/base/thread_pool.h"
#include "anebench/device/cpu/bandwidth.h"
#include "anebench/device/cpu/cpu_executable.h"
#include "anebench/device/cpu/kernels/peaks.h"
#include "anebench/device/cpu/onednn.h"

namespace anebench::device {
namespace {

using kernels::PeakLoops;

// The loop takes about 17 µs, in which one timer tick is several per cent; 50 of them take about a
// millisecond, in which only a neighbour that stays can take as much.
constexpr int kCanaryRepeats = 50;
// Repetitions of the peak loops: the best of a few, each long enough for the clock and the cores'
// frequency, in all less than half a second.
constexpr int kPeakRounds = 5;
constexpr double kPeakRoundNs = 30e6;

class CpuDevice final : public Device {
 public:
  CpuDevice(std::string name, Isa isa, int threads, Int8Kernels int8_kernels)
      : isa_(isa), uses_int8_(int8_kernels == Int8Kernels::used), pool_(threads) {
    info_.name = std::move(name);
    info_.description = fmt::format("{}, {} thread{}, {}", cpu_model_name(), pool_.size(),
                                    pool_.size() == 1 ? "" : "s", to_string(isa));
    info_.isa = to_string(isa);
    info_.threads = pool_.size();
    info_.rounds_every_op = true;
    info_.remarks = {
        "fp16: stored as fp16, computed in fp32, rounded to fp16 at every op's output",
        uses_int8_
            ? "int8: exact 32-bit sums between dequantize and quantize, bit-identical to the "
              "reference where dequantization is exact"
            : "int8: storage only; dequantized as written, so that nothing is native here",
    };
    if (const std::string version = cpu::onednn_version(); !version.empty()) {
      info_.versions = {{"oneDNN", version}};
    }
  }

  const DeviceInfo& info() const override { return info_; }
  const Clock& clock() const override { return clock_; }

  Result<std::vector<Peak>> peaks() override {
    const PeakLoops* loops = kernels::peak_loops(isa_);
    if (loops == nullptr) return std::vector<Peak>{};
    const std::scoped_lock lock(peaks_mutex_);
    if (peaks_.empty()) {
      peaks_.push_back(measure("fp32", "fp32 FMA", loops->fma_instruction, loops->fma_f32));
      if (uses_int8_) {
        peaks_.push_back(
            measure("int8", "int8 dot product", loops->int8_instruction, loops->int8_dot));
      }
    }
    return peaks_;
  }

  Result<std::optional<Bandwidth>> bandwidth() override {
    const std::scoped_lock lock(peaks_mutex_);
    if (!bandwidth_) {
      ANEBENCH_ASSIGN(measured, cpu::measure_bandwidth(pool_, clock_));
      bandwidth_ = std::move(measured);
    }
    return bandwidth_;
  }

  Result<std::unique_ptr<Executable>> compile(const mil::Program& program,
                                              std::shared_ptr<weights::WeightFiles> weights,
                                              const CompileOptions& options) override {
    return cpu::compile(program, weights, options, {.isa = isa_, .uses_int8 = uses_int8_}, clock_,
                        pool_);
  }

  Result<SurfacePointer> create_surface(const mil::Type& type) override {
    return create_memory_surface(type, CompileOptions{}.max_memory);
  }

  std::optional<double> run_canary() override {
    // Once untimed: what was measured has driven the loop's data out of the first-level cache.
    kernels::run_canary(isa_);
    const std::int64_t start = clock_.now_ns();
    for (int i = 0; i < kCanaryRepeats; ++i) kernels::run_canary(isa_);
    return static_cast<double>(clock_.now_ns() - start);
  }

 private:
  Peak measure(std::string precision, std::string_view what, std::string_view instruction,
               double (*loop)(std::uint64_t)) {
    // Long enough for one round, found by doubling.
    std::uint64_t iterations = 1000;
    while (time_ns(loop, iterations).first < kPeakRoundNs) iterations *= 2;
    double best = 0;
    for (int round = 0; round < kPeakRounds; ++round) {
      const auto [ns, operations] = time_ns(loop, iterations);
      best = std::max(best, operations / ns * 1e9);
    }
    return {.precision = std::move(precision),
            .ops_per_second = best,
            .origin = Origin::measured,
            .source = fmt::format("register-only loop of {} ({}), {} thread{}", what, instruction,
                                  pool_.size(), pool_.size() == 1 ? "" : "s")};
  }

  // Time and operations of the loop on all threads at once.
  std::pair<double, double> time_ns(double (*loop)(std::uint64_t), std::uint64_t iterations) {
    std::atomic<double> operations = 0;
    std::int64_t start = 0;
    pool_.run([&](const Team& team) {
      team.barrier.wait();
      if (team.worker == 0) start = clock_.now_ns();
      operations.fetch_add(loop(iterations));
      team.barrier.wait();
    });
    return {static_cast<double>(clock_.now_ns() - start), operations.load()};
  }

  Isa isa_;
  bool uses_int8_;
  ThreadPool pool_;
  SteadyClock clock_;
  DeviceInfo info_;
  std::mutex peaks_mutex_;
  std::vector<Peak> peaks_;
  std::optional<Bandwidth> bandwidth_;
};

}  // namespace

Result<std::unique_ptr<Device>> open_cpu(std::string name, Isa isa, const DeviceOptions& options,
                                         Int8Kernels int8_kernels) {
  if (!isa_available(isa)) {
    return fail(ErrorCode::unavailable, "device {}: this processor ({}) lacks {}", name,
                cpu_model_name(), to_string(isa));
  }
  const int threads = options.threads > 0 ? options.threads : hardware_threads();
  return std::make_unique<CpuDevice>(std::move(name), isa, threads, int8_kernels);
}

}  // namespace anebench::device
