// The process environment.
#pragma once

#include <optional>
#include <string>

namespace anebench {

// The value of an environment variable; nothing if it is unset. Thread-safe as long as no thread
// changes the environment.
std::optional<std::string> env(const std::string& name);

}  // namespace anebench
