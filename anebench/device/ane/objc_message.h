// One message of the Objective-C runtime with its exact C++ type: looked up, compared with the
// method that the system has, and cached; then sent like a function is called.
//
//   Message<Bool(std::uint32_t, Id, Id*)> compile;
//   binder.bind_instance(compile, model_class, "compileWithQoS:options:error:");
//   ANEBENCH_ASSIGN(ok, compile(model, qos, options, &error));
//
// Every call goes through a function of exactly the message's type: arm64 passes variadic arguments
// elsewhere, and a wrong width would read garbage. An exception that the receiver throws ends at
// the call and becomes an error (Objective-C's arrive here as foreign ones). Sending is
// thread-safe.
#pragma once

#include <string>
#include <type_traits>

#include "anebench/base/result.h"
#include "anebench/device/ane/objc_exception.h"
#include "anebench/device/ane/objc_runtime.h"

namespace anebench::device::ane {

template <typename Signature>
class Message;

template <typename R, typename... Args>
class Message<R(Args...)> {
 public:
  Message() = default;

  bool is_bound() const { return selector_ != nullptr; }
  const std::string& name() const { return name_; }

  // Preconditions: bound; a receiver. Errors: internal, where the receiver threw.
  Result<R> operator()(Id receiver, std::type_identity_t<Args>... arguments) const {
    using Function = R (*)(Id, Sel, Args...);
    try {
      const auto function =
          reinterpret_cast<Function>(runtime_->implementation(receiver, selector_));
      if constexpr (std::is_void_v<R>) {
        function(receiver, selector_, arguments...);
        return {};
      } else {
        return function(receiver, selector_, arguments...);
      }
    } catch (...) {
      return thrown_exception(name_);
    }
  }

 private:
  friend class Binder;
  const Runtime* runtime_ = nullptr;
  Sel selector_ = nullptr;
  std::string name_;  // "-[_ANEInMemoryModel unloadWithQoS:error:]"
};

// Finds classes and messages, and says in the survey what is missing or has other types than this
// program was written for. A system update may change any of them.
class Binder {
 public:
  Binder(const Runtime& runtime, Survey& survey) : runtime_(runtime), survey_(survey) {}

  struct ClassName {
    Id object = nullptr;
    std::string name;
  };
  ClassName find_class(const char* name) {
    const Id found = runtime_.functions().get_class(name);
    survey_.add(SurveyKind::object_class, name, found != nullptr ? "" : "it is missing");
    return {found, name};
  }

  template <typename Signature>
  void bind_class(Message<Signature>& message, const ClassName& owner, const char* selector,
                  bool is_needed = true) {
    bind(message, owner, selector, '+', is_needed);
  }
  template <typename Signature>
  void bind_instance(Message<Signature>& message, const ClassName& owner, const char* selector,
                     bool is_needed = true) {
    bind(message, owner, selector, '-', is_needed);
  }

 private:
  template <typename Signature>
  void bind(Message<Signature>& message, const ClassName& owner, const char* selector, char kind,
            bool is_needed) {
    message.runtime_ = &runtime_;
    message.name_ = fmt::format("{}[{} {}]", kind, owner.name, selector);
    const Sel registered = runtime_.functions().register_selector(selector);
    std::string problem =
        problem_of(owner.object, registered, kind, SignatureEncoding<Signature>::text());
    if (problem.empty()) message.selector_ = registered;
    survey_.add(SurveyKind::message, message.name_, std::move(problem), is_needed);
  }

  // Empty where the class has a method of these types.
  std::string problem_of(Id owner, Sel selector, char kind, const std::string& types) const;

  const Runtime& runtime_;
  Survey& survey_;
};

}  // namespace anebench::device::ane
