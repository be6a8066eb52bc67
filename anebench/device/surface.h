// An I/O buffer that a device reads inputs from and writes outputs to: plain aligned memory on the
// CPU, an IOSurface on the Neural Engine. One surface may be an output of one request and an input
// of the next, so chaining needs no copy.
//
//   auto x = device->create_surface(Type::tensor(DataType::fp16, {1, 64, 1, 32}));
//   std::memcpy((*x)->bytes().data(), data, (*x)->bytes().size());
//
// A surface must not be written while a request that uses it is being evaluated.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "anebench/base/result.h"
#include "anebench/mil/type.h"

namespace anebench::device {

class Surface {
 public:
  virtual ~Surface() = default;

  // A tensor type with known dimensions.
  virtual const mil::Type& type() const = 0;
  // The packed elements, row-major, exactly type().byte_size() bytes, at least 64-byte aligned. The
  // buffer behind may be larger.
  virtual std::span<std::byte> bytes() = 0;
  std::span<const std::byte> bytes() const { return const_cast<Surface*>(this)->bytes(); }
};

using SurfacePointer = std::shared_ptr<Surface>;

// Whether a surface can hold values of this type: numeric tensors with known dimensions.
bool fits_surface(const mil::Type& type);

// Bytes of the packed elements. Errors: not a tensor with known dimensions and packed elements;
// more than `max_bytes`.
Result<std::size_t> surface_bytes(const mil::Type& type, std::size_t max_bytes);

// A surface in ordinary memory, zero-filled. Errors: as surface_bytes; out of memory.
Result<SurfacePointer> create_memory_surface(const mil::Type& type, std::size_t max_bytes);

}  // namespace anebench::device
