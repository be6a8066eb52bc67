#include "anebench/device/surface.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace anebench::device {
namespace {

// A cache line, and the widest vector of any supported processor.
constexpr std::size_t kAlignment = 64;

class MemorySurface final : public Surface {
 public:
  MemorySurface(mil::Type type, std::byte* data, std::size_t size)
      : type_(std::move(type)), data_(data), size_(size) {}
  ~MemorySurface() override { ::operator delete(data_, std::align_val_t(kAlignment)); }
  MemorySurface(const MemorySurface&) = delete;
  MemorySurface& operator=(const MemorySurface&) = delete;

  const mil::Type& type() const override { return type_; }
  std::span<std::byte> bytes() override { return {data_, size_}; }

 private:
  mil::Type type_;
  std::byte* data_;
  std::size_t size_;
};

}  // namespace

bool fits_surface(const mil::Type& type) { return type.byte_size().has_value(); }

Result<std::size_t> surface_bytes(const mil::Type& type, std::size_t max_bytes) {
  const auto size = type.byte_size();
  if (!size) {
    return fail(ErrorCode::invalid_argument,
                "a surface needs a numeric tensor with known dimensions, not a {}",
                mil::to_string(type));
  }
  const auto bytes = static_cast<std::size_t>(*size);
  if (bytes > max_bytes) {
    return fail(ErrorCode::resource_exhausted,
                "a surface of type {} takes {} bytes, more than the limit of {}; raise it with "
                "--max-memory",
                mil::to_string(type), bytes, max_bytes);
  }
  return bytes;
}

Result<SurfacePointer> create_memory_surface(const mil::Type& type, std::size_t max_bytes) {
  ANEBENCH_ASSIGN(bytes, surface_bytes(type, max_bytes));
  void* data = ::operator new(bytes == 0 ? 1 : bytes, std::align_val_t(kAlignment), std::nothrow);
  if (data == nullptr) {
    return fail(ErrorCode::resource_exhausted, "no memory for a surface of {} bytes", bytes);
  }
  std::memset(data, 0, bytes);
  return std::make_shared<MemorySurface>(type, static_cast<std::byte*>(data), bytes);
}

}  // namespace anebench::device
