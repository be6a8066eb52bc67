// Runs the program as a user would: a process of its own, with its output caught.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "anebench/base/file.h"
#include "anebench/base/result.h"

namespace anebench::tests {

struct Outcome {
  int status = -1;  // exit status; 128 + signal where a signal ended it
  std::string out;
  std::string err;
  // Bytes in memory at the same time at most, mapped files included.
  std::uint64_t peak_memory = 0;
};

// `environment` is added to this process's. Standard input is empty.
Result<Outcome> run_cli(const std::vector<std::string>& arguments,
                        const std::vector<std::pair<std::string, std::string>>& environment = {});

// The same for tests that expect the program to start: a failure to do so fails the test.
Outcome run_or_die(const std::vector<std::string>& arguments);

// As run_cli, and after the first record has come to `journal`, an interrupt is sent.
Result<Outcome> run_cli_and_interrupt(const std::vector<std::string>& arguments,
                                      const std::string& journal);

// The same, and after `delay` the program is killed with SIGKILL, unless it has ended by then.
Result<Outcome> run_cli_and_kill(const std::vector<std::string>& arguments,
                                 std::chrono::milliseconds delay);

// The same at the first moment that is given as right; asked many times a second.
Result<Outcome> run_cli_and_kill_when(
    const std::vector<std::string>& arguments,
    const std::vector<std::pair<std::string, std::string>>& environment,
    const std::function<bool()>& is_moment);

// The library that stands in for the Neural Engine's framework.
std::string standin_library();

std::vector<std::string> lines_of(std::string_view text);

}  // namespace anebench::tests
