#include "anebench/package/array_value.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "anebench/ops/tensor.h"

namespace anebench::package {
namespace {

using io::NpyType;
using mil::DataType;

DataType data_type_of(NpyType type) {
  switch (type) {
    case NpyType::boolean: return DataType::boolean;
    case NpyType::fp16: return DataType::fp16;
    case NpyType::fp32: return DataType::fp32;
    case NpyType::fp64: return DataType::fp64;
    case NpyType::int8: return DataType::int8;
    case NpyType::int16: return DataType::int16;
    case NpyType::int32: return DataType::int32;
    case NpyType::int64: return DataType::int64;
    case NpyType::uint8: return DataType::uint8;
    case NpyType::uint16: return DataType::uint16;
    case NpyType::uint32: return DataType::uint32;
    case NpyType::uint64: break;
  }
  return DataType::uint64;
}

// The smallest that holds every value.
NpyType npy_type_of(DataType type) {
  switch (type) {
    case DataType::boolean: return NpyType::boolean;
    case DataType::fp16: return NpyType::fp16;
    case DataType::fp64: return NpyType::fp64;
    case DataType::int4:
    case DataType::int8: return NpyType::int8;
    case DataType::int16: return NpyType::int16;
    case DataType::int32: return NpyType::int32;
    case DataType::int64: return NpyType::int64;
    case DataType::uint1:
    case DataType::uint2:
    case DataType::uint3:
    case DataType::uint4:
    case DataType::uint6:
    case DataType::uint8: return NpyType::uint8;
    case DataType::uint16: return NpyType::uint16;
    case DataType::uint32: return NpyType::uint32;
    case DataType::uint64: return NpyType::uint64;
    case DataType::fp32:
    case DataType::bf16:
    case DataType::fp8e4m3fn:
    case DataType::fp8e5m2:
    case DataType::string: break;
  }
  return NpyType::fp32;
}

enum class Kind : std::uint8_t { boolean, integer, real };

Kind kind_of(DataType type) {
  if (type == DataType::boolean) return Kind::boolean;
  return mil::is_integer(type) ? Kind::integer : Kind::real;
}

// Elements of one type as those of another. Preconditions: both numeric, the spans of one count.
void convert(DataType from, std::span<const std::byte> in, DataType to, std::span<std::byte> out,
             std::size_t count) {
  // In pieces, so that the numbers between take little memory.
  constexpr std::size_t kPiece = 4096;
  const bool is_exact = kind_of(from) != Kind::real && kind_of(to) == Kind::integer &&
                        mil::bit_width(to) >= mil::bit_width(from);
  std::vector<double> reals(is_exact ? 0 : std::min(count, kPiece));
  std::vector<std::int64_t> integers(is_exact ? std::min(count, kPiece) : 0);
  for (std::size_t first = 0; first < count; first += kPiece) {
    const std::size_t size = std::min(kPiece, count - first);
    if (is_exact) {
      const std::span part(integers.data(), size);
      ops::load_integers(from, in, first, part);
      ops::store_integers(to, out, first, part);
    } else {
      const std::span part(reals.data(), size);
      ops::load_doubles(from, in, first, part);
      ops::store_doubles(to, out, first, part);
    }
  }
}

// Whether each integer is one of `type`.
bool all_fit(DataType from, std::span<const std::byte> bytes, std::size_t count, DataType type) {
  const mil::IntegerRange range = mil::integer_range(type);
  std::vector<std::int64_t> integers(count);
  ops::load_integers(from, bytes, 0, integers);
  return std::all_of(integers.begin(), integers.end(), [&](std::int64_t value) {
    // Beyond an int64 the bits look negative.
    if (from == DataType::uint64 && value < 0) return type == DataType::uint64;
    return value >= range.low && value <= range.high;
  });
}

Result<mil::Type> fill_shape(const io::NpyArray& array, const mil::Type& type) {
  const mil::Shape found(array.shape.begin(), array.shape.end());
  bool fits = found.size() == type.rank();
  for (std::size_t axis = 0; fits && axis < found.size(); ++axis) {
    const mil::Dim dim = type.shape()[axis];
    fits = !dim.is_known() || dim == found[axis];
  }
  // A scalar may come as an array of one element.
  if (!fits && type.element_count() == 1 && array.element_count() == 1) return type;
  if (!fits) {
    return fail(ErrorCode::invalid_argument, "the array has the shape {} where a {} is needed",
                mil::to_string(found), mil::to_string(type));
  }
  return mil::Type::tensor(type.data_type(), found);
}

}  // namespace

Result<mil::Value> value_from_array(const io::NpyArray& array, const mil::Type& type,
                                    CastRule rule) {
  if (!type.is_tensor() || type.data_type() == DataType::string) {
    return fail(ErrorCode::invalid_argument, "an array of numbers cannot be a {}",
                mil::to_string(type));
  }
  ANEBENCH_ASSIGN(filled, fill_shape(array, type));
  const DataType from = data_type_of(array.type);
  const DataType to = type.data_type();
  const std::size_t count = array.element_count();
  if (rule == CastRule::keep_kind && kind_of(from) != kind_of(to)) {
    return fail(ErrorCode::invalid_argument,
                "the array holds {} where {} is needed, another kind of number (convert it, or "
                "ask for any cast)",
                io::to_string(array.type), mil::to_string(to));
  }
  if (rule == CastRule::keep_kind && kind_of(to) == Kind::integer &&
      !all_fit(from, array.bytes, count, to)) {
    return fail(ErrorCode::invalid_argument, "the array of {} has values that {} cannot hold",
                io::to_string(array.type), mil::to_string(to));
  }
  ANEBENCH_ASSIGN(tensor, ops::Tensor::create(filled));
  convert(from, array.bytes, to, tensor.mutable_bytes(), count);
  return tensor.to_value();
}

Result<io::NpyArray> array_from_tensor(const mil::Type& type, std::span<const std::byte> bytes) {
  const auto size = type.byte_size();
  if (!size || static_cast<std::uint64_t>(*size) != bytes.size()) {
    return fail(ErrorCode::invalid_argument, "{} bytes are no {}", bytes.size(),
                mil::to_string(type));
  }
  io::NpyArray array{.type = npy_type_of(type.data_type()), .shape = {}, .bytes = {}};
  for (const mil::Dim dim : type.shape()) array.shape.push_back(dim.size());
  const auto count = static_cast<std::size_t>(*type.element_count());
  array.bytes.resize(count * io::size_of(array.type));
  convert(type.data_type(), bytes, data_type_of(array.type), array.bytes, count);
  return array;
}

}  // namespace anebench::package
