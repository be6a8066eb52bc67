#include "anebench/ops/tensor.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

#include "anebench/base/half.h"

namespace anebench::ops {
namespace {

using mil::DataType;

// Elements of one conversion step: small enough for the first-level cache.
constexpr std::size_t kChunk = 1024;

// Packed bytes may stand at any address (a weight file's view): loads go through memcpy, which
// compilers turn into plain vector loads.
template <typename T, typename Out>
void load_plain(const std::byte* source, std::span<Out> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    T element;
    std::memcpy(&element, source + i * sizeof(T), sizeof(T));
    out[i] = static_cast<Out>(element);
  }
}

void load_halves(const std::byte* source, std::span<double> out) {
  std::array<std::uint16_t, kChunk> halves;
  std::array<float, kChunk> floats;
  for (std::size_t done = 0; done < out.size(); done += kChunk) {
    const std::size_t n = std::min(kChunk, out.size() - done);
    std::memcpy(halves.data(), source + done * 2, n * 2);
    floats_from_halves(std::span(halves).first(n), std::span(floats).first(n));
    std::copy_n(floats.begin(), n, out.begin() + static_cast<std::ptrdiff_t>(done));
  }
}

// The float next to `value` toward zero, with its last bit set where it is not `value` itself
// ("rounded to odd"): as it has more than two bits more than fp16, rounding it to fp16 gives what
// rounding `value` does.
float rounded_to_odd(double value) {
  const auto nearest = static_cast<float>(value);
  const auto back = static_cast<double>(nearest);
  const auto bits = std::bit_cast<std::uint32_t>(nearest);
  const std::uint32_t is_larger = std::abs(back) > std::abs(value) ? 1 : 0;
  const std::uint32_t is_inexact = back != value ? 1 : 0;
  return std::bit_cast<float>((bits - is_larger) | is_inexact);
}

// By way of floats, on the conversion instructions.
void store_halves(std::byte* target, std::span<const double> values) {
  std::array<float, kChunk> floats;
  std::array<std::uint16_t, kChunk> halves;
  for (std::size_t done = 0; done < values.size(); done += kChunk) {
    const auto chunk = values.subspan(done, std::min(kChunk, values.size() - done));
    for (std::size_t i = 0; i < chunk.size(); ++i) floats[i] = rounded_to_odd(chunk[i]);
    halves_from_floats(std::span(floats).first(chunk.size()),
                       std::span(halves).first(chunk.size()));
    std::memcpy(target + done * 2, halves.data(), chunk.size() * 2);
  }
}

template <typename T>
void store_plain(std::byte* target, std::size_t index, T value) {
  std::memcpy(target + index * sizeof(T), &value, sizeof(T));
}

void store_bits(int width, std::span<std::byte> bytes, std::size_t index, std::uint64_t value) {
  const std::size_t first = index * static_cast<std::size_t>(width);
  for (std::size_t i = 0; i < static_cast<std::size_t>(width); ++i) {
    const std::size_t at = first + i;
    const auto mask = static_cast<std::byte>(1u << (at % 8));
    bytes[at / 8] = ((value >> i) & 1u) != 0 ? bytes[at / 8] | mask : bytes[at / 8] & ~mask;
  }
}

struct PackedSize {
  std::size_t elements;
  std::size_t bytes;
};

Result<PackedSize> packed_size_of(const mil::Type& type) {
  const auto bytes = type.byte_size();
  if (!bytes) {
    return fail(ErrorCode::invalid_argument, "{} is no numeric tensor of known size",
                to_string(type));
  }
  return PackedSize{static_cast<std::size_t>(*type.element_count()),
                    static_cast<std::size_t>(*bytes)};
}

}  // namespace

Tensor::Tensor() : Tensor(mil::Type(), 1, {}, std::make_shared<std::byte[]>(1)) {}

Tensor::Tensor(mil::Type type, std::size_t element_count, mil::SharedBytes bytes,
               std::shared_ptr<std::byte[]> owned)
    : type_(std::move(type)),
      element_count_(element_count),
      bytes_(std::move(bytes)),
      owned_(std::move(owned)) {
  for (const mil::Dim dim : type_.shape()) dims_.push_back(dim.size());
  if (owned_) {
    bytes_ = {{owned_.get(), static_cast<std::size_t>(*type_.byte_size())}, owned_};
  }
}

Result<Tensor> Tensor::create(mil::Type type, std::int64_t limit) {
  ANEBENCH_ASSIGN(layout, packed_size_of(type));
  if (layout.bytes > static_cast<std::uint64_t>(std::max<std::int64_t>(limit, 0))) {
    return fail(ErrorCode::resource_exhausted, "{} needs {} bytes; the limit is {}",
                to_string(type), layout.bytes, limit);
  }
  std::shared_ptr<std::byte[]> owned;
  try {
    owned = std::make_shared<std::byte[]>(layout.bytes);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::resource_exhausted, "no memory for {} ({} bytes)", to_string(type),
                layout.bytes);
  }
  return Tensor(std::move(type), layout.elements, {}, std::move(owned));
}

Result<Tensor> Tensor::view(mil::Type type, mil::SharedBytes bytes) {
  ANEBENCH_ASSIGN(layout, packed_size_of(type));
  if (bytes.bytes.size() != layout.bytes) {
    return fail(ErrorCode::invalid_argument, "{} needs {} bytes, not {}", to_string(type),
                layout.bytes, bytes.bytes.size());
  }
  return Tensor(std::move(type), layout.elements, std::move(bytes), nullptr);
}

Result<Tensor> Tensor::from_value(const mil::Value& value, const mil::BlobResolver& resolver) {
  ANEBENCH_ASSIGN(bytes, mil::packed_bytes(value, resolver));
  return view(value.type(), std::move(bytes));
}

Result<Tensor> Tensor::from_doubles(DataType data_type, std::span<const std::int64_t> dims,
                                    std::span<const double> values) {
  ANEBENCH_ASSIGN(tensor, create(mil::Type::tensor(data_type, to_shape(dims))));
  if (values.size() != tensor.element_count()) {
    return fail(ErrorCode::invalid_argument, "{} has {} elements, not {}", to_string(tensor.type()),
                tensor.element_count(), values.size());
  }
  store_doubles(data_type, tensor.mutable_bytes(), 0, values);
  return tensor;
}

std::span<std::byte> Tensor::mutable_bytes() {
  const std::size_t size = bytes_.bytes.size();
  // One reference is owned_, the other bytes_.owner.
  if (!owned_ || owned_.use_count() > 2) {
    auto copy = std::make_shared<std::byte[]>(size);
    std::copy(bytes_.bytes.begin(), bytes_.bytes.end(), copy.get());
    owned_ = std::move(copy);
    bytes_ = {{owned_.get(), size}, owned_};
  }
  return {owned_.get(), size};
}

std::vector<double> Tensor::to_doubles() const {
  std::vector<double> values(element_count_);
  load_doubles(data_type(), bytes(), 0, values);
  return values;
}

std::vector<std::int64_t> Tensor::to_integers() const {
  std::vector<std::int64_t> values(element_count_);
  load_integers(data_type(), bytes(), 0, values);
  return values;
}

mil::Value Tensor::to_value() const {
  return mil::Value::packed(type_, mil::Value::Bytes(bytes().begin(), bytes().end()));
}

Result<Tensor> Tensor::reshaped(std::span<const std::int64_t> dims) const {
  Tensor result = *this;
  result.type_ = mil::Type::tensor(data_type(), to_shape(dims));
  result.dims_.assign(dims.begin(), dims.end());
  if (result.type_.element_count() != type_.element_count()) {
    return fail(ErrorCode::invalid_argument, "{} cannot become {}", to_string(type_),
                to_string(result.type_));
  }
  return result;
}

bool operator==(const Tensor& a, const Tensor& b) {
  return a.type_ == b.type_ && std::ranges::equal(a.bytes(), b.bytes());
}

void load_doubles(DataType type, std::span<const std::byte> bytes, std::size_t first,
                  std::span<double> out) {
  if (out.empty()) return;
  const std::size_t width = static_cast<std::size_t>(mil::bit_width(type)) / 8;
  const std::byte* source = bytes.data() + first * width;
  switch (type) {
    case DataType::fp16: return load_halves(source, out);
    case DataType::fp32: return load_plain<float>(source, out);
    case DataType::fp64: return load_plain<double>(source, out);
    case DataType::int8: return load_plain<std::int8_t>(source, out);
    case DataType::uint8: return load_plain<std::uint8_t>(source, out);
    case DataType::int32: return load_plain<std::int32_t>(source, out);
    default: break;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = mil::packed_element_as_double(type, bytes, first + i);
  }
}

void store_doubles(DataType type, std::span<std::byte> bytes, std::size_t first,
                   std::span<const double> values) {
  if (values.empty()) return;
  const std::size_t width = static_cast<std::size_t>(mil::bit_width(type)) / 8;
  std::byte* target = bytes.data() + first * width;
  switch (type) {
    case DataType::fp16: return store_halves(target, values);
    case DataType::fp32:
      for (std::size_t i = 0; i < values.size(); ++i) {
        store_plain(target, i, static_cast<float>(values[i]));
      }
      return;
    case DataType::fp64: std::memcpy(target, values.data(), values.size_bytes()); return;
    default: break;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    mil::store_packed_element(type, bytes, first + i, values[i]);
  }
}

void round_to(DataType type, std::span<double> values) {
  std::array<std::byte, kChunk * sizeof(double)> packed;
  for (std::size_t done = 0; done < values.size(); done += kChunk) {
    const auto chunk = values.subspan(done, std::min(kChunk, values.size() - done));
    store_doubles(type, packed, 0, chunk);
    load_doubles(type, packed, 0, chunk);
  }
}

void load_integers(DataType type, std::span<const std::byte> bytes, std::size_t first,
                   std::span<std::int64_t> out) {
  if (out.empty()) return;
  const std::size_t width = static_cast<std::size_t>(mil::bit_width(type)) / 8;
  const std::byte* source = bytes.data() + first * width;
  switch (type) {
    case DataType::int8: return load_plain<std::int8_t>(source, out);
    case DataType::uint8: return load_plain<std::uint8_t>(source, out);
    case DataType::int32: return load_plain<std::int32_t>(source, out);
    case DataType::int64: return load_plain<std::int64_t>(source, out);
    default: break;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = mil::packed_element_as_int(type, bytes, first + i);
  }
}

void store_integers(DataType type, std::span<std::byte> bytes, std::size_t first,
                    std::span<const std::int64_t> values) {
  const int width = mil::bit_width(type);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto low_bits = static_cast<std::uint64_t>(values[i]);
    const std::size_t index = first + i;
    if (type == DataType::boolean) {
      store_plain(bytes.data(), index, static_cast<std::uint8_t>(values[i] != 0 ? 1 : 0));
      continue;
    }
    switch (width) {
      case 8: store_plain(bytes.data(), index, static_cast<std::uint8_t>(low_bits)); break;
      case 16: store_plain(bytes.data(), index, static_cast<std::uint16_t>(low_bits)); break;
      case 32: store_plain(bytes.data(), index, static_cast<std::uint32_t>(low_bits)); break;
      case 64: store_plain(bytes.data(), index, low_bits); break;
      default: store_bits(width, bytes, index, low_bits); break;
    }
  }
}

mil::Shape to_shape(std::span<const std::int64_t> dims) {
  return mil::Shape(dims.begin(), dims.end());
}

}  // namespace anebench::ops
