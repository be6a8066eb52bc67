#include "anebench/runner/isolated_case.h"

#include <algorithm>
#include <csignal>
#include <optional>
#include <set>
#include <utility>

#include "anebench/base/units.h"
#include "anebench/runner/messages.h"

namespace anebench::runner {
namespace {

constexpr std::size_t kLastLines = 4;

// The last lines of a text, on one line.
std::string last_lines(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  std::size_t start = text.size();
  for (std::size_t i = 0; i < kLastLines && start != std::string_view::npos && start > 0; ++i) {
    start = text.rfind('\n', start - 1);
  }
  if (start != std::string_view::npos && start < text.size()) text.remove_prefix(start + 1);
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', '|');
  return line;
}

// What was seen, and what to do about it.
std::pair<std::string, std::string> describe(const ChildEnd& end, const ChildLimits& limits) {
  switch (end.fate) {
    case ChildFate::exited:
      if (end.code == 0) {
        return {"ended without this record", "is the program a different version than the run's?"};
      }
      return {fmt::format("ended with exit status {} and without this record", end.code),
              "its words say why"};
    case ChildFate::signalled:
      return {fmt::format("was ended by signal {} ({})", end.code, signal_name(end.code)),
              end.code == SIGKILL
                  ? "usually the system for lack of memory: --max-memory ends it before that"
                  : "a fault of this program or of a library: please report it with the command"};
    case ChildFate::timed_out:
      return {fmt::format("took longer than --timeout {} and was killed",
                          format_duration_ns(limits.seconds.value_or(0) * 1e9)),
              "allow more time, or leave the case out with --filter"};
    case ChildFate::out_of_memory:
      return {
          fmt::format("had {} of memory in use, more than --max-memory {}, and was killed",
                      format_bytes(end.peak_bytes), format_bytes(limits.memory_bytes.value_or(0))),
          "allow more memory, or leave the case out with --filter"};
    case ChildFate::stopped:
      return {fmt::format("was killed because it wrote {}",
                          end.refusal ? end.refusal->to_string() : "what it must not"),
              "something in it writes to standard output, or its memory is corrupt"};
    case ChildFate::cancelled: break;
  }
  return {"was stopped by the user", "resume the run"};
}

class IsolatedCase {
 public:
  IsolatedCase(const Case& one, const Isolation& isolation, Reporter& reporter)
      : case_(one), isolation_(isolation), reporter_(reporter) {
    for (const record::Record& record : one.planned) missing_.insert(record.id);
  }

  Result<void> run() {
    ChildCommand command{isolation_.program, case_.arguments};
    command.arguments.insert(command.arguments.end(), isolation_.more_arguments.begin(),
                             isolation_.more_arguments.end());
    const auto on_line = [&](std::string_view line) { return take(line); };
    ANEBENCH_ASSIGN(end, run_child(command, isolation_.limits, on_line, reporter_.cancelled()));
    if (reporter_error_) return fail(std::move(*reporter_error_));
    if (end.fate == ChildFate::cancelled) return {};
    return report_missing(end);
  }

 private:
  Result<void> take(std::string_view line) {
    ANEBENCH_ASSIGN(message, parse_message(line));
    if (const auto* step = std::get_if<StepMessage>(&message)) {
      step_ = step->text;
      reporter_.step(step_);
    } else if (const auto* note = std::get_if<NoteMessage>(&message)) {
      reporter_.note(note->text);
    } else {
      return take(std::get<record::Record>(std::move(message)));
    }
    return {};
  }

  Result<void> take(record::Record record) {
    if (missing_.erase(record.id) == 0) {
      return fail(ErrorCode::wrong_result, "a record that is none of the case's (id {}, {} {})",
                  printable(record.id, 64), printable(record.program.name, 40),
                  printable(record.variant, 40));
    }
    record.run = case_.planned.front().run;
    if (auto reported = reporter_.record(record); !reported) {
      reporter_error_ = reported.error();
      return reported;
    }
    return {};
  }

  Result<void> report_missing(const ChildEnd& end) {
    const auto [seen, advice] = describe(end, isolation_.limits);
    std::string message = "its process " + seen;
    if (!step_.empty()) message += fmt::format(" while at \"{}\"", step_);
    if (!end.last_words.empty()) {
      message += fmt::format("; its last words: {}", last_lines(end.last_words));
    }
    message += "; " + advice;
    if (missing_.empty() && end.fate != ChildFate::exited) {
      reporter_.note(fmt::format("{}: all records came, but then {}", case_.name, message));
    }
    for (record::Record record : case_.planned) {
      if (missing_.erase(record.id) == 0) continue;
      record.time = record::utc_now();
      record.outcome.state =
          end.fate == ChildFate::timed_out ? record::State::timeout : record::State::failed;
      record.outcome.stage = "process";
      record.outcome.message = message;
      ANEBENCH_TRY(reporter_.record(record));
    }
    return {};
  }

  const Case& case_;
  const Isolation& isolation_;
  Reporter& reporter_;
  std::set<std::string, std::less<>> missing_;
  std::string step_;
  std::optional<Error> reporter_error_;
};

}  // namespace

Result<void> run_isolated(const Case& one, const Isolation& isolation, Reporter& reporter) {
  return IsolatedCase(one, isolation, reporter).run();
}

}  // namespace anebench::runner
