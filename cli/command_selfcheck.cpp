#include <fmt/format.h>

#include <span>

#include "anebench/base/cpu_features.h"
#include "anebench/base/thread_pool.h"
#include "anebench/experiments/selfcheck.h"
#include "anebench/report/selfcheck_report.h"
#include "commands.h"
#include "console.h"
#include "experiment_command.h"
#include "interrupt.h"

namespace anebench::cli {
namespace {

// By default enough to see a share of 99 % to within 0.6 %, and the bars of the statistics.
constexpr std::size_t kVerdictRuns = 1000;
constexpr std::size_t kStatisticsRuns = 2000;

int threads_of(const SharedOptions& options) {
  return options.threads > 0 ? options.threads : hardware_threads();
}

// Prints the report, or says why there is none. `Cells` know failure_of().
template <typename Cells>
int finish(Console& console, const std::string& what, const Result<Cells>& cells,
           const std::atomic<bool>& interrupted, auto&& report) {
  console.clear_progress();
  if (interrupted) return kInterrupted;
  if (!cells) return console.error(what, cells.error());
  console.print(report(*cells));
  for (const auto& cell : *cells) {
    if (!failure_of(cell).empty()) return kCheckFailed;
  }
  return kOk;
}

int check_verdict(const SelfcheckArguments& arguments) {
  Console console(arguments.shared.console);
  const std::string what = "check the verdict";
  const std::atomic<bool>& interrupted = watch_for_interrupt();
  experiments::ConfusionOptions options;
  options.runs = arguments.runs.value_or(kVerdictRuns);
  options.seed = arguments.shared.seed;
  if (arguments.shared.quick) options.ladder = experiments::LadderSize::shortened;
  ThreadPool pool(threads_of(arguments.shared));
  const auto cells = experiments::confusion_matrix(
      options, pool,
      [&](std::size_t index, std::size_t count, const std::string& cell) {
        console.progress(fmt::format("[{}/{}] {}", index + 1, count, cell));
        console.detail(fmt::format("[{}/{}] {}", index + 1, count, cell));
      },
      &interrupted);
  return finish(console, what, cells, interrupted,
                [](const auto& all) { return report::confusion_report(all); });
}

int check_statistics(const SelfcheckArguments& arguments) {
  Console console(arguments.shared.console);
  const std::atomic<bool>& interrupted = watch_for_interrupt();
  ThreadPool pool(threads_of(arguments.shared));
  console.progress("measuring made-up noise");
  const auto cells = experiments::statistics_check(arguments.runs.value_or(kStatisticsRuns),
                                                   arguments.shared.seed, pool, &interrupted);
  return finish(console, "check the statistics", cells, interrupted,
                [](const auto& all) { return report::statistics_report(all); });
}

}  // namespace

int run_selfcheck(const SelfcheckArguments& arguments) {
  if (arguments.verdict) return check_verdict(arguments);
  if (arguments.statistics) return check_statistics(arguments);
  const experiments::SelfcheckOptions options{
      arguments.runs.value_or(experiments::kSelfComparisons)};
  const Experiment experiment = {"selfcheck",
                                 [options](const auto& device, const auto& settings) {
                                   return experiments::selfcheck_cases(options, device, settings);
                                 },
                                 report::selfcheck_report};
  return run_experiments("run selfcheck", {&experiment, 1}, arguments.shared);
}

}  // namespace anebench::cli
