// A tensor at run time: a type whose dimensions are all known, and its packed bytes.
//
// Bytes are laid out as in mil::Value: little-endian, row-major, sub-byte types LSB first, bool one
// byte each. Copies share the bytes; `mutable_bytes` makes them unique first (copy on write), so a
// tensor behaves as a value. Reading from several threads is safe; writing needs one owner.
//
//   ANEBENCH_ASSIGN(x, Tensor::from_doubles(DataType::fp16, {2, 3}, values));  // rounds once
//   std::vector<double> back = x.to_doubles();
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/resolver.h"
#include "anebench/mil/type.h"
#include "anebench/mil/value.h"

namespace anebench::ops {

// The largest tensor that `create` makes unless told otherwise: 4 GiB.
inline constexpr std::int64_t kDefaultTensorLimit = std::int64_t{1} << 32;

class Tensor {
 public:
  // A bool scalar, false.
  Tensor();

  // All elements zero. Fails for types that are no numeric tensors of known shape, and above
  // `limit` bytes (ErrorCode::resource_exhausted).
  static Result<Tensor> create(mil::Type type, std::int64_t limit = kDefaultTensorLimit);
  // Shares `bytes`, which must hold exactly the packed elements; never written through.
  static Result<Tensor> view(mil::Type type, mil::SharedBytes bytes);
  // Shares an immediate value's bytes, or the weight file's.
  static Result<Tensor> from_value(const mil::Value& value, const mil::BlobResolver& resolver);
  // Each number rounded once to the type (as mil::store_packed_element does).
  static Result<Tensor> from_doubles(mil::DataType data_type, std::span<const std::int64_t> dims,
                                     std::span<const double> values);

  const mil::Type& type() const { return type_; }
  mil::DataType data_type() const { return type_.data_type(); }
  const std::vector<std::int64_t>& dims() const { return dims_; }
  std::size_t rank() const { return dims_.size(); }
  std::size_t element_count() const { return element_count_; }

  std::span<const std::byte> bytes() const { return bytes_.bytes; }
  const mil::SharedBytes& shared_bytes() const { return bytes_; }
  // Copies the bytes first where anyone else shares them.
  std::span<std::byte> mutable_bytes();

  std::vector<double> to_doubles() const;
  // Exact for integer types.
  std::vector<std::int64_t> to_integers() const;
  // An immediate value with a copy of the bytes.
  mil::Value to_value() const;
  // The same bytes under another shape of equal element count.
  Result<Tensor> reshaped(std::span<const std::int64_t> dims) const;

  // Equal type and bytes.
  friend bool operator==(const Tensor& a, const Tensor& b);

 private:
  Tensor(mil::Type type, std::size_t element_count, mil::SharedBytes bytes,
         std::shared_ptr<std::byte[]> owned);

  mil::Type type_;
  std::vector<std::int64_t> dims_;
  std::size_t element_count_ = 0;
  mil::SharedBytes bytes_;
  // Set where the bytes are this class's own allocation, and so may be written when unique.
  std::shared_ptr<std::byte[]> owned_;
};

// Converts out.size() packed elements from index `first` on. Preconditions: a numeric or bool type,
// the range inside.
void load_doubles(mil::DataType type, std::span<const std::byte> bytes, std::size_t first,
                  std::span<double> out);
// Stores each number rounded once to the type. Elements of whole bytes may be stored from several
// threads where the ranges do not overlap; sub-byte types may not.
void store_doubles(mil::DataType type, std::span<std::byte> bytes, std::size_t first,
                   std::span<const double> values);
// Each number rounded to the type and back to double.
void round_to(mil::DataType type, std::span<double> values);
void load_integers(mil::DataType type, std::span<const std::byte> bytes, std::size_t first,
                   std::span<std::int64_t> out);
// Stores the low bits of each integer (two's complement wrap-around). Precondition: an integer type
// or bool (which stores value != 0).
void store_integers(mil::DataType type, std::span<std::byte> bytes, std::size_t first,
                    std::span<const std::int64_t> values);

// The shape of known dimensions.
mil::Shape to_shape(std::span<const std::int64_t> dims);

}  // namespace anebench::ops
