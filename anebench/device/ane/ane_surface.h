// An I/O buffer of the Neural Engine: the program reads and writes the IOSurface's own memory.
//
//   ANEBENCH_ASSIGN(surface, AneSurface::create(framework, type, limit));
//   std::memcpy(surface->bytes().data(), …);
//   surface->hand_over();               // before an evaluation; done by the executable
//
// The processor owns the memory (the surface is locked) from bytes() to hand_over(). Surfaces hold
// at least as many bytes as every known host wants (transform/ane_limits.h). As thread-safe as
// surface.h says; hand_over() may be called by several evaluations that read one surface.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>

#include "anebench/device/ane/framework.h"
#include "anebench/device/surface.h"

namespace anebench::device::ane {

class AneSurface final : public Surface {
 public:
  // Zero-filled. `least_bytes`: more than the type needs, where a request wants surfaces of one
  // size. Errors: as create_memory_surface, and the system's.
  static Result<std::shared_ptr<AneSurface>> create(std::shared_ptr<const Framework> framework,
                                                    const mil::Type& type, std::size_t max_bytes,
                                                    std::size_t least_bytes = 0);
  ~AneSurface() override;
  AneSurface(const AneSurface&) = delete;
  AneSurface& operator=(const AneSurface&) = delete;

  const mil::Type& type() const override { return type_; }
  std::span<std::byte> bytes() override;

  // Bytes that the system holds.
  std::size_t capacity() const { return capacity_; }
  // The object that requests take.
  Id object() const { return object_.get(); }
  // Gives the memory to the engine, until bytes() is called again.
  void hand_over();

 private:
  AneSurface(std::shared_ptr<const Framework> framework, mil::Type type, IoSurfaceRef surface);

  std::shared_ptr<const Framework> framework_;
  mil::Type type_;
  IoSurfaceRef surface_;
  Handle object_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
  std::byte* address_ = nullptr;
  std::atomic<bool> is_locked_ = false;
};

// The smallest surface that every known host accepts, and at least `bytes`.
std::size_t padded_surface_bytes(std::size_t bytes);

}  // namespace anebench::device::ane
