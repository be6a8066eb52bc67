// One run of an experiment: writes each record as its case ends, skips what is there already, shows
// progress, and writes the other outputs at the end.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "anebench/record/journal.h"
#include "anebench/report/document.h"
#include "anebench/runner/reporter.h"
#include "console.h"

namespace anebench::cli {

class Session final : public runner::Reporter {
 public:
  // Opens the journal. Errors: outputs that contradict one another or cannot be written.
  static Result<std::unique_ptr<Session>> open(const OutputOptions& options, Console& console,
                                               const std::atomic<bool>& interrupted);

  bool take_over(std::string_view id) override;
  std::span<const record::Record> records() const override { return records_; }
  Result<void> record(const record::Record& record) override;
  void begin_case(std::size_t index, std::size_t count, std::string_view name) override;
  void step(std::string_view what) override;
  void progress(const measure::Progress& progress) override;
  void note(std::string_view text) override;
  const std::atomic<bool>* cancelled() override { return &interrupted_; }

  // The cases so far, taken over or new, and the notes, since the last call.
  std::vector<record::Record> take_records();
  std::vector<std::string> take_notes();

  // All records of the run as CSV, and the reports as Markdown, to where the options say.
  Result<void> write_tables(const report::Document& report);

  // How to go on after an interruption, as a sentence.
  std::string resume_hint() const;

 private:
  using Time = std::chrono::steady_clock::time_point;

  Session(const OutputOptions& options, Console& console, const std::atomic<bool>& interrupted)
      : options_(options), console_(console), interrupted_(interrupted) {}

  void show(std::string_view percent);

  OutputOptions options_;
  Console& console_;
  const std::atomic<bool>& interrupted_;
  std::optional<record::Journal> journal_;
  std::vector<record::Record> records_;
  // The ids of records_.
  std::set<std::string, std::less<>> there_;
  std::size_t taken_ = 0;
  std::vector<std::string> notes_;

  std::size_t index_ = 0;
  std::size_t count_ = 0;
  std::string case_name_;
  std::string step_;
  Time run_start_ = std::chrono::steady_clock::now();
  Time case_start_ = run_start_;
  Time last_shown_{};
};

}  // namespace anebench::cli
