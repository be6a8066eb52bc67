#include "object.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <set>
#include <unordered_set>
#include <vector>

#include "foundation.h"
#include "personality.h"

namespace anebench::standin {
namespace {

struct ObjectTable {
  std::mutex mutex;
  std::unordered_set<const void*> alive;
  std::map<std::string, std::unique_ptr<ClassObject>, std::less<>> classes;
  std::set<const void*> class_ids;
  std::set<std::string, std::less<>> selectors;
};

// Never destroyed: objects of the program under test may outlive this library's statics.
ObjectTable& table() {
  static auto* objects = new ObjectTable;
  return *objects;
}

using PoolObjects = std::vector<Object*>;
struct PoolStack {
  std::vector<std::unique_ptr<PoolObjects>> pools;
};
PoolStack& pool_stack() {
  thread_local PoolStack stack;
  return stack;
}

std::atomic<ExceptionHook> exception_hook = nullptr;

[[noreturn]] void give_up(const std::string& reason) {
  std::fprintf(stderr, "ane_standin: %s\n", reason.c_str());
  std::abort();
}

// What is thrown: it owns the exception object, and its type is known to nobody else.
struct ThrownException {
  Reference<NsException> object;
};

}  // namespace

Object::Object(const ClassObject& object_class) : class_(object_class) {
  const std::lock_guard lock(table().mutex);
  table().alive.insert(this);
}

Object::~Object() {
  const std::lock_guard lock(table().mutex);
  table().alive.erase(this);
}

void Object::release() {
  const int left = references_.fetch_sub(1) - 1;
  if (left < 0) give_up(fmt::format("a {} is released once too often", class_.name));
  if (left == 0) delete this;
}

std::int64_t live_objects() {
  const std::lock_guard lock(table().mutex);
  return static_cast<std::int64_t>(table().alive.size());
}

Object* live_object(Id id) {
  const std::lock_guard lock(table().mutex);
  return table().alive.contains(id) ? reinterpret_cast<Object*>(id) : nullptr;
}

ClassObject* known_class(Id id) {
  const std::lock_guard lock(table().mutex);
  return table().class_ids.contains(id) ? reinterpret_cast<ClassObject*>(id) : nullptr;
}

ClassObject& class_named(std::string_view name, const ClassObject* parent) {
  const std::lock_guard lock(table().mutex);
  auto found = table().classes.find(name);
  if (found == table().classes.end()) {
    auto made = std::make_unique<ClassObject>();
    made->name = name;
    made->parent = parent;
    table().class_ids.insert(made.get());
    found = table().classes.emplace(std::string(name), std::move(made)).first;
  }
  return *found->second;
}

ClassObject* find_class(std::string_view name) {
  if (personality().missing.contains(name)) return nullptr;
  const std::lock_guard lock(table().mutex);
  const auto found = table().classes.find(name);
  return found == table().classes.end() ? nullptr : found->second.get();
}

Sel selector_named(std::string_view name) {
  const std::lock_guard lock(table().mutex);
  auto found = table().selectors.find(name);
  if (found == table().selectors.end()) found = table().selectors.emplace(name).first;
  return reinterpret_cast<Sel>(const_cast<std::string*>(&*found));
}

const std::string& name_of(Sel selector) { return *reinterpret_cast<const std::string*>(selector); }

const Method* find_method(const ClassObject& owner, Sel selector, bool is_class_method) {
  if (!personality().missing.empty() && personality().missing.contains(name_of(selector))) {
    return nullptr;
  }
  for (const ClassObject* c = &owner; c != nullptr; c = c->parent) {
    const Methods& methods = is_class_method ? c->class_methods : c->instance_methods;
    if (const auto found = methods.find(selector); found != methods.end()) return &found->second;
  }
  return nullptr;
}

Id autoreleased(Object* object) {
  auto& pools = pool_stack().pools;
  if (pools.empty()) {
    const std::string name = object->object_class().name;
    object->release();
    raise("NSInternalInconsistencyException",
          fmt::format("a {} is autoreleased with no pool in place", name));
  }
  pools.back()->push_back(object);
  return object->id();
}

void* push_pool() {
  auto& pools = pool_stack().pools;
  pools.push_back(std::make_unique<PoolObjects>());
  return pools.back().get();
}

void pop_pool(void* token) {
  auto& pools = pool_stack().pools;
  if (pools.empty() || pools.back().get() != token) give_up("pools are not popped in order");
  const auto ended = std::move(pools.back());
  pools.pop_back();
  for (Object* object : *ended) object->release();
}

std::int64_t open_pools() { return static_cast<std::int64_t>(pool_stack().pools.size()); }

void raise(const std::string& name, const std::string& reason) {
  auto* exception = new NsException(name, reason);
  ThrownException thrown{Reference<NsException>(exception)};
  exception->release();
  if (const ExceptionHook hook = exception_hook.load()) {
    void* pool = push_pool();
    hook(exception->id());
    pop_pool(pool);
  }
  throw thrown;
}

ExceptionHook set_exception_hook(ExceptionHook hook) { return exception_hook.exchange(hook); }

Object& checked_object(Id id, const ClassObject& wanted, std::string_view what) {
  if (id == nullptr) {
    raise("NSInvalidArgumentException", fmt::format("{} is nil, not an {}", what, wanted.name));
  }
  Object* object = live_object(id);
  if (object == nullptr) {
    raise("NSInvalidArgumentException", fmt::format("{} is no live object", what));
  }
  if (!object->object_class().is_kind_of(wanted)) {
    raise("NSInvalidArgumentException",
          fmt::format("{} is an {}, not an {}", what, object->object_class().name, wanted.name));
  }
  return *object;
}

void add_method(ClassObject& owner, char kind, const char* selector, const char* types,
                Implementation function, const std::string& function_types) {
  if (const auto difference = device::ane::encoding_difference(function_types, types)) {
    give_up(fmt::format("{}: {}", selector, *difference));
  }
  Methods& methods = kind == '+' ? owner.class_methods : owner.instance_methods;
  methods[selector_named(selector)] = {function, types};
}

}  // namespace anebench::standin
