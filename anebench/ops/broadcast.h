// Walks two tensors that broadcast against each other, row by row.
//
//   const BroadcastRows rows(a.dims(), b.dims(), out_dims);
//   for (std::size_t r = 0; r < rows.count(); ++r) {
//     const auto [first_a, first_b] = rows.offsets(r);
//     for (std::size_t i = 0; i < rows.length(); ++i)
//       out[r * rows.length() + i] = f(a[first_a + i * rows.step_a()], b[first_b + i *
//       rows.step_b()]);
//   }
//
// Neighbouring dimensions that both operands walk alike are joined, so that rows are long.
// Immutable; safe from several threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace anebench::ops {

class BroadcastRows {
 public:
  // `out` is the shape that `a` and `b` broadcast to.
  BroadcastRows(std::span<const std::int64_t> a, std::span<const std::int64_t> b,
                std::span<const std::int64_t> out);

  std::size_t count() const { return count_; }
  std::size_t length() const { return row_.size; }
  // 0 or 1.
  std::size_t step_a() const { return row_.stride_a; }
  std::size_t step_b() const { return row_.stride_b; }
  // The first elements of row `row`.
  std::pair<std::size_t, std::size_t> offsets(std::size_t row) const;

 private:
  struct Axis {
    std::size_t size = 1;
    std::size_t stride_a = 0;
    std::size_t stride_b = 0;
  };
  std::vector<Axis> outer_;  // outermost first
  Axis row_;
  std::size_t count_ = 1;
};

}  // namespace anebench::ops
