#include "anebench/experiments/ceiling.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "anebench/experiments/case_list.h"
#include "anebench/experiments/ceiling_calls.h"
#include "anebench/experiments/ceiling_passes.h"
#include "anebench/experiments/context.h"

namespace anebench::experiments {
namespace {

constexpr std::size_t kWarmup = 5;
constexpr std::size_t kClassicPasses = 50;
// With --quick, each comparison and each series: the whole ends in about eight seconds.
constexpr double kQuickPassSeconds = 0.4;

struct Configuration {
  std::int64_t channels;
  std::int64_t width;
  const char* name;
  bool is_quick;
};
constexpr Configuration kConfigurations[] = {
    {64, 32, "test", true}, {256, 64, "small", true}, {768, 256, "prod", false}};

Result<runner::Case> plan_passes(const ContextPointer& context, const Configuration& configuration,
                                 std::int64_t kernels) {
  const CaseParameters selection = {{"part", "passes"},
                                    {"channels", std::to_string(configuration.channels)},
                                    {"width", std::to_string(configuration.width)}};
  const programs::ProgramSpec kernel = ceiling_spec(configuration.channels, configuration.width, 1);
  const programs::ProgramSpec whole =
      ceiling_spec(configuration.channels, configuration.width, kernels);
  runner::Case one;
  one.name = fmt::format("ceiling on {}: {} kernels of {}x{} ({})", context->device_record.name,
                         kernels, configuration.channels, configuration.width, configuration.name);
  one.arguments = case_arguments(*context, selection);
  for (const std::string_view variant : kPassVariants) {
    const bool is_whole = variant == kPassVariants.back();
    ANEBENCH_ASSIGN(planned, plan_record(*context, is_whole ? whole : kernel, std::string(variant),
                                         selection, {{"kernels", std::to_string(kernels)}}));
    one.planned.push_back(std::move(planned));
  }
  one.run = [context, kernel, whole, planned = one.planned](runner::Reporter& reporter) {
    return run_passes(*context, kernel, whole, planned, reporter);
  };
  return one;
}

Result<runner::Case> plan_calls(const ContextPointer& context, const CallExperiment& experiment) {
  const CaseParameters selection = {{"part", experiment.part}};
  runner::Case one;
  one.name = fmt::format("ceiling on {}: {}", context->device_record.name, experiment.title);
  one.arguments = case_arguments(*context, selection);
  for (const CallCondition& condition : experiment.conditions) {
    ANEBENCH_ASSIGN(planned, plan_record(*context, ceiling_spec(1, 1, 1), condition.variant,
                                         selection, {{"part", experiment.part}}));
    one.planned.push_back(std::move(planned));
  }
  one.run = [context, experiment, planned = one.planned](runner::Reporter& reporter) {
    return run_calls(*context, experiment, planned, reporter);
  };
  return one;
}

}  // namespace

Result<std::vector<runner::Case>> ceiling_cases(const CeilingOptions& options,
                                                std::shared_ptr<device::Device> device,
                                                const Settings& settings) {
  if (options.kernels < 2) {
    return fail(ErrorCode::invalid_argument, "--kernels takes 2 or more: a pass chains them");
  }
  Settings actual = settings;
  actual.plan.classic_warmup = kWarmup;
  actual.plan.classic_iterations = kClassicPasses;
  if (settings.quick && settings.plan.max_seconds == measure::quick_plan().max_seconds) {
    actual.plan.max_seconds = kQuickPassSeconds;
  }
  ExperimentIdentity identity = {
      .experiment = "ceiling", .arguments = {"ceiling"}, .qos = kDefaultQos};
  if (options.kernels != CeilingOptions{}.kernels) {
    identity.arguments.insert(identity.arguments.end(),
                              {"--kernels", std::to_string(options.kernels)});
  }
  ANEBENCH_ASSIGN(context, make_context(std::move(identity), std::move(device), actual));
  CaseSelection selection(settings.filter);
  std::vector<runner::Case> cases;
  for (const Configuration& configuration : kConfigurations) {
    if (settings.quick && !configuration.is_quick) continue;
    if (!selection.accepts({{"part", "passes"},
                            {"channels", std::to_string(configuration.channels)},
                            {"width", std::to_string(configuration.width)}})) {
      continue;
    }
    ANEBENCH_ASSIGN(one, plan_passes(context, configuration, options.kernels), configuration.name);
    cases.push_back(std::move(one));
  }
  // A prediction knows of one call at a time: neither idle gaps nor calls in flight change it.
  const auto calls = context->device->info().has_outputs ? call_experiments(settings.quick)
                                                         : std::vector<CallExperiment>();
  for (const CallExperiment& experiment : calls) {
    if (!selection.accepts({{"part", experiment.part}})) continue;
    ANEBENCH_ASSIGN(one, plan_calls(context, experiment), experiment.title);
    cases.push_back(std::move(one));
  }
  ANEBENCH_TRY(selection.check("ceiling"));
  return cases;
}

}  // namespace anebench::experiments
