// Elementwise arithmetic on contiguous runs of fp16 (as bit patterns), fp32 and 8-bit elements, as
// the language defines it: computed in fp32, each result rounded once to its type.
//
// fp16 sums, products and quotients through fp32 equal those rounded directly: fp32 carries more
// than twice fp16's precision plus two bits. `out` may be the same run as an input. Pure;
// thread-safe; nothing allocates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace anebench::device::cpu {

// As the operations of these names; of NaN and a number, maximum and minimum are NaN.
enum class BinaryOperation : std::uint8_t { add, sub, mul, real_div, maximum, minimum };
// Nothing for other operations.
std::optional<BinaryOperation> find_binary_operation(std::string_view name);

// An operand: a run of elements, or one element for all.
template <typename T>
struct Operand {
  const T* data;
  bool is_scalar = false;
};

void relu(const std::uint16_t* x, std::uint16_t* out, std::size_t count);
void relu(const float* x, float* out, std::size_t count);

void binary(BinaryOperation operation, Operand<std::uint16_t> a, Operand<std::uint16_t> b,
            std::uint16_t* out, std::size_t count);
void binary(BinaryOperation operation, Operand<float> a, Operand<float> b, float* out,
            std::size_t count);

void cast(const std::uint16_t* x, float* out, std::size_t count);
void cast(const float* x, std::uint16_t* out, std::size_t count);

struct Affine8 {
  float scale = 1;
  std::int32_t zero_point = 0;
  bool is_signed = true;
};
// out = saturate(rne(fp16(x / scale)) + zero_point); 0 for NaN.
void quantize(const std::uint16_t* x, const Affine8& affine, std::uint8_t* out, std::size_t count);
// out = fp16(scale · (x − zero_point)).
void dequantize(const std::uint8_t* x, const Affine8& affine, std::uint16_t* out,
                std::size_t count);

}  // namespace anebench::device::cpu
