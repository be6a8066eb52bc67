#include "anebench/runner/run.h"

#include <algorithm>

#include "anebench/runner/test_fault.h"

namespace anebench::runner {
namespace {

// Passes on what is missing of a case that is partly there.
class MissingOnly final : public Reporter {
 public:
  explicit MissingOnly(Reporter& next) : next_(next) {}

  bool take_over(std::string_view id) override { return next_.take_over(id); }
  std::span<const record::Record> records() const override { return next_.records(); }
  Result<void> record(const record::Record& record) override {
    if (next_.take_over(record.id)) return {};
    return next_.record(record);
  }
  void step(std::string_view what) override { next_.step(what); }
  void progress(const measure::Progress& progress) override { next_.progress(progress); }
  void note(std::string_view text) override { next_.note(text); }
  const std::atomic<bool>* cancelled() override { return next_.cancelled(); }

 private:
  Reporter& next_;
};

// Every record is asked for, so that all that are there count among this run's.
bool is_done(const Case& one, Reporter& reporter) {
  return std::count_if(one.planned.begin(), one.planned.end(), [&](const record::Record& record) {
           return reporter.take_over(record.id);
         }) == static_cast<std::ptrdiff_t>(one.planned.size());
}

Result<void> run_one(const Case& one, const RunOptions& options, Reporter& reporter) {
  if (options.isolation && !one.is_summary) {
    return run_isolated(one, *options.isolation, reporter);
  }
  if (options.fresh_process && !one.is_summary && options.fresh_process->is_needed()) {
    return run_isolated(one, options.fresh_process->isolation, reporter);
  }
  act_on_test_fault(one.name);
  return one.run(reporter);
}

}  // namespace

Result<void> run_cases(std::span<const Case> cases, const RunOptions& options, Reporter& reporter) {
  const std::size_t total = options.total == 0 ? cases.size() : options.total;
  MissingOnly missing(reporter);
  bool has_left_out_summary = false;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& one = cases[i];
    if (!options.shard.selects(one, options.first + i)) {
      has_left_out_summary |= one.is_summary;
      continue;
    }
    reporter.begin_case(options.first + i, total, one.name);
    if (is_done(one, reporter)) continue;
    ANEBENCH_TRY(run_one(one, options, missing), one.name);
    if (reporter.is_cancelled()) {
      return fail(ErrorCode::timeout, "stopped by the user; the cases that ended are kept");
    }
  }
  if (has_left_out_summary) {
    reporter.note(fmt::format(
        "part {} of {}: what is computed from all cases is left out; `anebench merge` computes it "
        "from the files of all parts",
        options.shard.index, options.shard.count));
  }
  return {};
}

}  // namespace anebench::runner
