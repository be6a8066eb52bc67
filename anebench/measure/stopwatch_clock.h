// A clock that can be stopped: measures a part of what a callable does, so that making things ready
// for the measured part (a fresh executable, a replaced file) does not count.
//
//   StopwatchClock watch(device->clock());
//   const Work work = [&]() -> Result<void> {
//     watch.stop();
//     prepare();
//     watch.go_on();
//     return measured();
//   };
//   measure_series(work, plan, watch);
//
// A plan's time limits then hold for what is measured alone. Must not outlive the clock that it
// reads. Stopping and going on belong to one thread.
#pragma once

#include <cstdint>

#include "anebench/base/clock.h"

namespace anebench::measure {

class StopwatchClock final : public Clock {
 public:
  explicit StopwatchClock(const Clock& clock) : clock_(clock) {}

  std::int64_t now_ns() const override {
    return (is_stopped_ ? stopped_at_ : clock_.now_ns()) - left_out_;
  }
  std::int64_t resolution_ns() const override { return clock_.resolution_ns(); }

  // Stopping twice is stopping once; so is going on.
  void stop() {
    if (is_stopped_) return;
    stopped_at_ = clock_.now_ns();
    is_stopped_ = true;
  }
  void go_on() {
    if (!is_stopped_) return;
    left_out_ += clock_.now_ns() - stopped_at_;
    is_stopped_ = false;
  }

 private:
  const Clock& clock_;
  bool is_stopped_ = false;
  std::int64_t stopped_at_ = 0;
  std::int64_t left_out_ = 0;
};

}  // namespace anebench::measure
