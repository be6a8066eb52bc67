// How many programs this process has given to the Neural Engine's compiler. After about 119 the
// system's compiler fails in every program of the process, without a word; so the device stops
// before that, and the work goes on in another process (runner/run.h). Thread-safe.
//
// Source of the number: spec/ane-runtime.md, Known limits.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

namespace anebench::device::ane {

inline constexpr std::size_t kCompilationsPerProcess = 119;

class CompileBudget {
 public:
  // Takes one compilation; false where none is left.
  bool take() {
    if (used_.fetch_add(1) < kCompilationsPerProcess) return true;
    used_.fetch_sub(1);
    return false;
  }
  std::size_t used() const { return used_.load(); }
  std::size_t left() const {
    return kCompilationsPerProcess - std::min(used(), kCompilationsPerProcess);
  }
  // For tests, which use a stand-in that can forget, too.
  void reset() { used_ = 0; }

 private:
  std::atomic<std::size_t> used_ = 0;
};

// The process's.
CompileBudget& compile_budget();

}  // namespace anebench::device::ane
