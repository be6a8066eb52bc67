// Documents as text for a terminal. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <string>

#include "anebench/report/document.h"

namespace anebench::report {

struct TerminalOptions {
  bool color = false;  // ANSI escape sequences
  std::size_t width = 100;
};

// Lines of at most `width` columns; tables that are wider lose the end of their longest cells of
// left-aligned columns.
std::string to_terminal(const Document& document, const TerminalOptions& options = {});

}  // namespace anebench::report
