// Times the canary, a kernel-shaped loop, between blocks, and tells which blocks were disturbed.
// Internal to the layer.
#pragma once

#include <cstddef>

#include "anebench/base/clock.h"
#include "anebench/measure/measure.h"

namespace anebench::measure {

class Canary {
 public:
  // `hook` may be empty; all must outlive this.
  Canary(const std::function<std::optional<double>()>& hook, const Clock& clock,
         Conditions& conditions);

  // Before the first block: once to warm it up, once to time it.
  void start();
  // After a block: where enough time has passed that its share stays small.
  void after_block(std::size_t blocks);
  // After the last block: times it once more and flags blocks.
  void finish(std::size_t blocks);

 private:
  void run(std::size_t blocks);

  const std::function<std::optional<double>()>* hook_;
  const Clock* clock_;
  Conditions* conditions_;
  std::int64_t last_end_ns_ = 0;
  double last_duration_ns_ = 0;
};

// Blocks next to a canary that ran below 93 % of its best rate. `canary_blocks` says how many
// blocks were complete at each timing.
std::vector<std::size_t> flag_blocks(std::span<const double> canary_ns,
                                     std::span<const std::size_t> canary_blocks);

}  // namespace anebench::measure
