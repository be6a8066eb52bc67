// Runs the program as a user would: a process of its own, with its output caught.
#pragma once

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
};

// `environment` is added to this process's. Standard input is empty.
Result<Outcome> run_cli(const std::vector<std::string>& arguments,
                        const std::vector<std::pair<std::string, std::string>>& environment = {});

// The same, and after the first record has come to `journal`, an interrupt is sent.
Result<Outcome> run_cli_and_interrupt(const std::vector<std::string>& arguments,
                                      const std::string& journal);

std::vector<std::string> lines_of(std::string_view text);

}  // namespace anebench::tests
