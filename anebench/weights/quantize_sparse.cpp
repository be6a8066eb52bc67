// Magnitude pruning, and conversion to fp16.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "anebench/weights/quantize.h"
#include "anebench/weights/quantize_common.h"

namespace anebench::weights {

using mil::DataType;

Result<SparseTensor> quantize_sparse(std::span<const float> values, const mil::Shape& shape,
                                     const SparseOptions& options) {
  ANEBENCH_TRY(check_values(values, shape));
  ANEBENCH_TRY(check_real_type(options.value_type));
  if (!(options.sparsity >= 0 && options.sparsity <= 1)) {
    return fail(ErrorCode::invalid_argument, "a sparsity of {} where a share of 0 to 1 is needed",
                options.sparsity);
  }

  // Ordered by what goes first; a total order, so that the choice does not depend on the library.
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto pruned = std::min(
      values.size(),
      static_cast<std::size_t>(std::floor(options.sparsity * static_cast<double>(values.size()))));
  const auto cut = order.begin() + static_cast<std::ptrdiff_t>(pruned);
  std::nth_element(order.begin(), cut, order.end(), [&](std::size_t a, std::size_t b) {
    const float magnitude_a = std::abs(values[a]);
    const float magnitude_b = std::abs(values[b]);
    return magnitude_a != magnitude_b ? magnitude_a < magnitude_b : a > b;
  });

  std::vector<std::uint8_t> mask(values.size(), 1);
  std::for_each(order.begin(), cut, [&](std::size_t index) { mask[index] = 0; });
  std::vector<double> kept;
  std::vector<float> restored(values.size(), 0.0F);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (mask[i] == 0) continue;
    const double value = rounded_to(options.value_type, static_cast<double>(values[i]));
    if (!std::isfinite(value)) {
      return fail(ErrorCode::invalid_argument, "the value {} is too large for {}", values[i],
                  mil::to_string(options.value_type));
    }
    if (value == 0) {
      mask[i] = 0;
      continue;
    }
    kept.push_back(value);
    restored[i] = static_cast<float>(value);
  }
  return SparseTensor{.mask = code_tensor(DataType::uint1, shape, mask),
                      .nonzero_data = real_tensor(options.value_type,
                                                  {static_cast<std::int64_t>(kept.size())}, kept),
                      .error = quantization_error(values, restored)};
}

Result<Ios16Sparse> to_ios16(const SparseTensor& tensor) {
  ANEBENCH_ASSIGN(shape, shape_value(tensor.mask.type().shape()));
  const auto packed = tensor.mask.bytes();
  return Ios16Sparse{
      .mask = mil::Value::packed(
          mil::Type::tensor(DataType::uint8, {static_cast<std::int64_t>(packed.size())}),
          {packed.begin(), packed.end()}),
      .nonzero_data = tensor.nonzero_data,
      .shape = std::move(shape)};
}

Result<HalfTensor> to_fp16(std::span<const float> values, const mil::Shape& shape) {
  const auto count = mil::element_count(shape);
  if (!count || static_cast<std::uint64_t>(*count) != values.size()) {
    return fail(ErrorCode::invalid_argument, "{} values do not make a tensor of shape {}",
                values.size(), mil::to_string(shape));
  }
  std::vector<std::uint16_t> halves(values.size());
  halves_from_floats(values, halves);
  std::vector<float> restored(values.size());
  floats_from_halves(halves, restored);
  mil::Value::Bytes bytes(halves.size() * sizeof(std::uint16_t));
  if (!bytes.empty()) std::memcpy(bytes.data(), halves.data(), bytes.size());
  return HalfTensor{
      .data = mil::Value::packed(mil::Type::tensor(DataType::fp16, shape), std::move(bytes)),
      .error = quantization_error(values, restored)};
}

}  // namespace anebench::weights
