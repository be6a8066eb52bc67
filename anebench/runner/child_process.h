// A program that is run as a child and watched: its output comes as lines, and it never outlives
// its limits, this process, or the call.
//
//   ANEBENCH_ASSIGN(end, run_child({"/usr/bin/worker", {"--part", "1"}},
//                                  {.seconds = 60, .memory_bytes = 1 << 30},
//                                  [](std::string_view line) -> Result<void> { return use(line); },
//                                  &interrupted));
//   if (end.fate == ChildFate::signalled) print("signal {}", end.code);
//
// The child is started with posix_spawn, in a process group of its own, which is killed whole when
// the call ends: nothing that it started stays behind. Its standard input is a pipe that closes
// when this process ends, however it ends; a child that called end_with_parent() ends then, too.
// Standard error is kept to its last few lines. Calls on several threads do not disturb one
// another.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/function_ref.h"
#include "anebench/base/json.h"
#include "anebench/base/result.h"

namespace anebench::runner {

struct ChildCommand {
  std::string program;  // path
  std::vector<std::string> arguments;
};

struct ChildLimits {
  std::optional<double> seconds = {};  // wall time
  // Resident memory of the child itself, looked at 50 times a second: a child that allocates fast
  // is above it for a moment.
  std::optional<std::uint64_t> memory_bytes = {};
  // A longer line ends the child.
  std::size_t line_bytes = JsonLimits{}.max_bytes;
};

enum class ChildFate : std::uint8_t {
  exited,         // code: its status
  signalled,      // code: the signal, which did not come from here
  timed_out,      // killed
  out_of_memory,  // killed
  stopped,        // killed because a line was refused
  cancelled,      // killed because the user stopped the run
};

struct ChildEnd {
  ChildFate fate = ChildFate::exited;
  int code = 0;
  // Why a line was refused.
  std::optional<Error> refusal;
  // The most resident memory that was seen; 0 where nobody looked.
  std::uint64_t peak_bytes = 0;
  // The end of standard error, at most kMaxLastWords bytes, without control characters but '\n'.
  std::string last_words;
};
inline constexpr std::size_t kMaxLastWords = 2000;

// Runs the child to its end. `on_line` gets each whole line of standard output, without its end;
// its error ends the child. Errors: only where no child could be started.
Result<ChildEnd> run_child(const ChildCommand& command, const ChildLimits& limits,
                           FunctionRef<Result<void>(std::string_view)> on_line,
                           const std::atomic<bool>* cancelled = nullptr);

// This very program, to be started again, even where its file has been replaced meanwhile.
Result<std::string> this_program();

// In a child: from now on the end of standard input ends this process (and its group, where it
// leads one). Starts a thread that sleeps until then.
void end_with_parent();

// "SIGSEGV", or "signal 77".
std::string signal_name(int signal);

// The text with '?' in place of control characters other than '\n', cut at `max_bytes`.
std::string printable(std::string_view text, std::size_t max_bytes);

}  // namespace anebench::runner
