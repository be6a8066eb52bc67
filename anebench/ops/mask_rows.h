// How an attention's mask, which broadcasts to the scores, is walked beside them: dimensions of 1
// are repeated, as are those that the mask lacks.
//
//   const MaskRows rows(mask_dims, query_dims);
//   for (std::size_t i = 0; i < keys; ++i) scores[i] += mask[rows.first(row) + i * rows.step()];
//
// Immutable; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace anebench::ops {

class MaskRows {
 public:
  // Preconditions: both have dimensions, and the mask no more than the query.
  MaskRows(std::span<const std::int64_t> mask, std::span<const std::int64_t> query);

  // The mask's element for the first key and row `row` of the queries, those of all batches.
  std::size_t first(std::size_t row) const;
  // From one key to the next: 0 or 1.
  std::size_t step() const { return step_; }

 private:
  struct Axis {
    std::size_t size;
    std::size_t stride;
  };
  std::vector<Axis> axes_;  // of the query's dimensions but the last, innermost first
  std::size_t step_ = 1;
};

}  // namespace anebench::ops
