#include "anebench/device/cpu/rearrangement.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "anebench/device/cpu/parallel.h"

namespace anebench::device::cpu {
namespace {

using Run = Rearrangement::Run;
static_assert(sizeof(Run) == 16);

// The view whose elements are these, if they are one's.
std::optional<ops::StridedView> find_view(std::span<const std::int32_t> sources,
                                          std::span<const std::int64_t> dims) {
  if (std::ranges::find(sources, Run::kFill) != sources.end()) return std::nullopt;
  ops::StridedView view;
  view.offset = sources[0];
  std::size_t inner = sources.size();
  for (const std::int64_t size : dims) {
    inner /= static_cast<std::size_t>(size);
    if (size == 1) continue;
    const std::int64_t stride = std::int64_t{sources[inner]} - sources[0];
    if (!view.dims.empty() && view.strides.back() == size * stride) {
      view.dims.back() *= size;
      view.strides.back() = stride;
    } else {
      view.dims.push_back(size);
      view.strides.push_back(stride);
    }
  }
  std::vector<std::int64_t> index(view.dims.size(), 0);
  std::int64_t source = view.offset;
  for (const std::int32_t actual : sources) {
    if (actual != source) return std::nullopt;
    for (std::size_t d = index.size(); d-- > 0;) {
      source += view.strides[d];
      if (++index[d] < view.dims[d]) break;
      source -= view.dims[d] * view.strides[d];
      index[d] = 0;
    }
  }
  return view;
}

std::vector<Run> find_runs(std::span<const std::int32_t> sources) {
  std::vector<Run> runs;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (!runs.empty()) {
      Run& run = runs.back();
      const bool both_fill = run.source == Run::kFill && sources[i] == Run::kFill;
      const bool neither = run.source != Run::kFill && sources[i] != Run::kFill;
      const std::int32_t step = sources[i] - sources[i - 1];
      if (both_fill || (neither && (run.count == 1 || step == run.step))) {
        run.step = both_fill ? 0 : step;
        ++run.count;
        continue;
      }
    }
    runs.push_back(
        {.source = sources[i], .step = 0, .target = static_cast<std::uint32_t>(i), .count = 1});
  }
  return runs;
}

// --- Copies -----------------------------------------------------------------------------------

template <std::size_t kWidth>
void copy_strided(const std::byte* from, std::int64_t step, std::byte* to, std::size_t count) {
  if (step == 1) {
    std::memcpy(to, from, count * kWidth);
    return;
  }
  const std::int64_t bytes = step * static_cast<std::int64_t>(kWidth);
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(to + i * kWidth, from + static_cast<std::int64_t>(i) * bytes, kWidth);
  }
}

// A view's dimensions as loops: rows along the last one, `blocked` the dimension whose elements are
// neighbours in memory, with which rows are walked in square blocks so that cache lines are used
// up.
template <std::size_t kWidth>
class ViewCopy {
 public:
  ViewCopy(const ops::StridedView& view, const std::byte* from, std::byte* to)
      : view_(view), from_(from), to_(to), rank_(view.dims.size()) {
    length_ = static_cast<std::size_t>(view.dims[rank_ - 1]);
    step_ = view.strides[rank_ - 1];
    std::size_t stride = length_;
    for (std::size_t d = rank_ - 1; d-- > 0;) {
      if (step_ != 1 && view.strides[d] == 1 && blocked_ == kNoDim) {
        blocked_ = d;
        blocked_size_ = static_cast<std::size_t>(view.dims[d]);
        blocked_target_ = stride;
      }
      stride *= static_cast<std::size_t>(view.dims[d]);
      rows_ *= static_cast<std::size_t>(view.dims[d]);
    }
  }

  void run(ThreadPool& pool) const {
    const double row_ns = static_cast<double>(length_ * kWidth) * (step_ == 1 ? 0.1 : 0.3) + 5;
    if (blocked_ == kNoDim) {
      parallel_ranges(pool, rows_, grain_of(row_ns), [&](std::size_t begin, std::size_t end, int) {
        for (std::size_t row = begin; row < end; ++row) {
          const auto [source, target] = places(row, kNoDim);
          copy_strided<kWidth>(from_ + source * kSigned, step_, to_ + target * kWidth, length_);
        }
      });
      return;
    }
    const std::size_t blocks = (blocked_size_ + kBlock - 1) / kBlock;
    parallel_ranges(pool, rows_ / blocked_size_ * blocks, grain_of(row_ns * kBlock),
                    [&](std::size_t begin, std::size_t end, int) {
                      for (std::size_t i = begin; i < end; ++i) {
                        copy_block(i / blocks, i % blocks * kBlock);
                      }
                    });
  }

 private:
  static constexpr std::size_t kNoDim = static_cast<std::size_t>(-1);
  static constexpr std::size_t kBlock = 32;
  static constexpr auto kSigned = static_cast<std::int64_t>(kWidth);

  // Elements before the row, of all rows or of those with index 0 in the dimension left out.
  std::pair<std::int64_t, std::size_t> places(std::size_t row, std::size_t left_out) const {
    std::int64_t source = view_.offset;
    std::size_t target = 0;
    std::size_t stride = length_;
    for (std::size_t d = rank_ - 1; d-- > 0;) {
      const auto size = static_cast<std::size_t>(view_.dims[d]);
      if (d != left_out) {
        source += static_cast<std::int64_t>(row % size) * view_.strides[d];
        target += row % size * stride;
        row /= size;
      }
      stride *= size;
    }
    return {source, target};
  }

  void copy_block(std::size_t outer, std::size_t first) const {
    const auto [source, target] = places(outer, blocked_);
    const std::size_t last = std::min(first + kBlock, blocked_size_);
    for (std::size_t column = 0; column < length_; column += kBlock) {
      const std::size_t count = std::min(kBlock, length_ - column);
      for (std::size_t i = first; i < last; ++i) {
        const std::int64_t at =
            source + static_cast<std::int64_t>(i) + static_cast<std::int64_t>(column) * step_;
        copy_strided<kWidth>(from_ + at * kSigned, step_,
                             to_ + (target + i * blocked_target_ + column) * kWidth, count);
      }
    }
  }

  const ops::StridedView& view_;
  const std::byte* from_;
  std::byte* to_;
  std::size_t rank_;
  std::size_t length_ = 1;
  std::int64_t step_ = 1;
  std::size_t rows_ = 1;
  std::size_t blocked_ = kNoDim;
  std::size_t blocked_size_ = 1;
  std::size_t blocked_target_ = 0;
};

template <std::size_t kWidth>
void copy_runs(const std::vector<Run>& runs, const std::byte* fill, const std::byte* from,
               std::byte* to, ThreadPool& pool) {
  if (runs.empty()) return;
  const double mean = static_cast<double>(std::size_t{runs.back().target} + runs.back().count) /
                      static_cast<double>(runs.size());
  parallel_ranges(pool, runs.size(), grain_of(mean * 0.5 + 5),
                  [&](std::size_t begin, std::size_t end, int) {
                    for (std::size_t i = begin; i < end; ++i) {
                      const Run& run = runs[i];
                      const bool fills = run.source == Run::kFill;
                      const std::byte* source =
                          fills ? fill : from + std::int64_t{run.source} * std::int64_t{kWidth};
                      copy_strided<kWidth>(source, run.step, to + run.target * kWidth, run.count);
                    }
                  });
}

template <std::size_t kWidth>
void copy_typed(const Rearrangement& how, const std::byte* fill, const std::byte* from,
                std::byte* to, ThreadPool& pool) {
  if (how.first) {
    return parallel_copy(from + *how.first * kWidth, to, how.count * kWidth, pool);
  }
  if (how.view) return ViewCopy<kWidth>(*how.view, from, to).run(pool);
  copy_runs<kWidth>(how.runs, fill, from, to, pool);
}

}  // namespace

Rearrangement rearrangement_of(std::span<const std::int32_t> sources,
                               std::span<const std::int64_t> dims) {
  Rearrangement result{.count = sources.size()};
  if (sources.empty()) {
    result.first = 0;
    return result;
  }
  if (auto view = find_view(sources, dims)) {
    const bool is_consecutive =
        view->dims.empty() || (view->dims.size() == 1 && view->strides[0] == 1);
    if (is_consecutive) {
      result.first = static_cast<std::size_t>(view->offset);
    } else {
      result.view = std::move(view);
    }
    return result;
  }
  result.runs = find_runs(sources);
  return result;
}

void copy_rearranged(const Rearrangement& how, std::size_t element_bytes, const std::byte* fill,
                     const std::byte* from, std::byte* to, ThreadPool& pool) {
  switch (element_bytes) {
    case 1: return copy_typed<1>(how, fill, from, to, pool);
    case 2: return copy_typed<2>(how, fill, from, to, pool);
    case 4: return copy_typed<4>(how, fill, from, to, pool);
    default: return copy_typed<8>(how, fill, from, to, pool);
  }
}

}  // namespace anebench::device::cpu
