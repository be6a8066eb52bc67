#include "io_surface.h"

#include <fmt/format.h>

#include <cstring>
#include <new>

#include "foundation.h"
#include "standin_api.h"

namespace anebench::standin {
namespace {

constexpr std::align_val_t kPage{16'384};  // of Apple's processors

std::atomic<std::int64_t> live_surfaces = 0;

std::uint64_t property(const NsDictionary& properties, const char* key) {
  const auto found = properties.entries().find(key);
  if (found == properties.entries().end()) {
    raise("NSInvalidArgumentException", fmt::format("the surface's {} is missing", key));
  }
  return checked<NsNumber>(found->second->id(), key).value();
}

Id wrap_surface(Id, Sel, IoSurfaceRef surface) {
  return autoreleased(new SurfaceObject(checked_surface(surface)));
}

// Kept for ever, like the real ones.
Id constant_string(const char* text) { return (new NsString(text))->id(); }

}  // namespace

ClassObject& IoSurface::shared_class() { return class_named("IOSurface"); }
ClassObject& SurfaceObject::shared_class() { return class_named("_ANEIOSurfaceObject"); }

IoSurface::IoSurface(std::size_t bytes)
    : Object(shared_class()),
      size_(bytes),
      memory_(static_cast<std::byte*>(::operator new(bytes, kPage))) {
  // Nobody shall count on zeros.
  std::memset(memory_, 0xa5, size_);
  ++live_surfaces;
}

IoSurface::~IoSurface() {
  --live_surfaces;
  ::operator delete(memory_, kPage);
}

std::int64_t IoSurface::live_count() { return live_surfaces.load(); }

IoSurface& checked_surface(IoSurfaceRef surface) {
  return checked<IoSurface>(reinterpret_cast<Id>(surface), "the surface");
}

void define_surfaces() {
  define(SurfaceObject::shared_class(), '+', "objectWithIOSurface:", "@24@0:8^{__IOSurface=}16",
         wrap_surface);
}

}  // namespace anebench::standin

using anebench::standin::checked_surface;
using anebench::standin::Id;
using anebench::standin::IoSurface;
using anebench::standin::IoSurfaceRef;
using anebench::standin::NsDictionary;

extern "C" {

STANDIN_EXPORT Id kIOSurfaceWidth = anebench::standin::constant_string("IOSurfaceWidth");
STANDIN_EXPORT Id kIOSurfaceHeight = anebench::standin::constant_string("IOSurfaceHeight");
STANDIN_EXPORT Id kIOSurfaceBytesPerElement =
    anebench::standin::constant_string("IOSurfaceBytesPerElement");
STANDIN_EXPORT Id kIOSurfaceBytesPerRow =
    anebench::standin::constant_string("IOSurfaceBytesPerRow");
STANDIN_EXPORT Id kIOSurfaceAllocSize = anebench::standin::constant_string("IOSurfaceAllocSize");
STANDIN_EXPORT Id kIOSurfacePixelFormat =
    anebench::standin::constant_string("IOSurfacePixelFormat");

STANDIN_EXPORT IoSurfaceRef IOSurfaceCreate(Id properties) {
  using anebench::standin::checked;
  using anebench::standin::property;
  const auto& given = checked<NsDictionary>(properties, "the surface's properties");
  const std::uint64_t width = property(given, "IOSurfaceWidth");
  const bool is_flat = property(given, "IOSurfaceHeight") == 1 &&
                       property(given, "IOSurfaceBytesPerElement") == 1 &&
                       property(given, "IOSurfaceBytesPerRow") == width &&
                       property(given, "IOSurfaceAllocSize") == width &&
                       property(given, "IOSurfacePixelFormat") == 0;
  if (!is_flat || width == 0) return nullptr;
  auto* surface = new IoSurface(static_cast<std::size_t>(width));
  return reinterpret_cast<IoSurfaceRef>(surface->id());
}

STANDIN_EXPORT std::int32_t IOSurfaceLock(IoSurfaceRef surface, std::uint32_t, std::uint32_t*) {
  return checked_surface(surface).set_locked(true) ? 0 : -1;
}

STANDIN_EXPORT std::int32_t IOSurfaceUnlock(IoSurfaceRef surface, std::uint32_t, std::uint32_t*) {
  return checked_surface(surface).set_locked(false) ? 0 : -1;
}

STANDIN_EXPORT void* IOSurfaceGetBaseAddress(IoSurfaceRef surface) {
  return checked_surface(surface).memory();
}

STANDIN_EXPORT std::size_t IOSurfaceGetAllocSize(IoSurfaceRef surface) {
  return checked_surface(surface).size();
}

STANDIN_EXPORT void CFRelease(IoSurfaceRef surface) { checked_surface(surface).release(); }

}  // extern "C"
