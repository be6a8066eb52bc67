#include "anebench/device/ane/ane_device.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "anebench/device/ane/ane_executable.h"
#include "anebench/device/ane/ane_surface.h"
#include "anebench/device/ane/compile_budget.h"
#include "anebench/device/ane/model_folder.h"
#include "anebench/device/interpreted_executable.h"

namespace anebench::device {
namespace {

using ane::EngineFacts;
using ane::Framework;

// Clock of the engine's input, by the prefix of its subtype, and operations of a cluster a cycle of
// its multipliers, which run at an eighth of that. Estimates. Source: spec/experiments.md, `peak`.
struct EngineClock {
  std::string_view prefix;
  double mhz;
};
constexpr EngineClock kEngineClocks[] = {
    {"h11", 1464}, {"h13", 2100}, {"h15", 2364}, {"h17", 2448}};
constexpr double kUsualEngineMhz = 2364;
constexpr double kMultiplierDivisor = 8;
constexpr double kFp16OpsPerCycle = 16.0 * 2048 * 2;

double engine_mhz(std::string_view subtype) {
  for (const EngineClock& clock : kEngineClocks) {
    if (subtype.starts_with(clock.prefix)) return clock.mhz;
  }
  return kUsualEngineMhz;
}

std::string describe_engine(const EngineFacts& facts) {
  std::vector<std::string> parts;
  if (!facts.subtype.empty()) parts.push_back(facts.subtype);
  if (facts.engines) parts.push_back(fmt::format("{} engines", *facts.engines));
  if (facts.cores) parts.push_back(fmt::format("{} clusters", *facts.cores));
  return parts.empty() ? "" : fmt::format(" ({})", fmt::join(parts, ", "));
}

class AneDevice final : public Device {
 public:
  explicit AneDevice(std::shared_ptr<const Framework> framework)
      : framework_(std::move(framework)), engine_(framework_->engine_facts()) {
    info_.name = "ane";
    info_.isa = engine_.subtype;
    info_.threads = 1;
    if (framework_->is_stand_in()) {
      info_.origin = Origin::stand_in;
      info_.description = "a stand-in for the Neural Engine, for tests" + describe_engine(engine_);
      info_.remarks = {
          "stand-in: this machine's processor computes, and no time of it is a Neural Engine's"};
    } else {
      info_.description = "Apple's Neural Engine, through the system's private framework" +
                          describe_engine(engine_);
      info_.remarks = {"fp16 arithmetic; sums in an order and a width of the engine's own"};
    }
    remove_abandoned();
  }
  ~AneDevice() override { remove_abandoned(); }
  AneDevice(const AneDevice&) = delete;
  AneDevice& operator=(const AneDevice&) = delete;

  const DeviceInfo& info() const override { return info_; }
  const Clock& clock() const override { return clock_; }

  Result<std::vector<Peak>> peaks() override {
    // An engine's peak says nothing of what a stand-in runs on.
    if (framework_->is_stand_in()) return std::vector<Peak>{};
    const double mhz = engine_mhz(engine_.subtype);
    const std::uint32_t engines = std::max(engine_.engines.value_or(1), 1U);
    const double fp16 = kFp16OpsPerCycle * mhz * 1e6 / kMultiplierDivisor * engines;
    const std::string source =
        fmt::format("estimated: input clock {} MHz / {}, {} operations a cycle, {} engine{}", mhz,
                    kMultiplierDivisor, kFp16OpsPerCycle, engines, engines == 1 ? "" : "s");
    return std::vector<Peak>{{"fp16", fp16, Origin::predicted, source},
                             {"int8", 2 * fp16, Origin::predicted, source}};
  }

  std::optional<std::size_t> compilations_left() const override {
    return ane::compile_budget().left();
  }

  Result<std::unique_ptr<Executable>> compile(const mil::Program& program,
                                              std::shared_ptr<weights::WeightFiles> weights,
                                              const CompileOptions& options) override {
    ANEBENCH_ASSIGN(verified, verify_for_device(program, weights, options));
    ANEBENCH_TRY(plan_for_device(*verified.function, options));
    ANEBENCH_ASSIGN(prepared, ane::prepare_for_ane(program, options.function, *verified.weights));
    ane::AneCompilation compilation;
    compilation.inputs = verified.function->inputs;
    compilation.outputs = std::move(verified.outputs);
    compilation.prepared = std::move(prepared);
    compilation.notes = std::move(verified.notes);
    compilation.qos = static_cast<std::uint32_t>(options.qos);
    return ane::compile_for_ane(framework_, std::move(compilation), clock_);
  }

  Result<SurfacePointer> create_surface(const mil::Type& type) override {
    return ane::AneSurface::create(framework_, type, CompileOptions{}.max_memory);
  }

 private:
  void remove_abandoned() const {
    if (const auto parent = framework_->temporary_directory()) {
      ane::remove_abandoned_folders(*parent);
    }
  }

  std::shared_ptr<const Framework> framework_;
  EngineFacts engine_;
  DeviceInfo info_;
  SteadyClock clock_;
};

Result<std::shared_ptr<const Framework>> open_framework(ane::Survey& survey) {
  const ane::FrameworkLocation location = ane::locate_framework();
  auto framework = Framework::open(location, survey);
  const ane::SurveyItem* obstacle = survey.first_obstacle();
  if (framework || obstacle == nullptr || obstacle->kind != ane::SurveyKind::library) {
    return framework;
  }
  return fail_with_context(framework.error(), "there is no Neural Engine to be reached here");
}

}  // namespace

Result<std::unique_ptr<Device>> open_ane() {
  ane::Survey survey;
  ANEBENCH_ASSIGN(framework, open_framework(survey), "device ane");
  return std::make_unique<AneDevice>(std::move(framework));
}

std::string ane_unavailable_reason() {
  ane::Survey survey;
  const auto framework = open_framework(survey);
  return framework ? "" : framework.error().to_string();
}

AneInspection inspect_ane() {
  AneInspection inspection;
  inspection.location = ane::locate_framework();
  const auto framework = open_framework(inspection.survey);
  if (!framework) {
    inspection.obstacle = framework.error().to_string();
    return inspection;
  }
  inspection.engine = (*framework)->engine_facts();
  const auto folder = (*framework)->temporary_directory();
  if (!folder) {
    inspection.folder_problem = folder.error().to_string();
    return inspection;
  }
  inspection.temporary_directory = folder->string();
  inspection.abandoned_folders = ane::remove_abandoned_folders(*folder);
  const auto tried =
      ane::ModelFolder::create(*folder, fmt::format("anebench_doctor_{}", ::getpid()));
  if (!tried) inspection.folder_problem = tried.error().to_string();
  return inspection;
}

}  // namespace anebench::device
