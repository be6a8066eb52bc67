#include "anebench/device/ane/objc_runtime.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <string_view>

namespace anebench::device::ane {

// Finds symbols in the libraries that could be opened, and says so in the survey.
class FunctionFinder {
 public:
  FunctionFinder(std::span<const std::string> libraries, Survey& survey) : survey_(survey) {
    for (const std::string& path : libraries) {
      // Global on a Mac, where frameworks look one another's classes up; what is not Apple's (a
      // stand-in holds its own copy of this library) must not mix with this program.
      const bool is_framework = path.starts_with("/System/");
      void* library = ::dlopen(path.c_str(), RTLD_NOW | (is_framework ? RTLD_GLOBAL : RTLD_LOCAL));
      const char* reason = library == nullptr ? ::dlerror() : nullptr;
      survey_.add(SurveyKind::library, path,
                  library != nullptr  ? ""
                  : reason != nullptr ? reason
                                      : "it cannot be opened");
      if (library != nullptr) libraries_.push_back(library);
    }
  }

  Functions find_functions() {
    Functions f;
    find("objc_getClass", f.get_class);
    find("sel_registerName", f.register_selector);
    find("objc_msgSend", f.send, false);
    // Only one of the two is needed.
    find("objc_msg_lookup", f.lookup, f.send == nullptr);
    find("class_getClassMethod", f.class_method);
    find("class_getInstanceMethod", f.instance_method);
    find("method_getTypeEncoding", f.method_types);
    find("objc_autoreleasePoolPush", f.push_pool);
    find("objc_autoreleasePoolPop", f.pop_pool);
    find("objc_retain", f.retain);
    find("objc_release", f.release);
    find("objc_setExceptionPreprocessor", f.set_exception_hook, false);
    find("NSTemporaryDirectory", f.temporary_directory);
    find("IOSurfaceCreate", f.create_surface);
    find("IOSurfaceLock", f.lock_surface);
    find("IOSurfaceUnlock", f.unlock_surface);
    find("IOSurfaceGetBaseAddress", f.surface_address);
    find("IOSurfaceGetAllocSize", f.surface_size);
    find("CFRelease", f.release_surface);
    return f;
  }

  SurfaceKeys find_keys() {
    SurfaceKeys keys;
    find_key("kIOSurfaceWidth", keys.width);
    find_key("kIOSurfaceHeight", keys.height);
    find_key("kIOSurfaceBytesPerElement", keys.bytes_per_element);
    find_key("kIOSurfaceBytesPerRow", keys.bytes_per_row);
    find_key("kIOSurfaceAllocSize", keys.size);
    find_key("kIOSurfacePixelFormat", keys.pixel_format);
    return keys;
  }

 private:
  void* symbol(const char* name) const {
    for (void* library : libraries_) {
      if (void* found = ::dlsym(library, name)) return found;
    }
    return nullptr;
  }

  template <typename Function>
  void find(const char* name, Function& function, bool is_needed = true) {
    function = reinterpret_cast<Function>(symbol(name));
    survey_.add(SurveyKind::function, name, function != nullptr ? "" : "it is missing", is_needed);
  }

  void find_key(const char* name, Id& key) {
    const auto* variable = static_cast<const Id*>(symbol(name));
    if (variable != nullptr) key = *variable;
    survey_.add(SurveyKind::variable, name, key != nullptr ? "" : "it is missing");
  }

  std::vector<void*> libraries_;
  Survey& survey_;
};

Result<std::unique_ptr<Runtime>> Runtime::open(std::span<const std::string> libraries,
                                               Survey& survey) {
  auto runtime = std::make_unique<Runtime>();
  FunctionFinder finder(libraries, survey);
  if (const SurveyItem* obstacle = survey.first_obstacle()) {
    return fail(ErrorCode::unavailable, "{} cannot be opened: {}", obstacle->name,
                obstacle->problem);
  }
  runtime->functions_ = finder.find_functions();
  runtime->keys_ = finder.find_keys();
  if (const SurveyItem* obstacle = survey.first_obstacle()) {
    return fail(ErrorCode::unavailable, "the system's {} {} is missing", to_string(obstacle->kind),
                obstacle->name);
  }
  return runtime;
}

}  // namespace anebench::device::ane
