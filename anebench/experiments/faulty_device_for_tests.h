// Test support: a device that passes everything on to another but for faults that are asked for,
// and a reporter that keeps what it is told.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "anebench/device/device.h"
#include "anebench/runner/reporter.h"

namespace anebench::experiments {

struct Faults {
  // The load after replace_weight_file() fails.
  bool needs_recompiling = false;
  // Where set, changes the bytes that replace_weight_file() passes on; false leaves the file as it
  // was.
  std::function<bool(std::vector<std::byte>&)> on_replace = {};
  // By number, from 0, over all executables of the device.
  std::set<std::size_t> failing_compiles = {};
  std::set<std::size_t> failing_evaluations = {};
};

struct FaultState {
  Faults faults;
  std::size_t compiles = 0;
  std::size_t evaluations = 0;
};

class FaultyExecutable final : public device::Executable {
 public:
  FaultyExecutable(std::unique_ptr<device::Executable> inner, std::shared_ptr<FaultState> state)
      : inner_(std::move(inner)), state_(std::move(state)) {}

  const std::vector<mil::NamedType>& inputs() const override { return inner_->inputs(); }
  const std::vector<mil::NamedType>& outputs() const override { return inner_->outputs(); }
  Result<void> load() override {
    if (is_replaced_ && state_->faults.needs_recompiling) {
      return fail(ErrorCode::unsupported, "the weights do not fit the compiled program");
    }
    return inner_->load();
  }
  Result<void> unload() override { return inner_->unload(); }
  bool is_loaded() const override { return inner_->is_loaded(); }
  Result<void> replace_weight_file(const std::string& file,
                                   std::vector<std::byte> content) override {
    is_replaced_ = true;
    if (state_->faults.on_replace && !state_->faults.on_replace(content)) return {};
    return inner_->replace_weight_file(file, std::move(content));
  }
  Result<std::unique_ptr<device::Request>> create_request() override {
    return inner_->create_request();
  }
  Result<void> evaluate(device::Request& request, device::StepObserver* observer) override {
    if (state_->faults.failing_evaluations.contains(state_->evaluations++)) {
      return fail(ErrorCode::internal, "the evaluation was lost");
    }
    return inner_->evaluate(request, observer);
  }
  const std::vector<device::Step>& steps() const override { return inner_->steps(); }
  const std::vector<std::string>& notes() const override { return inner_->notes(); }
  std::size_t resident_bytes() const override { return inner_->resident_bytes(); }
  bool is_bit_exact() const override { return inner_->is_bit_exact(); }

 private:
  std::unique_ptr<device::Executable> inner_;
  std::shared_ptr<FaultState> state_;
  bool is_replaced_ = false;
};

class FaultyDevice final : public device::Device {
 public:
  FaultyDevice(std::shared_ptr<device::Device> inner, Faults faults)
      : inner_(std::move(inner)), state_(std::make_shared<FaultState>()) {
    state_->faults = std::move(faults);
  }

  const device::DeviceInfo& info() const override { return inner_->info(); }
  const Clock& clock() const override { return inner_->clock(); }
  Result<std::vector<device::Peak>> peaks() override { return std::vector<device::Peak>{}; }
  Result<std::unique_ptr<device::Executable>> compile(
      const mil::Program& program, std::shared_ptr<weights::WeightFiles> weights,
      const device::CompileOptions& options) override {
    if (state_->faults.failing_compiles.contains(state_->compiles++)) {
      return fail(ErrorCode::unsupported, "the compiler is tired");
    }
    ANEBENCH_ASSIGN(inner, inner_->compile(program, std::move(weights), options));
    return std::unique_ptr<device::Executable>(
        std::make_unique<FaultyExecutable>(std::move(inner), state_));
  }
  Result<device::SurfacePointer> create_surface(const mil::Type& type) override {
    return inner_->create_surface(type);
  }

 private:
  std::shared_ptr<device::Device> inner_;
  std::shared_ptr<FaultState> state_;
};

inline std::shared_ptr<device::Device> open_faulty_cpu(Faults faults = {}) {
  auto inner = device::open("cpu", {.threads = 2});
  if (!inner) return nullptr;
  return std::make_shared<FaultyDevice>(std::move(*inner), std::move(faults));
}

class RecordCollector final : public runner::Reporter {
 public:
  Result<void> record(const record::Record& record) override {
    collected.push_back(record);
    return {};
  }
  void note(std::string_view text) override { notes.emplace_back(text); }

  std::vector<record::Record> collected;
  std::vector<std::string> notes;
};

}  // namespace anebench::experiments
