#include "interrupt.h"

#include <csignal>

namespace anebench::cli {
namespace {

std::atomic<bool> is_interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may set it");

extern "C" void on_interrupt(int signal) {
  is_interrupted.store(true);
  // The second one ends the program.
  std::signal(signal, SIG_DFL);
}

}  // namespace

const std::atomic<bool>& watch_for_interrupt() {
  std::signal(SIGINT, on_interrupt);
  return is_interrupted;
}

}  // namespace anebench::cli
