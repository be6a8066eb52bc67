#include "anebench/base/result.h"

namespace anebench {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument: return "invalid_argument";
    case ErrorCode::parse_error: return "parse_error";
    case ErrorCode::verification_error: return "verification_error";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::io_error: return "io_error";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::unavailable: return "unavailable";
    case ErrorCode::resource_exhausted: return "resource_exhausted";
    case ErrorCode::wrong_result: return "wrong_result";
    case ErrorCode::timeout: return "timeout";
    case ErrorCode::internal: return "internal";
  }
  return "internal";
}

Error& Error::add_context(std::string context) {
  contexts_.insert(contexts_.begin(), std::move(context));
  return *this;
}

std::string Error::to_string() const {
  std::string text;
  for (const std::string& context : contexts_) {
    text += context;
    text += ": ";
  }
  return text + message_;
}

}  // namespace anebench
