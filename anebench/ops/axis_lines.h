// A tensor as the lines along one of its axes: what softmax, sums and sorts walk through.
//
//   const AxisLines lines(x.dims(), axis);
//   for (std::size_t i = 0; i < lines.count; ++i)
//     for (std::size_t k = 0; k < lines.length; ++k) use(values[lines.first(i) + k * lines.step]);
//
// Plain values; safe to read from several threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "anebench/base/result.h"
#include "anebench/ops/arguments.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {

struct AxisLines {
  AxisLines(std::span<const std::int64_t> dims, std::size_t axis) {
    const AxisSplit split = split_at(dims, axis);
    count = split.outer * split.inner;
    length = split.channels;
    step = split.inner;
  }

  // The line's first element.
  std::size_t first(std::size_t line) const { return line / step * length * step + line % step; }

  std::size_t count = 0;
  // Elements of a line, and their distance from each other.
  std::size_t length = 0;
  std::size_t step = 1;
};

// An axis in [-rank, rank), made non-negative; `fallback` (of the same range) where it is absent.
Result<std::size_t> axis_or(const Arguments& arguments, std::string_view parameter,
                            std::size_t rank, std::int64_t fallback);

}  // namespace anebench::ops
