#include "anebench/experiments/reload_times.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "anebench/experiments/reload_steps.h"
#include "anebench/stats/rank_interval.h"

namespace anebench::experiments {
namespace {

// The median of the calls behind a series' steady samples: the last of all.
stats::Estimate steady_median(const std::vector<double>& calls, const measure::Series& series) {
  const std::size_t count = std::min(calls.size(), series.steady().size() * series.batch);
  return stats::median_estimate(std::span(calls).last(count));
}

// Compilations that a comparison makes beyond its samples: of the warm-up, and while the batch is
// chosen.
constexpr std::size_t kWarmupCompilations = 4;
constexpr std::size_t kFurtherCompilations = 6;
constexpr std::size_t kLeastSamples = 6;

// Both comparisons compile once a sample; a device that may not compile that often gets fewer.
Result<measure::Plan> within_budget(measure::Plan plan, std::optional<std::size_t> compilations) {
  if (!compilations) return plan;
  const std::size_t spent = kWarmupCompilations + kFurtherCompilations;
  const std::size_t each = *compilations / 2;
  if (each < spent + kLeastSamples) {
    return fail(ErrorCode::resource_exhausted,
                "this process may compile {} more programs, too few to measure compiling; run the "
                "case in another process (--isolate)",
                *compilations);
  }
  plan.warmup = {.kind = measure::Warmup::Kind::count, .count = kWarmupCompilations};
  plan.samples = std::min(plan.samples.value_or(each), each - spent);
  return plan;
}

}  // namespace

ReloadBench::ReloadBench(device::Device& device, const programs::BenchmarkProgram& a,
                         const programs::BenchmarkProgram& b, const device::CompileOptions& options)
    : device_(device), a_(a), b_(b), options_(options), watch_(device.clock()) {}

Result<void> ReloadBench::prepare() {
  ANEBENCH_ASSIGN(content_a, weight_file_content(a_));
  ANEBENCH_ASSIGN(content_b, weight_file_content(b_));
  contents_ = {std::move(content_a), std::move(content_b)};
  ANEBENCH_ASSIGN(executable, device_.compile(a_.program, a_.weights, options_));
  ANEBENCH_TRY(executable->load());
  reloaded_ = std::move(executable);
  return {};
}

Result<void> ReloadBench::compile_and_load() {
  watch_.stop();
  fresh_.reset();
  watch_.go_on();
  const std::int64_t start = watch_.now_ns();
  ANEBENCH_ASSIGN(executable, device_.compile(a_.program, a_.weights, options_), "compile");
  compile_ns_.push_back(static_cast<double>(watch_.now_ns() - start));
  fresh_ = std::move(executable);
  return fresh_->load();
}

Result<void> ReloadBench::first_load() {
  watch_.stop();
  fresh_.reset();
  ANEBENCH_ASSIGN(executable, device_.compile(a_.program, a_.weights, options_), "compile");
  fresh_ = std::move(executable);
  watch_.go_on();
  return fresh_->load();
}

Result<void> ReloadBench::reload() {
  watch_.stop();
  std::vector<std::byte> content = contents_[next_content_];
  next_content_ = 1 - next_content_;
  const Clock& clock = device_.clock();
  const std::int64_t written = clock.now_ns();
  ANEBENCH_TRY(
      reloaded_->replace_weight_file(std::string(programs::kWeightFile), std::move(content)));
  replace_ns_.push_back(static_cast<double>(clock.now_ns() - written));
  watch_.go_on();
  const std::int64_t start = watch_.now_ns();
  ANEBENCH_TRY(reloaded_->unload());
  const std::int64_t unloaded = watch_.now_ns();
  ANEBENCH_TRY(reloaded_->load());
  unload_ns_.push_back(static_cast<double>(unloaded - start));
  load_again_ns_.push_back(static_cast<double>(watch_.now_ns() - unloaded));
  return {};
}

ReloadTimes ReloadBench::measure(const measure::Plan& wanted, std::uint64_t seed,
                                 const measure::Hooks& hooks) {
  ReloadTimes times;
  if (auto prepared = prepare(); !prepared) {
    times.against_compile.error = prepared.error();
    return times;
  }
  const auto affordable = within_budget(wanted, device_.compilations_left());
  if (!affordable) {
    times.against_compile.error = affordable.error();
    return times;
  }
  const measure::Plan& plan = *affordable;
  times.against_compile = measure::measure_pair(
      [&] { return compile_and_load(); }, [&] { return reload(); }, plan, seed, watch_, hooks);
  times.compile_ns = steady_median(compile_ns_, times.against_compile.a);
  times.unload_ns = steady_median(unload_ns_, times.against_compile.b);
  times.load_again_ns = steady_median(load_again_ns_, times.against_compile.b);
  times.replace_ns = steady_median(replace_ns_, times.against_compile.b);
  if (times.against_compile.error) return times;
  times.against_first_load = measure::measure_pair(
      [&] { return reload(); }, [&] { return first_load(); }, plan, seed, watch_, hooks);
  watch_.go_on();
  return times;
}

}  // namespace anebench::experiments
