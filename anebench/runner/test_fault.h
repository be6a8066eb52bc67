// Faults on request, so that tests can show what becomes of a run in which a case goes wrong. Only
// in builds with tests (the macro ANEBENCH_TEST_FAULTS); elsewhere the variable does nothing.
//
//   ANEBENCH_TEST_FAULT=crash:depth 64 anebench peak --isolate     # only cases so named
//
// crash: a segmentation fault; hang: sleeps for ever; allocate: takes memory, 1 GiB at the most,
// and gives up; exit: status 3 with a word on standard error; garbage: a line that is no record.
#pragma once

#include <string_view>

namespace anebench::runner {

// Called where a case starts in the process that runs it.
void act_on_test_fault(std::string_view case_name);

}  // namespace anebench::runner
