// The windows of the pools over 1, 2 or 3 spatial dimensions. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/ops/arguments.h"

namespace anebench::ops {

// What a window covers along one dimension: the input's elements [first, last), and how many
// positions of the padded input.
struct PoolWindow {
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::int64_t padded = 0;
};

// Missing leading spatial dimensions are 1.
struct PoolWindows {
  std::array<std::int64_t, 3> in = {1, 1, 1};
  std::array<std::vector<PoolWindow>, 3> along;
};

// Of an op whose input and output have these dimensions.
Result<PoolWindows> pool_windows(const Arguments& arguments, std::span<const std::int64_t> in,
                                 std::span<const std::int64_t> out);

}  // namespace anebench::ops
