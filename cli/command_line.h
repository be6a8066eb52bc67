// Arguments to commands. The only part of the program that knows CLI11.
#pragma once

#include <functional>
#include <variant>

namespace anebench::cli {

// The command to run; or, where help was printed or the arguments were wrong (and that was said),
// the exit status.
std::variant<std::function<int()>, int> parse_command_line(int argc, const char* const* argv);

}  // namespace anebench::cli
