// Result<T>: how every fallible function of the library reports failure.
//
// An Error carries a code for programs, a message for people, and a chain of contexts that says,
// outermost first, what was being done. No exception crosses the library's boundary.
//
//   Result<File> open(const std::string& path) {
//     if (path.empty()) return fail(ErrorCode::invalid_argument, "the path is empty");
//     ...
//   }
//   Result<void> use() {
//     ANEBENCH_ASSIGN(file, open(path), "reading the weights");
//     return {};
//   }
//
// Errors are plain values: copyable, thread-compatible.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace anebench {

enum class ErrorCode {
  invalid_argument,    // the caller's parameters
  parse_error,         // malformed input data
  verification_error,  // well-formed input that breaks a rule of the language
  not_found,           // a file, a name, an entry
  io_error,            // the operating system refused
  unsupported,         // understood, but not done here
  unavailable,         // a device that is not on this machine
  resource_exhausted,  // a limit on memory, size or count
  wrong_result,        // a numeric check failed
  timeout,             // a time limit was reached
  internal,            // a fault of this program
};

// The code's name as written in records, e.g. "invalid_argument".
std::string_view to_string(ErrorCode code);

class Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }
  // Outermost first.
  const std::vector<std::string>& contexts() const { return contexts_; }

  // Adds what was being done around the failure.
  Error& add_context(std::string context);

  // "outermost: inner: message".
  std::string to_string() const;

 private:
  ErrorCode code_;
  std::string message_;
  std::vector<std::string> contexts_;
};

template <typename T>
using Result = tl::expected<T, Error>;

// fail(code, "format {}", args…) makes the unexpected value to return.
template <typename... Args>
[[nodiscard]] tl::unexpected<Error> fail(ErrorCode code, fmt::format_string<Args...> format,
                                         Args&&... args) {
  return tl::unexpected<Error>(Error(code, fmt::format(format, std::forward<Args>(args)...)));
}

[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

// Passes an error on with one more context.
[[nodiscard]] inline tl::unexpected<Error> fail_with_context(Error error, std::string context) {
  error.add_context(std::move(context));
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace anebench

#define ANEBENCH_CONCAT_INNER(a, b) a##b
#define ANEBENCH_CONCAT(a, b) ANEBENCH_CONCAT_INNER(a, b)

// Returns from the enclosing function if `expression`, a Result, holds an error. An optional second
// argument (a string, evaluated only on failure) becomes a context.
#define ANEBENCH_TRY(expression, ...)                                         \
  do {                                                                        \
    auto&& anebench_try_result = (expression);                                \
    if (!anebench_try_result) {                                               \
      return ::anebench::fail_with_optional_context(                          \
          std::move(anebench_try_result).error() __VA_OPT__(, ) __VA_ARGS__); \
    }                                                                         \
  } while (false)

// Declares `name` with the value of `expression`, a Result, or returns its error.
#define ANEBENCH_ASSIGN(name, expression, ...)                     \
  auto ANEBENCH_CONCAT(anebench_result_, __LINE__) = (expression); \
  if (!ANEBENCH_CONCAT(anebench_result_, __LINE__)) {              \
    return ::anebench::fail_with_optional_context(                 \
        std::move(ANEBENCH_CONCAT(anebench_result_, __LINE__))     \
            .error() __VA_OPT__(, ) __VA_ARGS__);                  \
  }                                                                \
  auto name = std::move(*ANEBENCH_CONCAT(anebench_result_, __LINE__))

namespace anebench {
[[nodiscard]] inline tl::unexpected<Error> fail_with_optional_context(Error error) {
  return tl::unexpected<Error>(std::move(error));
}
[[nodiscard]] inline tl::unexpected<Error> fail_with_optional_context(Error error,
                                                                      std::string context) {
  return fail_with_context(std::move(error), std::move(context));
}
}  // namespace anebench
