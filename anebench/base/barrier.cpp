#include "anebench/base/barrier.h"

#include <thread>

namespace anebench {

void Barrier::wait() {
  // This thread's own arrival is still missing, so the round cannot change between the two lines.
  const std::uint32_t round = round_.load(std::memory_order_relaxed);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == participants_) {
    arrived_.store(0, std::memory_order_relaxed);
    round_.store(round + 1, std::memory_order_release);
    return;
  }
  for (int i = 0; round_.load(std::memory_order_acquire) == round; ++i) {
    if (i < spins_) {
      cpu_relax();
    } else {
      std::this_thread::yield();
      i = spins_;
    }
  }
}

}  // namespace anebench
