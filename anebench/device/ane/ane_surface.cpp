#include "anebench/device/ane/ane_surface.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "anebench/transform/ane_limits.h"

namespace anebench::device::ane {
namespace {

// Width is the number of bytes, one row, one byte an element, no pixel format.
// Source: spec/ane-runtime.md, Life cycle.
Result<IoSurfaceRef> create_io_surface(const Framework& framework, std::size_t bytes) {
  const Pool pool(framework.runtime());
  ANEBENCH_ASSIGN(size, framework.number(bytes));
  ANEBENCH_ASSIGN(one, framework.number(1));
  ANEBENCH_ASSIGN(zero, framework.number(0));
  const SurfaceKeys& keys = framework.runtime().surface_keys();
  const std::array<std::pair<Id, Id>, 6> entries = {{{keys.width, size},
                                                     {keys.height, one},
                                                     {keys.bytes_per_element, one},
                                                     {keys.bytes_per_row, size},
                                                     {keys.size, size},
                                                     {keys.pixel_format, zero}}};
  ANEBENCH_ASSIGN(properties, framework.dictionary(entries));
  const IoSurfaceRef surface = framework.runtime().functions().create_surface(properties);
  if (surface != nullptr) return surface;
  return fail(ErrorCode::resource_exhausted, "the system could not make a surface of {} bytes",
              bytes);
}

}  // namespace

std::size_t padded_surface_bytes(std::size_t bytes) {
  return std::max(bytes, static_cast<std::size_t>(transform::kSafeSurfaceBytes));
}

AneSurface::AneSurface(std::shared_ptr<const Framework> framework, mil::Type type,
                       IoSurfaceRef surface)
    : framework_(std::move(framework)), type_(std::move(type)), surface_(surface) {}

AneSurface::~AneSurface() {
  hand_over();
  object_ = Handle();
  framework_->runtime().functions().release_surface(surface_);
}

Result<std::shared_ptr<AneSurface>> AneSurface::create(std::shared_ptr<const Framework> framework,
                                                       const mil::Type& type, std::size_t max_bytes,
                                                       std::size_t least_bytes) {
  ANEBENCH_ASSIGN(size, surface_bytes(type, max_bytes));
  const std::size_t wanted = padded_surface_bytes(std::max(size, least_bytes));
  ANEBENCH_ASSIGN(io_surface, create_io_surface(*framework, wanted));
  // Owns the system's surface from here on.
  const std::shared_ptr<AneSurface> surface(new AneSurface(std::move(framework), type, io_surface));
  const Framework& used = *surface->framework_;
  const Functions& functions = used.runtime().functions();
  surface->capacity_ = functions.surface_size(io_surface);
  surface->size_ = size;
  if (surface->capacity_ < wanted) {
    return fail(ErrorCode::internal,
                "the system made a surface of {} bytes where {} were asked for", surface->capacity_,
                wanted);
  }
  if (functions.lock_surface(io_surface, 0, nullptr) != 0) {
    return fail(ErrorCode::io_error, "the system does not give the memory of a surface");
  }
  surface->is_locked_ = true;
  surface->address_ = static_cast<std::byte*>(functions.surface_address(io_surface));
  if (surface->address_ == nullptr) {
    return fail(ErrorCode::io_error, "the system does not give the memory of a surface");
  }
  std::memset(surface->address_, 0, surface->capacity_);
  const Pool pool(used.runtime());
  ANEBENCH_ASSIGN(object, used.engine().wrap_surface(used.engine().surface_class, io_surface));
  if (object == nullptr) {
    return fail(ErrorCode::resource_exhausted, "the framework does not take a surface of {} bytes",
                wanted);
  }
  surface->object_ = Handle::retain(used.runtime(), object);
  return surface;
}

std::span<std::byte> AneSurface::bytes() {
  if (!is_locked_.exchange(true)) {
    // The address stays; locking makes the engine's writes visible. It fails only where the surface
    // is gone, which this object keeps from happening.
    framework_->runtime().functions().lock_surface(surface_, 0, nullptr);
  }
  return {address_, size_};
}

void AneSurface::hand_over() {
  if (!is_locked_.exchange(false)) return;
  framework_->runtime().functions().unlock_surface(surface_, 0, nullptr);
}

}  // namespace anebench::device::ane
