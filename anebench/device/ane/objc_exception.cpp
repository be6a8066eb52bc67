#include "anebench/device/ane/objc_exception.h"

#include <algorithm>
#include <atomic>
#include <list>
#include <mutex>
#include <utility>

#include "anebench/device/ane/objc_runtime.h"

namespace anebench::device::ane {
namespace {

// The hook is a C function without a context of its own, and the runtime has one for the process.
struct ExceptionWatch {
  std::atomic<const Functions*> functions = nullptr;
  std::atomic<ExceptionHook> next = nullptr;
};
ExceptionWatch exception_watch;

// The words of the exception that is on its way, of this thread.
std::string& last_words() {
  thread_local std::string words;
  return words;
}

std::string words_of(const Functions& functions, Id exception, const char* selector) {
  const auto send = [&](Id receiver, const char* name) {
    const Sel sel = functions.register_selector(name);
    return functions.send != nullptr ? functions.send : functions.lookup(receiver, sel);
  };
  const auto text = reinterpret_cast<Id (*)(Id, Sel)>(send(exception, selector))(
      exception, functions.register_selector(selector));
  if (text == nullptr) return {};
  const auto* characters = reinterpret_cast<const char* (*)(Id, Sel)>(send(text, "UTF8String"))(
      text, functions.register_selector("UTF8String"));
  return characters == nullptr ? "" : characters;
}

Id remember_exception(Id exception) {
  const Functions* functions = exception_watch.functions.load();
  if (functions != nullptr) {
    // An object that is no NSException may be thrown, too; what it answers with is caught here.
    try {
      last_words() = words_of(*functions, exception, "name") + ": " +
                     words_of(*functions, exception, "reason");
    } catch (...) {
      last_words().clear();
    }
  }
  const ExceptionHook next = exception_watch.next.load();
  return next == nullptr ? exception : next(exception);
}

}  // namespace

void watch_exceptions(const Runtime& runtime) {
  const Functions& functions = runtime.functions();
  if (functions.set_exception_hook == nullptr) return;
  // Exceptions may be thrown when this runtime's object is long gone, but its library never is.
  static std::mutex mutex;
  static std::list<Functions> watched;
  const std::lock_guard lock(mutex);
  const auto is_same = [&](const Functions& other) {
    return other.set_exception_hook == functions.set_exception_hook;
  };
  if (std::any_of(watched.begin(), watched.end(), is_same)) return;
  exception_watch.functions = &watched.emplace_back(functions);
  const ExceptionHook previous = functions.set_exception_hook(remember_exception);
  if (previous != remember_exception) exception_watch.next = previous;
}

tl::unexpected<Error> thrown_exception(std::string_view message) {
  const std::string words = std::exchange(last_words(), {});
  return fail(ErrorCode::internal,
              "{} threw an exception{}{}; the framework does not work as this program knows it: "
              "`anebench doctor` says what was found",
              message, words.empty() ? "" : ": ", words);
}

}  // namespace anebench::device::ane
