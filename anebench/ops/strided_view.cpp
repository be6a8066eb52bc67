#include "anebench/ops/strided_view.h"

#include <cstring>

namespace anebench::ops {
namespace {

// The rows of a view along its innermost dimension, walked in order from any row on.
class RowWalk {
 public:
  RowWalk(const StridedView& view, std::size_t first_row)
      : view_(view),
        outer_rank_(view.dims.empty() ? 0 : view.dims.size() - 1),
        index_(outer_rank_, 0),
        position_(view.offset) {
    for (std::size_t d = outer_rank_; d-- > 0;) {
      index_[d] = static_cast<std::int64_t>(first_row % static_cast<std::size_t>(view.dims[d]));
      first_row /= static_cast<std::size_t>(view.dims[d]);
      position_ += index_[d] * view.strides[d];
    }
  }

  // The position of the row's first element.
  std::int64_t position() const { return position_; }

  void next() {
    for (std::size_t d = outer_rank_; d-- > 0;) {
      position_ += view_.strides[d];
      if (++index_[d] < view_.dims[d]) return;
      position_ -= view_.dims[d] * view_.strides[d];
      index_[d] = 0;
    }
  }

 private:
  const StridedView& view_;
  std::size_t outer_rank_;
  std::vector<std::int64_t> index_;
  std::int64_t position_;
};

// The size of one element in bytes, for the widths that are copied.
Result<std::size_t> element_bytes(mil::DataType type) {
  const int bits = mil::bit_width(type);
  if (bits == 8 || bits == 16 || bits == 32 || bits == 64) {
    return static_cast<std::size_t>(bits) / 8;
  }
  return fail(ErrorCode::unsupported, "{} elements are no whole bytes and cannot be moved",
              to_string(type));
}

struct Row {
  std::byte* target;
  const std::byte* source;
  std::ptrdiff_t target_step;  // in elements
  std::ptrdiff_t source_step;
  std::size_t count;
};

template <std::size_t kBytes>
void copy_row(const Row& row) {
  if (row.target_step == 1 && row.source_step == 1) {
    std::memcpy(row.target, row.source, row.count * kBytes);
    return;
  }
  constexpr auto kWidth = static_cast<std::ptrdiff_t>(kBytes);
  std::byte* target = row.target;
  const std::byte* source = row.source;
  for (std::size_t i = 0; i < row.count; ++i) {
    std::memcpy(target + static_cast<std::ptrdiff_t>(i) * row.target_step * kWidth,
                source + static_cast<std::ptrdiff_t>(i) * row.source_step * kWidth, kBytes);
  }
}

void copy_row(std::size_t bytes, const Row& row) {
  switch (bytes) {
    case 1: return copy_row<1>(row);
    case 2: return copy_row<2>(row);
    case 4: return copy_row<4>(row);
    default: return copy_row<8>(row);
  }
}

// Between a packed tensor and a view of another, row by row. `body` makes the row from the packed
// element's index, the view's position, and the row's length and step.
template <typename MakeRow>
void for_each_row(OpContext& context, const StridedView& view, std::size_t bytes,
                  const MakeRow& make_row) {
  const std::size_t count = view.element_count();
  if (count == 0) return;
  const std::size_t length = view.dims.empty() ? 1 : static_cast<std::size_t>(view.dims.back());
  const std::ptrdiff_t step = view.strides.empty() ? 1 : view.strides.back();
  context.parallel_for(count / length, [&](std::size_t begin, std::size_t end) {
    RowWalk walk(view, begin);
    for (std::size_t row = begin; row < end; ++row, walk.next()) {
      copy_row(bytes, make_row(row * length, walk.position(), length, step));
    }
  });
}

}  // namespace

StridedView StridedView::of(std::span<const std::int64_t> dims) {
  StridedView view;
  view.dims.assign(dims.begin(), dims.end());
  view.strides.resize(dims.size());
  std::int64_t stride = 1;
  for (std::size_t d = dims.size(); d-- > 0;) {
    view.strides[d] = stride;
    // Unsigned: the product may wrap around where another dimension is 0; then nothing is named.
    stride = static_cast<std::int64_t>(static_cast<std::uint64_t>(stride) *
                                       static_cast<std::uint64_t>(dims[d]));
  }
  return view;
}

StridedView StridedView::permuted(std::span<const std::size_t> permutation) const {
  StridedView view;
  view.offset = offset;
  for (const std::size_t d : permutation) {
    view.dims.push_back(dims[d]);
    view.strides.push_back(strides[d]);
  }
  return view;
}

std::size_t StridedView::element_count() const {
  std::size_t count = 1;
  for (const std::int64_t dim : dims) count *= static_cast<std::size_t>(dim);
  return count;
}

Result<Tensor> gather(OpContext& context, const Tensor& source, const StridedView& view,
                      std::span<const std::int64_t> dims) {
  ANEBENCH_ASSIGN(bytes, element_bytes(source.data_type()));
  ANEBENCH_ASSIGN(out, Tensor::create(mil::Type::tensor(source.data_type(), to_shape(dims))));
  std::byte* const target = out.mutable_bytes().data();
  const std::byte* const from = source.bytes().data();
  const auto width = static_cast<std::ptrdiff_t>(bytes);
  for_each_row(
      context, view, bytes,
      [&](std::size_t index, std::int64_t position, std::size_t length, std::ptrdiff_t step) {
        return Row{target + index * bytes, from + position * width, 1, step, length};
      });
  return out;
}

Result<void> scatter(OpContext& context, Tensor& target, const StridedView& view,
                     const Tensor& source) {
  ANEBENCH_ASSIGN(bytes, element_bytes(target.data_type()));
  std::byte* const to = target.mutable_bytes().data();
  const std::byte* const from = source.bytes().data();
  const auto width = static_cast<std::ptrdiff_t>(bytes);
  for_each_row(
      context, view, bytes,
      [&](std::size_t index, std::int64_t position, std::size_t length, std::ptrdiff_t step) {
        return Row{to + position * width, from + index * bytes, step, 1, length};
      });
  return {};
}

Result<Tensor> rearrange(OpContext& context, const Tensor& x, std::span<const std::int64_t> split,
                         std::span<const std::size_t> permutation,
                         std::span<const std::int64_t> joined) {
  return gather(context, x, StridedView::of(split).permuted(permutation), joined);
}

}  // namespace anebench::ops
