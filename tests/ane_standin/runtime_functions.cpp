// The C functions of the Objective-C runtime and of Foundation that the stand-in exports.
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "engine.h"
#include "foundation.h"
#include "io_surface.h"
#include "object.h"
#include "personality.h"
#include "standin_api.h"

namespace anebench::standin {
namespace {

void define_all() {
  static const bool is_defined = [] {
    define_foundation();
    define_surfaces();
    define_engine();
    return true;
  }();
  (void)is_defined;
}

const Method& method_for(Id receiver, Sel selector) {
  if (receiver == nullptr) {
    raise("NSInvalidArgumentException", fmt::format("{} is sent to nil", name_of(selector)));
  }
  const ClassObject* as_class = known_class(receiver);
  Object* object = as_class == nullptr ? live_object(receiver) : nullptr;
  if (as_class == nullptr && object == nullptr) {
    raise("NSInvalidArgumentException",
          fmt::format("{} is sent to what is no live object", name_of(selector)));
  }
  const ClassObject& owner = as_class == nullptr ? object->object_class() : *as_class;
  const Method* method = find_method(owner, selector, as_class != nullptr);
  if (method == nullptr) {
    raise("NSInvalidArgumentException",
          fmt::format("{}[{} {}]: unrecognized selector sent", as_class != nullptr ? '+' : '-',
                      owner.name, name_of(selector)));
  }
  return *method;
}

// What class_getClassMethod gives: only ever handed back to method_getTypeEncoding.
void* method_handle(Id owner, Sel selector, bool is_class_method) {
  define_all();
  const ClassObject* found = known_class(owner);
  if (found == nullptr) return nullptr;
  return const_cast<Method*>(find_method(*found, selector, is_class_method));
}

}  // namespace
}  // namespace anebench::standin

namespace standin = anebench::standin;
using standin::Id;
using standin::Implementation;
using standin::Sel;

extern "C" {

STANDIN_EXPORT Id objc_getClass(const char* name) {
  standin::define_all();
  standin::ClassObject* found = standin::find_class(name);
  return found == nullptr ? nullptr : found->id();
}

STANDIN_EXPORT Sel sel_registerName(const char* name) { return standin::selector_named(name); }

STANDIN_EXPORT Implementation objc_msg_lookup(Id receiver, Sel selector) {
  return standin::method_for(receiver, selector).function;
}

STANDIN_EXPORT void* class_getClassMethod(Id owner, Sel selector) {
  return standin::method_handle(owner, selector, true);
}

STANDIN_EXPORT void* class_getInstanceMethod(Id owner, Sel selector) {
  return standin::method_handle(owner, selector, false);
}

STANDIN_EXPORT const char* method_getTypeEncoding(void* method) {
  auto& found = *static_cast<standin::Method*>(method);
  const std::string& wrong = standin::personality().wrong_width;
  if (!wrong.empty()) {
    const auto is_wrong = [&](const char* class_name) {
      const auto* owner = standin::find_class(class_name);
      return owner != nullptr &&
             standin::find_method(*owner, standin::selector_named(wrong), false) == &found;
    };
    // "I" is a uint32, "Q" a uint64.
    static std::string changed;
    changed = found.types;
    const std::size_t at = changed.find('I');
    if (is_wrong("_ANEInMemoryModel") && at != std::string::npos) {
      changed[at] = 'Q';
      return changed.c_str();
    }
  }
  return found.types.c_str();
}

STANDIN_EXPORT void* objc_autoreleasePoolPush() { return standin::push_pool(); }
STANDIN_EXPORT void objc_autoreleasePoolPop(void* token) { standin::pop_pool(token); }

STANDIN_EXPORT Id objc_retain(Id id) {
  if (standin::Object* object = standin::live_object(id)) object->retain();
  return id;
}

STANDIN_EXPORT void objc_release(Id id) {
  // One that is gone was released once too often, which release() itself can no longer see.
  standin::Object* object = standin::live_object(id);
  if (object == nullptr) standin::raise("NSGenericException", "release of what is no live object");
  object->release();
}

STANDIN_EXPORT standin::ExceptionHook objc_setExceptionPreprocessor(standin::ExceptionHook hook) {
  return standin::set_exception_hook(hook);
}

STANDIN_EXPORT Id NSTemporaryDirectory() {
  return standin::autoreleased_string(standin::temporary_directory());
}

STANDIN_EXPORT void anebench_standin_configure(const char* text) {
  standin::set_personality(text);
  standin::forget_compilations();
}

STANDIN_EXPORT std::int64_t anebench_standin_count(const char* what) {
  const std::string_view name = what;
  if (name == "objects") return standin::live_objects();
  if (name == "surfaces") return standin::IoSurface::live_count();
  if (name == "pools") return standin::open_pools();
  if (name == "compilations") return standin::compilations();
  if (name == "evaluations") return standin::evaluations();
  if (name == "evaluate_ns") return standin::evaluate_ns();
  return -1;
}

}  // extern "C"
