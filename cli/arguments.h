// Arguments to commands, read by CLI11: each file arguments_*.cpp adds a group of commands, and
// arguments_shared.h has what they share. No other part of the program knows CLI11.
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <vector>

namespace anebench::cli {

// A subcommand and what runs it once its arguments have been read.
struct Command {
  const CLI::App* app = nullptr;
  std::function<int()> run;
};
using Commands = std::vector<Command>;

// In the order in which --help lists them.
void add_experiment_commands(CLI::App& app, Commands& commands);
void add_model_commands(CLI::App& app, Commands& commands);
void add_check_commands(CLI::App& app, Commands& commands);
void add_chip_commands(CLI::App& app, Commands& commands);
void add_result_commands(CLI::App& app, Commands& commands);
void add_machine_commands(CLI::App& app, Commands& commands);

}  // namespace anebench::cli
