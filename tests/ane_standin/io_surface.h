// IOSurface: memory that is locked to be looked at, and the object that requests take.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "object.h"

namespace anebench::standin {

class IoSurface final : public Object {
 public:
  static ClassObject& shared_class();
  explicit IoSurface(std::size_t bytes);
  ~IoSurface() override;

  std::size_t size() const { return size_; }
  std::byte* memory() const { return memory_; }
  bool is_locked() const { return is_locked_.load(); }
  // False where it was so already.
  bool set_locked(bool is_locked) { return is_locked_.exchange(is_locked) != is_locked; }

  static std::int64_t live_count();

 private:
  std::size_t size_;
  std::byte* memory_;
  std::atomic<bool> is_locked_ = false;
};

// _ANEIOSurfaceObject.
class SurfaceObject final : public Object {
 public:
  static ClassObject& shared_class();
  explicit SurfaceObject(IoSurface& surface) : Object(shared_class()), surface_(&surface) {}
  IoSurface& surface() const { return *surface_.get(); }

 private:
  Reference<IoSurface> surface_;
};

// Throws where it is none.
IoSurface& checked_surface(IoSurfaceRef surface);
void define_surfaces();

}  // namespace anebench::standin
