// Test support: work that takes a scripted time of a virtual clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "anebench/base/clock.h"
#include "anebench/measure/measure.h"

namespace anebench::measure {

inline constexpr std::int64_t kMillisecond = 1'000'000;

// A plan that ends as soon as its statistics let it.
inline Plan quiet_plan() {
  Plan plan;
  plan.min_seconds = 0;
  return plan;
}

// A VirtualClock with a coarser resolution.
class CoarseClock final : public Clock {
 public:
  explicit CoarseClock(std::int64_t resolution_ns) : resolution_ns_(resolution_ns) {}
  std::int64_t now_ns() const override { return now_ / resolution_ns_ * resolution_ns_; }
  std::int64_t resolution_ns() const override { return resolution_ns_; }
  void advance(std::int64_t duration_ns) { now_ += duration_ns; }

 private:
  std::int64_t resolution_ns_;
  std::int64_t now_ = 0;
};

// Call number n (from 0) takes cost(n) nanoseconds; the call number `fails_at` fails at once.
template <typename AnyClock>
struct FakeWork {
  AnyClock* clock;
  std::function<std::int64_t(std::size_t)> cost;
  std::size_t fails_at = SIZE_MAX;
  std::size_t calls = 0;
  // Where set, every call appends its letter.
  std::string* log = nullptr;
  char letter = 'A';

  // A callable that refers to this object.
  Work work() {
    return [this]() -> Result<void> {
      if (calls == fails_at) return fail(ErrorCode::wrong_result, "call {} fails", calls);
      clock->advance(cost(calls++));
      if (log != nullptr) *log += letter;
      return {};
    };
  }
};

template <typename AnyClock>
FakeWork<AnyClock> constant_work(AnyClock& clock, std::int64_t cost_ns) {
  return {&clock, [cost_ns](std::size_t) { return cost_ns; }};
}

}  // namespace anebench::measure
