#include "console.h"

#include <fmt/format.h>
#include <unistd.h>

#include "anebench/base/env.h"
#include "anebench/base/file.h"
#include "anebench/report/terminal.h"
#include "anebench/report/text_width.h"

namespace anebench::cli {
namespace {

constexpr std::size_t kWidth = 100;

bool is_terminal(std::FILE* file) { return isatty(fileno(file)) != 0; }

bool wants_color(Color color, std::FILE* file) {
  if (color != Color::automatic) return color == Color::always;
  // https://no-color.org
  if (const auto no_color = env("NO_COLOR"); no_color && !no_color->empty()) return false;
  return is_terminal(file) && env("TERM").value_or("") != "dumb";
}

}  // namespace

Status status_of(const Error& error) {
  switch (error.code()) {
    case ErrorCode::unavailable: return kUnavailable;
    case ErrorCode::invalid_argument:
    case ErrorCode::not_found:
    case ErrorCode::parse_error:
    case ErrorCode::io_error: return kUsage;
    default: return kCheckFailed;
  }
}

Console::Console(const ConsoleOptions& options, bool data_on_stdout)
    : options_(options),
      out_(data_on_stdout ? stderr : stdout),
      color_(wants_color(options.color, out_)),
      shows_progress_(!options.quiet && is_terminal(stderr)) {}

void Console::print(const report::Document& document) {
  print_raw(report::to_terminal(document, {.color = color_, .width = kWidth}));
}

void Console::print_raw(std::string_view text) {
  clear_progress();
  std::fwrite(text.data(), 1, text.size(), out_);
  std::fflush(out_);
}

void Console::message(std::string_view text) {
  if (options_.quiet) return;
  clear_progress();
  fmt::print(stderr, "{}\n", text);
}

void Console::detail(std::string_view text) {
  if (options_.verbose) message(text);
}

Status Console::error(std::string_view what, const Error& error) {
  return this->error(what, error.to_string(), status_of(error));
}

Status Console::error(std::string_view what, std::string_view reason, Status status) {
  clear_progress();
  fmt::print(stderr, "anebench: cannot {}: because {}\n", what, reason);
  return status;
}

void Console::progress(std::string_view text) {
  if (!shows_progress_) return;
  fmt::print(stderr, "\r\x1b[2K{}", report::cut_to_width(text, kWidth - 20));
  std::fflush(stderr);
  progress_is_shown_ = true;
}

void Console::clear_progress() {
  if (!progress_is_shown_) return;
  fmt::print(stderr, "\r\x1b[2K");
  std::fflush(stderr);
  progress_is_shown_ = false;
}

Result<void> write_stdout(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    return fail(ErrorCode::io_error, "standard output cannot be written");
  }
  return {};
}

Result<void> write_json(const std::string& path, const Json& json) {
  const std::string line = dump_json(json) + '\n';
  return path == "-" ? write_stdout(line) : write_file_atomically(path, line);
}

}  // namespace anebench::cli
