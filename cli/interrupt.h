// Ctrl-C: the first asks the measurement to end after the current sample, the second ends the
// program at once.
#pragma once

#include <atomic>

namespace anebench::cli {

// Installs the handler and gives the flag that it sets. The flag lives as long as the program.
const std::atomic<bool>& watch_for_interrupt();

}  // namespace anebench::cli
