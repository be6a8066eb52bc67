// A barrier for a fixed number of threads that meet often and soon: it spins, then yields the
// processor (there may be more threads than cores), and never sleeps.
//
// What each thread wrote before wait() is visible to all after it. Reusable at once.
#pragma once

#include <atomic>
#include <cstdint>

namespace anebench {

// Tells the processor that this is a waiting loop.
inline void cpu_relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield" ::: "memory");
#endif
}

class Barrier {
 public:
  // Precondition: participants >= 1. `spins` is how often a waiting thread looks before it yields;
  // 0 where there are more threads than processors.
  explicit Barrier(int participants, int spins = kDefaultSpins)
      : participants_(participants), spins_(spins) {}
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;

  // Returns when all participants have called it.
  void wait();

  int participants() const { return participants_; }
  int spins() const { return spins_; }

  // Two to ten microseconds on current processors (a pause takes 10 to 70 ns). Longer would only
  // help where yielding costs more than that, and hurts where two participants share a core.
  static constexpr int kDefaultSpins = 128;

 private:
  const int participants_;
  const int spins_;
  // The round is the "sense" that arriving threads wait to see changed.
  alignas(64) std::atomic<int> arrived_ = 0;
  alignas(64) std::atomic<std::uint32_t> round_ = 0;
};

}  // namespace anebench
