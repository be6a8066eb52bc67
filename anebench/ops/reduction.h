// What the reductions share: the shape that is left, and the elements that fall together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/type.h"
#include "anebench/ops/arguments.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {

// `reduced` says for each dimension of `shape` whether it is reduced: to 1, or away.
mil::Shape reduced_shape(const mil::Shape& shape, const std::vector<bool>& reduced, bool keep_dims);

// Where the elements of a reduction are. Element r of output o is at kept[o] + along[r].
struct ReductionOffsets {
  std::vector<std::size_t> kept;
  std::vector<std::size_t> along;
};
ReductionOffsets reduction_offsets(std::span<const std::int64_t> dims,
                                   const std::vector<bool>& reduced);

// The count of ops that do so many operations for each element of their input `x`.
template <int kOperationsPerElement>
Result<double> count_each_input(const Arguments& arguments,
                                std::span<const mil::Type> /*outputs*/) {
  ANEBENCH_ASSIGN(x, known_tensor(arguments, "x"));
  return kOperationsPerElement * static_cast<double>(x.element_count);
}

// The elements of one output, as T.
template <typename T>
class Reduced {
 public:
  // Element r is elements[first + offsets[r]].
  Reduced(std::span<const T> elements, std::size_t first, std::span<const std::size_t> offsets)
      : elements_(elements), first_(first), offsets_(offsets) {}

  std::size_t size() const { return offsets_.size(); }
  T operator[](std::size_t index) const { return elements_[first_ + offsets_[index]]; }

 private:
  std::span<const T> elements_;
  std::size_t first_;
  std::span<const std::size_t> offsets_;
};

}  // namespace anebench::ops
