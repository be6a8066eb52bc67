// Which processors the program may use.
#pragma once

#include <string_view>

#include "anebench/base/result.h"

namespace anebench::cli {

// Limits this thread, and all that it starts later, to a list such as "0-3,8". Errors:
// invalid_argument for a malformed list or processors that are not there; unsupported where the
// system knows no affinity.
Result<void> set_affinity(std::string_view list);

}  // namespace anebench::cli
