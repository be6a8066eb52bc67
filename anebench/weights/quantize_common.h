// What the kinds of quantization share: checked input, groups of elements, and rounding to fp16 or
// fp32. Internal to this layer. Pure functions; thread-safe.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "anebench/base/half.h"
#include "anebench/base/result.h"
#include "anebench/mil/data_type.h"
#include "anebench/mil/type.h"
#include "anebench/mil/value.h"

namespace anebench::weights {

// Errors unless the shape has a rank of at least 1, known dimensions and exactly values.size() (not
// 0) elements, and all values are finite.
Result<void> check_values(std::span<const float> values, const mil::Shape& shape);
// Errors unless the type is fp16 or fp32.
Result<void> check_real_type(mil::DataType type);
// The dimension that `axis` (negative: from the end) names.
Result<std::size_t> checked_axis(std::int64_t axis, const mil::Shape& shape);

// A tensor cut into equal boxes ("groups"), numbered row-major. Elements of one group lie in runs.
class Groups {
 public:
  // `block_shape[d]` elements along each dimension, 0 for all of them. Errors where it does not
  // divide the dimension.
  static Result<Groups> create(const mil::Shape& shape, std::span<const std::int64_t> block_shape);
  // `channels` indices of `axis` to a group.
  static Result<Groups> along_axis(const mil::Shape& shape, std::size_t axis,
                                   std::int64_t channels);

  // Groups along each dimension.
  const mil::Shape& counts() const { return counts_; }
  std::size_t count() const { return count_; }

  // Calls visit(first element, elements, group) for each run, in row-major order.
  template <typename Visit>
  void for_each_run(Visit&& visit) const {
    std::vector<std::size_t> index(outer_.size(), 0);
    for (std::size_t first = 0; first < element_count_;) {
      std::size_t group = 0;
      for (std::size_t d = 0; d < index.size(); ++d) {
        group = group * outer_[d].groups + index[d] / outer_[d].block;
      }
      for (std::size_t i = 0; i < runs_in_row_; ++i, first += run_) {
        visit(first, run_, group * runs_in_row_ + i);
      }
      for (std::size_t d = index.size(); d-- > 0;) {
        if (++index[d] < outer_[d].groups * outer_[d].block) break;
        index[d] = 0;
      }
    }
  }

 private:
  struct Dimension {
    std::size_t groups;
    std::size_t block;
  };
  mil::Shape counts_;
  std::size_t count_ = 1;
  std::size_t element_count_ = 1;
  // Dimensions before the last one that is cut; that one has runs_in_row_ groups of run_ elements.
  std::vector<Dimension> outer_;
  std::size_t runs_in_row_ = 1;
  std::size_t run_ = 1;
};

// The value in fp16 or fp32, as a double; infinite where it does not fit.
inline double rounded_to(mil::DataType type, double value) {
  return type == mil::DataType::fp16 ? round_to_half(value)
                                     : static_cast<double>(static_cast<float>(value));
}

// A tensor of fp16 or fp32 from numbers that are exact in it.
mil::Value real_tensor(mil::DataType type, mil::Shape shape, std::span<const double> elements);
// A tensor of integers of at most 8 bits from their codes (low bits of each byte).
mil::Value code_tensor(mil::DataType type, mil::Shape shape, std::span<const std::uint8_t> codes);
// The dimensions as a uint32 vector.
Result<mil::Value> shape_value(const mil::Shape& shape);

}  // namespace anebench::weights
