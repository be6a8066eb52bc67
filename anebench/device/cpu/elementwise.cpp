#include "anebench/device/cpu/elementwise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "anebench/base/half.h"
#include "anebench/ops/extremum.h"

namespace anebench::device::cpu {
namespace {

// Elements converted at a time: small enough for the first-level cache, large enough to hide calls.
constexpr std::size_t kChunk = 256;
using Floats = std::array<float, kChunk>;

void load(Operand<std::uint16_t> run, std::size_t first, std::span<float> out) {
  if (run.is_scalar) {
    std::fill(out.begin(), out.end(), half_to_float(*run.data));
  } else {
    floats_from_halves({run.data + first, out.size()}, out);
  }
}

template <typename Body>
void for_chunks(std::size_t count, Body body) {
  for (std::size_t first = 0; first < count; first += kChunk) {
    body(first, std::min(kChunk, count - first));
  }
}

// One loop an operation, so that each is vectorised.
template <typename A, typename B, typename Function>
void combine_each(A a, B b, float* out, std::size_t count, Function function) {
  for (std::size_t i = 0; i < count; ++i) out[i] = function(a(i), b(i));
}

template <typename A, typename B>
void combine(BinaryOperation operation, A a, B b, float* out, std::size_t count) {
  const auto each = [&](auto function) { combine_each(a, b, out, count, function); };
  switch (operation) {
    case BinaryOperation::add: return each([](float x, float y) { return x + y; });
    case BinaryOperation::sub: return each([](float x, float y) { return x - y; });
    case BinaryOperation::mul: return each([](float x, float y) { return x * y; });
    case BinaryOperation::real_div: return each([](float x, float y) { return x / y; });
    case BinaryOperation::maximum:
      return each([](float x, float y) { return ops::greater_of(x, y); });
    case BinaryOperation::minimum:
      return each([](float x, float y) { return ops::lesser_of(x, y); });
  }
}

}  // namespace

std::optional<BinaryOperation> find_binary_operation(std::string_view name) {
  constexpr std::pair<std::string_view, BinaryOperation> kNames[] = {
      {"add", BinaryOperation::add},         {"sub", BinaryOperation::sub},
      {"mul", BinaryOperation::mul},         {"real_div", BinaryOperation::real_div},
      {"maximum", BinaryOperation::maximum}, {"minimum", BinaryOperation::minimum}};
  for (const auto& [known, operation] : kNames) {
    if (known == name) return operation;
  }
  return std::nullopt;
}

void relu(const std::uint16_t* x, std::uint16_t* out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    // Numbers below 0 become 0; −0 and NaN (beyond the infinity's pattern) stay.
    const std::uint16_t bits = x[i];
    const bool is_negative = bits > 0x8000 && bits <= (0x8000 | kHalfInfinity);
    out[i] = is_negative ? std::uint16_t{0} : bits;
  }
}

void relu(const float* x, float* out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out[i] = x[i] < 0 ? 0.0F : x[i];
}

void binary(BinaryOperation operation, Operand<std::uint16_t> a, Operand<std::uint16_t> b,
            std::uint16_t* out, std::size_t count) {
  Floats left;
  Floats right;
  for_chunks(count, [&](std::size_t first, std::size_t size) {
    load(a, first, {left.data(), size});
    load(b, first, {right.data(), size});
    combine(
        operation, [&](std::size_t i) { return left[i]; }, [&](std::size_t i) { return right[i]; },
        left.data(), size);
    halves_from_floats({left.data(), size}, {out + first, size});
  });
}

void binary(BinaryOperation operation, Operand<float> a, Operand<float> b, float* out,
            std::size_t count) {
  if (a.is_scalar || b.is_scalar) {
    const float left = a.is_scalar ? *a.data : 0;
    const float right = b.is_scalar ? *b.data : 0;
    const auto run = [](const float* data) { return [data](std::size_t i) { return data[i]; }; };
    const auto same = [](float value) { return [value](std::size_t) { return value; }; };
    if (a.is_scalar && b.is_scalar) return combine(operation, same(left), same(right), out, count);
    if (a.is_scalar) return combine(operation, same(left), run(b.data), out, count);
    return combine(operation, run(a.data), same(right), out, count);
  }
  combine(
      operation, [&](std::size_t i) { return a.data[i]; }, [&](std::size_t i) { return b.data[i]; },
      out, count);
}

void cast(const std::uint16_t* x, float* out, std::size_t count) {
  floats_from_halves({x, count}, {out, count});
}

void cast(const float* x, std::uint16_t* out, std::size_t count) {
  halves_from_floats({x, count}, {out, count});
}

void quantize(const std::uint16_t* x, const Affine8& affine, std::uint8_t* out, std::size_t count) {
  const float low = affine.is_signed ? -128.0F : 0.0F;
  const float high = affine.is_signed ? 127.0F : 255.0F;
  const auto zero_point = static_cast<float>(affine.zero_point);
  Floats values;
  std::array<std::uint16_t, kChunk> halves;
  for_chunks(count, [&](std::size_t first, std::size_t size) {
    floats_from_halves({x + first, size}, {values.data(), size});
    for (std::size_t i = 0; i < size; ++i) values[i] /= affine.scale;
    halves_from_floats({values.data(), size}, {halves.data(), size});
    floats_from_halves({halves.data(), size}, {values.data(), size});
    for (std::size_t i = 0; i < size; ++i) {
      const float shifted = std::nearbyint(values[i]) + zero_point;
      const float q = std::isnan(shifted) ? 0.0F : std::clamp(shifted, low, high);
      out[first + i] = static_cast<std::uint8_t>(static_cast<std::int32_t>(q));
    }
  });
}

void dequantize(const std::uint8_t* x, const Affine8& affine, std::uint16_t* out,
                std::size_t count) {
  Floats values;
  for_chunks(count, [&](std::size_t first, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      const std::uint8_t raw = x[first + i];
      const std::int32_t q =
          affine.is_signed ? static_cast<std::int8_t>(raw) : static_cast<std::int32_t>(raw);
      values[i] = static_cast<float>(q - affine.zero_point) * affine.scale;
    }
    halves_from_floats({values.data(), size}, {out + first, size});
  });
}

}  // namespace anebench::device::cpu
