// The Objective-C runtime and IOSurface as plain C functions, looked up in libraries that are
// opened when the program runs; nothing of this project links them.
//
//   ANEBENCH_ASSIGN(runtime, Runtime::open(paths, survey));
//   const Pool pool(*runtime);                        // around everything that makes objects
//   Handle data = Handle::retain(*runtime, object);   // keeps it beyond the pool
//
// Ownership is by hand, as without ARC: what a factory message returns belongs to the pool that is
// open (+0) and is gone when it closes; a Handle owns one reference (+1). A pool belongs to its
// thread, and pools nest strictly. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/ane/objc_encoding.h"
#include "anebench/device/ane/survey.h"

namespace anebench::device::ane {

using Implementation = void (*)();
using ExceptionHook = Id (*)(Id);

// Everything that is called by name. What a system may lack is null there.
struct Functions {
  Id (*get_class)(const char*) = nullptr;
  Sel (*register_selector)(const char*) = nullptr;
  // Apple's runtime has the first, GCC's the second.
  Implementation send = nullptr;
  Implementation (*lookup)(Id, Sel) = nullptr;
  void* (*class_method)(Id, Sel) = nullptr;
  void* (*instance_method)(Id, Sel) = nullptr;
  const char* (*method_types)(void*) = nullptr;
  void* (*push_pool)() = nullptr;
  void (*pop_pool)(void*) = nullptr;
  Id (*retain)(Id) = nullptr;
  void (*release)(Id) = nullptr;
  ExceptionHook (*set_exception_hook)(ExceptionHook) = nullptr;  // may be missing
  Id (*temporary_directory)() = nullptr;
  IoSurfaceRef (*create_surface)(Id) = nullptr;
  std::int32_t (*lock_surface)(IoSurfaceRef, std::uint32_t, std::uint32_t*) = nullptr;
  std::int32_t (*unlock_surface)(IoSurfaceRef, std::uint32_t, std::uint32_t*) = nullptr;
  void* (*surface_address)(IoSurfaceRef) = nullptr;
  std::size_t (*surface_size)(IoSurfaceRef) = nullptr;
  void (*release_surface)(IoSurfaceRef) = nullptr;  // CFRelease
};

// The keys of IOSurfaceCreate's dictionary: objects that the library holds in variables.
struct SurfaceKeys {
  Id width = nullptr;
  Id height = nullptr;
  Id bytes_per_element = nullptr;
  Id bytes_per_row = nullptr;
  Id size = nullptr;
  Id pixel_format = nullptr;
};

class Runtime {
 public:
  // Opens the libraries, in order, and finds the functions in any of them; all go into the survey.
  // The libraries are never closed: frameworks cannot be. Errors: unavailable, naming the first
  // library or function that is missing.
  static Result<std::unique_ptr<Runtime>> open(std::span<const std::string> libraries,
                                               Survey& survey);

  const Functions& functions() const { return functions_; }
  const SurfaceKeys& surface_keys() const { return keys_; }

  // The function that a message to `receiver` is sent through, to be called with exactly the
  // message's own type. May throw what the runtime throws.
  Implementation implementation(Id receiver, Sel selector) const {
    return functions_.send != nullptr ? functions_.send : functions_.lookup(receiver, selector);
  }

  // Sends through this function from now on.
  void use_send_for_tests(Implementation send) { functions_.send = send; }

 private:
  Functions functions_;
  SurfaceKeys keys_;
};

// The objects that are made while it lives and belong to nobody else die with it.
class Pool {
 public:
  explicit Pool(const Runtime& runtime)
      : functions_(runtime.functions()), token_(functions_.push_pool()) {}
  ~Pool() { functions_.pop_pool(token_); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

 private:
  const Functions& functions_;
  void* token_;
};

// One reference to an object, or none. The runtime outlives it.
class Handle {
 public:
  Handle() = default;
  static Handle retain(const Runtime& runtime, Id object) {
    return {runtime.functions(), runtime.functions().retain(object)};
  }
  Handle(Handle&& other) noexcept
      : functions_(other.functions_), object_(std::exchange(other.object_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(functions_, other.functions_);
    std::swap(object_, other.object_);
    return *this;
  }
  ~Handle() {
    if (object_ != nullptr) functions_->release(object_);
  }

  Id get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  Handle(const Functions& functions, Id object) : functions_(&functions), object_(object) {}
  const Functions* functions_ = nullptr;
  Id object_ = nullptr;
};

}  // namespace anebench::device::ane
