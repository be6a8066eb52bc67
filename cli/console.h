// Where text goes: results to standard output (or standard error where records have that), progress
// and messages to standard error. Not thread-safe.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "anebench/base/json.h"
#include "anebench/base/result.h"
#include "anebench/report/document.h"
#include "options.h"

namespace anebench::cli {

// Exit statuses of every command.
enum Status : int {
  kOk = 0,
  kCheckFailed = 1,
  kUsage = 2,
  kUnavailable = 3,
  kInconclusive = 4,
  kInterrupted = 130,
};

// What an error means for the exit status.
Status status_of(const Error& error);

class Console {
 public:
  // `data_on_stdout`: records, CSV or Markdown go to standard output, so tables must not.
  explicit Console(const ConsoleOptions& options, bool data_on_stdout = false);

  // A document in the terminal's style. --quiet does not touch it.
  void print(const report::Document& document);
  // Text as it is, to where documents go.
  void print_raw(std::string_view text);
  // A line on standard error; not with --quiet.
  void message(std::string_view text);
  // A line on standard error, only with --verbose.
  void detail(std::string_view text);
  // "anebench: cannot X: because Y", always.
  Status error(std::string_view what, const Error& error);
  Status error(std::string_view what, std::string_view reason, Status status);

  // One line that is written again and again, only on a terminal; cleared before anything else.
  void progress(std::string_view text);
  void clear_progress();
  bool shows_progress() const { return shows_progress_; }

 private:
  ConsoleOptions options_;
  std::FILE* out_;
  bool color_ = false;
  bool shows_progress_ = false;
  bool progress_is_shown_ = false;
};

// Writes data (records, CSV) to standard output. Errors: io_error (a closed pipe).
Result<void> write_stdout(std::string_view text);
// A JSON value on one line, to a file or, for "-", to standard output. Errors: io_error.
Result<void> write_json(const std::string& path, const Json& json);

}  // namespace anebench::cli
