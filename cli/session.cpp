#include "session.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "anebench/base/file.h"
#include "anebench/base/units.h"
#include "anebench/report/csv.h"
#include "anebench/report/markdown.h"
#include "anebench/runner/messages.h"

namespace anebench::cli {
namespace {

constexpr auto kProgressInterval = std::chrono::milliseconds(100);

// A path that will be written at the end: fail before measuring, not after.
Result<void> require_writable_folder(const std::string& path) {
  if (path.empty() || path == "-") return {};
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code ignored;
  if (!folder.empty() && !std::filesystem::is_directory(folder, ignored)) {
    return fail(ErrorCode::io_error, "{} cannot be written: there is no folder {}", path,
                folder.string());
  }
  if (std::filesystem::is_directory(path, ignored)) {
    return fail(ErrorCode::io_error, "{} cannot be written: it is a folder", path);
  }
  return {};
}

Result<void> write_to(const std::string& path, std::string_view text) {
  if (path.empty()) return {};
  return path == "-" ? write_stdout(text) : write_file_atomically(path, text);
}

// To the process that started this one; where that is gone, this one ends soon anyhow.
template <typename Message>
void tell_parent(const OutputOptions& options, std::string_view text) {
  if (!options.is_isolated_child || options.json != "-" || text.empty()) return;
  (void)write_stdout(runner::to_line(Message{std::string(text)}));
}

double seconds_between(std::chrono::steady_clock::time_point from,
                       std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

Result<std::unique_ptr<Session>> Session::open(const OutputOptions& options, Console& console,
                                               const std::atomic<bool>& interrupted) {
  const std::string* outputs[] = {&options.json, &options.csv, &options.markdown};
  const auto on_stdout = std::count_if(std::begin(outputs), std::end(outputs),
                                       [](auto* path) { return *path == "-"; });
  if (on_stdout > 1) {
    return fail(ErrorCode::invalid_argument,
                "only one of --json, --csv and --markdown can have standard output");
  }
  if (options.resume && (options.json.empty() || options.json == "-")) {
    return fail(ErrorCode::invalid_argument,
                "--resume needs the file of the run that is resumed: --json FILE");
  }
  ANEBENCH_TRY(require_writable_folder(options.csv));
  ANEBENCH_TRY(require_writable_folder(options.markdown));
  std::unique_ptr<Session> session(new Session(options, console, interrupted));
  if (!options.json.empty() && options.json != "-") {
    ANEBENCH_TRY(require_writable_folder(options.json));
    ANEBENCH_ASSIGN(journal, record::Journal::open(options.json));
    session->journal_ = std::move(journal);
  }
  return session;
}

bool Session::take_over(std::string_view id) {
  if (there_.contains(id)) return true;
  if (!options_.resume || !journal_ || !journal_->contains(id)) return false;
  const auto& existing = journal_->existing();
  const auto found = std::find_if(existing.begin(), existing.end(),
                                  [&](const record::Record& record) { return record.id == id; });
  records_.push_back(*found);
  there_.emplace(id);
  return true;
}

Result<void> Session::record(const record::Record& record) {
  records_.push_back(record);
  there_.insert(record.id);
  console_.detail(fmt::format("{} {}: {}", record.program.name, record.variant,
                              to_string(record.outcome.state)));
  if (journal_) return journal_->append(record, options_.keep_samples);
  if (options_.json == "-") return write_stdout(record::to_line(record, options_.keep_samples));
  return {};
}

void Session::begin_case(std::size_t index, std::size_t count, std::string_view name) {
  if (index != index_) case_start_ = std::chrono::steady_clock::now();
  index_ = index;
  count_ = count;
  case_name_ = name;
  step("");
}

void Session::step(std::string_view what) {
  step_ = what;
  tell_parent<runner::StepMessage>(options_, what);
  const std::string text = step_.empty() ? case_name_ : fmt::format("{}: {}", case_name_, step_);
  console_.detail(fmt::format("[{}/{}] {}", index_ + 1, count_, text));
  last_shown_ = {};
  show("");
}

void Session::progress(const measure::Progress& progress) {
  show(fmt::format(" {}{:.0f} %, {} left", progress.is_warmup ? "(warming up) " : "",
                   progress.fraction * 100, format_duration_ns(progress.seconds_left * 1e9)));
}

// One line: configuration i of n, what, how far, and when all is expected to be over.
void Session::show(std::string_view percent) {
  const Time now = std::chrono::steady_clock::now();
  if (!console_.shows_progress() || now - last_shown_ < kProgressInterval) return;
  last_shown_ = now;
  std::string line = fmt::format("[{}/{}] {}{}{}{}", index_ + 1, count_, case_name_,
                                 step_.empty() ? "" : ": ", step_, percent);
  if (index_ > 0) {
    const double each = seconds_between(run_start_, case_start_) / static_cast<double>(index_);
    const double left = std::max(
        0.0, each * static_cast<double>(count_ - index_) - seconds_between(case_start_, now));
    line += fmt::format("; in all about {}", format_duration_ns(left * 1e9));
  }
  console_.progress(line);
}

void Session::note(std::string_view text) {
  notes_.emplace_back(text);
  tell_parent<runner::NoteMessage>(options_, text);
  console_.detail(text);
}

std::vector<record::Record> Session::take_records() {
  std::vector<record::Record> fresh(records_.begin() + static_cast<std::ptrdiff_t>(taken_),
                                    records_.end());
  taken_ = records_.size();
  return fresh;
}

std::vector<std::string> Session::take_notes() { return std::exchange(notes_, {}); }

Result<void> Session::write_tables(const report::Document& report) {
  ANEBENCH_TRY(write_to(options_.csv, report::to_csv(records_)));
  return write_to(options_.markdown, report::to_markdown(report));
}

std::string Session::resume_hint() const {
  if (!journal_) {
    return "Nothing was kept; with --json FILE the cases that end are, and --resume goes on.";
  }
  return fmt::format(
      "The cases that ended are in {}; repeat the command with --resume to go on with the rest.",
      options_.json);
}

}  // namespace anebench::cli
