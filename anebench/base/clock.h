// The time that a device's work is measured with: steady wall time where the work really runs,
// virtual time where it is predicted (evaluating then advances the clock).
//
// Implementations are safe to read from several threads.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace anebench {

class Clock {
 public:
  virtual ~Clock() = default;
  // Nanoseconds since an arbitrary start; never decreases.
  virtual std::int64_t now_ns() const = 0;
  // The smallest difference that the clock can show, in nanoseconds (at least 1).
  virtual std::int64_t resolution_ns() const = 0;
};

// std::chrono::steady_clock.
class SteadyClock final : public Clock {
 public:
  std::int64_t now_ns() const override {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
  // The kernel's high-resolution timers count in nanoseconds; reading them takes tens of them.
  std::int64_t resolution_ns() const override { return 30; }
};

// Moves only when told to.
class VirtualClock final : public Clock {
 public:
  std::int64_t now_ns() const override { return now_.load(std::memory_order_relaxed); }
  std::int64_t resolution_ns() const override { return 1; }
  // Precondition: duration_ns >= 0.
  void advance(std::int64_t duration_ns) { now_.fetch_add(duration_ns, std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> now_ = 0;
};

}  // namespace anebench
