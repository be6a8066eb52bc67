// Test support: a device that computes what another does, at a pace of its own: an evaluation
// advances a virtual clock by a fixed time for the call, for each step, and for being observed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "anebench/device/device.h"

namespace anebench::experiments {

struct Pace {
  std::int64_t call_ns = 0;
  std::int64_t observer_ns = 0;  // of an observed evaluation
  // Of step number i; observed and not.
  std::function<std::int64_t(std::size_t)> step_ns = [](std::size_t) { return 0; };
  bool tells_steps = true;
};

class PacedExecutable final : public device::Executable {
 public:
  PacedExecutable(std::unique_ptr<device::Executable> inner, const Pace& pace, VirtualClock& clock)
      : inner_(std::move(inner)), pace_(pace), clock_(clock) {}

  const std::vector<mil::NamedType>& inputs() const override { return inner_->inputs(); }
  const std::vector<mil::NamedType>& outputs() const override { return inner_->outputs(); }
  Result<void> load() override { return inner_->load(); }
  Result<void> unload() override { return inner_->unload(); }
  bool is_loaded() const override { return inner_->is_loaded(); }
  Result<void> replace_weight_file(const std::string& file,
                                   std::vector<std::byte> content) override {
    return inner_->replace_weight_file(file, std::move(content));
  }
  Result<std::unique_ptr<device::Request>> create_request() override {
    return inner_->create_request();
  }
  Result<void> evaluate(device::Request& request, device::StepObserver* observer) override {
    ANEBENCH_TRY(inner_->evaluate(request));
    clock_.advance(pace_.call_ns + (observer != nullptr ? pace_.observer_ns : 0));
    for (std::size_t i = 0; i < inner_->steps().size(); ++i) {
      const std::int64_t start = clock_.now_ns();
      clock_.advance(pace_.step_ns(i));
      if (observer != nullptr && pace_.tells_steps) observer->on_step(i, start, clock_.now_ns());
    }
    return {};
  }
  const std::vector<device::Step>& steps() const override {
    return pace_.tells_steps ? inner_->steps() : no_steps_;
  }
  const std::vector<std::string>& notes() const override { return inner_->notes(); }
  std::size_t resident_bytes() const override { return inner_->resident_bytes(); }
  bool is_bit_exact() const override { return inner_->is_bit_exact(); }

 private:
  std::unique_ptr<device::Executable> inner_;
  const Pace& pace_;
  VirtualClock& clock_;
  std::vector<device::Step> no_steps_;
};

class PacedDevice final : public device::Device {
 public:
  PacedDevice(std::shared_ptr<device::Device> inner, Pace pace)
      : inner_(std::move(inner)), pace_(std::move(pace)) {}

  const device::DeviceInfo& info() const override { return inner_->info(); }
  const Clock& clock() const override { return clock_; }
  Result<std::vector<device::Peak>> peaks() override {
    return std::vector<device::Peak>{{"fp32", 1e12, Origin::measured, "made up"}};
  }
  Result<std::optional<device::Bandwidth>> bandwidth() override {
    return std::optional(device::Bandwidth{2e10, Origin::measured, "made up"});
  }
  Result<std::unique_ptr<device::Executable>> compile(
      const mil::Program& program, std::shared_ptr<weights::WeightFiles> weights,
      const device::CompileOptions& options) override {
    ANEBENCH_ASSIGN(inner, inner_->compile(program, std::move(weights), options));
    return std::unique_ptr<device::Executable>(
        std::make_unique<PacedExecutable>(std::move(inner), pace_, clock_));
  }
  Result<device::SurfacePointer> create_surface(const mil::Type& type) override {
    return inner_->create_surface(type);
  }

 private:
  std::shared_ptr<device::Device> inner_;
  Pace pace_;
  VirtualClock clock_;
};

}  // namespace anebench::experiments
