#include "anebench/ops/affine.h"

#include <fmt/format.h>

#include <utility>

namespace anebench::ops {

Result<Tensor> dequantize_affine(OpContext& context, const Tensor& quantized, const Tensor& scale,
                                 const Tensor* zero_point, std::size_t axis) {
  ANEBENCH_ASSIGN(out,
                  Tensor::create(mil::Type::tensor(scale.data_type(), quantized.type().shape())));
  const std::vector<double> scales = scale.to_doubles();
  const std::vector<double> zeros =
      zero_point == nullptr ? std::vector<double>{0} : zero_point->to_doubles();
  AxisSplit split{.inner = quantized.element_count()};
  if (scales.size() > 1 || zeros.size() > 1) split = split_at(quantized.dims(), axis);
  const std::span<std::byte> target = out.mutable_bytes();
  for_each_row_piece(context, split, [&](std::size_t channel, std::size_t begin, std::size_t end) {
    const auto factor = static_cast<float>(scales[scales.size() > 1 ? channel : 0]);
    const auto zero = static_cast<float>(zeros[zeros.size() > 1 ? channel : 0]);
    std::array<double, kElementChunk> storage;
    const std::span<double> values(storage.data(), end - begin);
    load_doubles(quantized.data_type(), quantized.bytes(), begin, values);
    for (double& value : values) {
      const float difference = static_cast<float>(value) - zero;
      value = static_cast<double>(difference * factor);
    }
    store_doubles(out.data_type(), target, begin, values);
  });
  return out;
}

Result<VectorForm> scalar_or_vector(const Arguments& arguments, std::string_view parameter,
                                    mil::Dim length) {
  ANEBENCH_ASSIGN(type, arguments.tensor_type(parameter));
  if (type.rank() == 0) return VectorForm::scalar;
  const bool fits = type.rank() == 1 && (type.shape()[0] == length || !length.is_known() ||
                                         !type.shape()[0].is_known());
  if (!fits) {
    return arguments.error(parameter, fmt::format("is {}, wants a scalar or a vector of {}",
                                                  to_string(type), to_string(mil::Shape{length})));
  }
  return VectorForm::vector;
}

}  // namespace anebench::ops
