// A small object system: what the program under test takes for Objective-C's. Objects have a class
// and a count of references; every one that is alive is known, so that a message to something dead,
// or to no object at all, is told from a right one.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "anebench/device/ane/objc_encoding.h"

namespace anebench::standin {

using device::ane::Bool;
using device::ane::Id;
using device::ane::IoSurfaceRef;
using device::ane::Sel;
using Implementation = void (*)();

struct Method {
  Implementation function = nullptr;
  std::string types;  // as the real runtime keeps them
};
using Methods = std::map<Sel, Method>;

struct ClassObject {
  std::string name;
  const ClassObject* parent = nullptr;
  Methods class_methods;
  Methods instance_methods;

  Id id() { return reinterpret_cast<Id>(this); }
  bool is_kind_of(const ClassObject& other) const {
    return this == &other || (parent != nullptr && parent->is_kind_of(other));
  }
};

class Object {
 public:
  // Known as alive from here to its end, with one reference.
  explicit Object(const ClassObject& object_class);
  virtual ~Object();
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  const ClassObject& object_class() const { return class_; }
  Id id() { return reinterpret_cast<Id>(this); }
  void retain() { references_.fetch_add(1); }
  void release();

 private:
  const ClassObject& class_;
  std::atomic<int> references_ = 1;
};

// One reference, kept as long as it lives.
template <typename T>
class Reference {
 public:
  Reference() = default;
  explicit Reference(T* object) : object_(object) {
    if (object_ != nullptr) object_->retain();
  }
  Reference(Reference&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Reference(const Reference& other) : Reference(other.object_) {}
  Reference& operator=(Reference other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Reference() {
    if (object_ != nullptr) object_->release();
  }
  T* get() const { return object_; }
  T* operator->() const { return object_; }

 private:
  T* object_ = nullptr;
};

std::int64_t live_objects();
// The object, or null for a class and for what is no live object.
Object* live_object(Id id);
ClassObject* known_class(Id id);

// The class of this name, made where there is none yet.
ClassObject& class_named(std::string_view name, const ClassObject* parent = nullptr);
// Null where there is none, or where the personality has it missing.
ClassObject* find_class(std::string_view name);
Sel selector_named(std::string_view name);
const std::string& name_of(Sel selector);
// Along the classes' parents; null where there is none, or where the personality has it missing.
const Method* find_method(const ClassObject& owner, Sel selector, bool is_class_method);

// Gives the object to this thread's innermost pool. Throws where none is open.
Id autoreleased(Object* object);
void* push_pool();
void pop_pool(void* token);
std::int64_t open_pools();

// Throws an NSException, past which only a catch-all catches.
[[noreturn]] void raise(const std::string& name, const std::string& reason);
using ExceptionHook = Id (*)(Id);
ExceptionHook set_exception_hook(ExceptionHook hook);

// The argument as an object of this class. Throws where it is nil, dead, or of another.
Object& checked_object(Id id, const ClassObject& wanted, std::string_view what);
template <typename T>
T& checked(Id id, std::string_view what) {
  return static_cast<T&>(checked_object(id, T::shared_class(), what));
}

void add_method(ClassObject& owner, char kind, const char* selector, const char* types,
                Implementation function, const std::string& function_types);
// Adds a method with the types that the real system has; the function must fit them.
template <typename R, typename... Args>
void define(ClassObject& owner, char kind, const char* selector, const char* types,
            R (*function)(Id, Sel, Args...)) {
  add_method(owner, kind, selector, types, reinterpret_cast<Implementation>(function),
             device::ane::SignatureEncoding<R(Args...)>::text());
}

}  // namespace anebench::standin
