#include "anebench/base/env.h"

#include <cstdlib>

namespace anebench {

std::optional<std::string> env(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

}  // namespace anebench
