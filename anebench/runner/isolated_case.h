// A case in a process of its own: this program, started again with the case's arguments. Whatever
// that process does, each planned record is reported: as it came, or with the outcome that tells
// what became of the process.
//
//   ANEBENCH_TRY(run_isolated(one, {.program = *this_program(), .limits = {.seconds = 60}},
//   reporter));
//
// What comes from the process is not trusted: a line that is neither a record of this case nor a
// message (messages.h) ends it.
#pragma once

#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/runner/case.h"
#include "anebench/runner/child_process.h"
#include "anebench/runner/reporter.h"

namespace anebench::runner {

struct Isolation {
  // Understands Case::arguments, and then `more_arguments`, which make it write its records and
  // messages, and nothing else, to standard output.
  std::string program;
  std::vector<std::string> more_arguments = {"--json", "-", "--quiet", "--isolated-child"};
  ChildLimits limits = {};
};

// Reports the records of `one`, with the run's id in place of the process's own. Errors: the
// reporter's; io_error where no process can be started. Where the user stops the run, what has not
// come is not reported.
Result<void> run_isolated(const Case& one, const Isolation& isolation, Reporter& reporter);

}  // namespace anebench::runner
