// Command lines as a shell reads them: words put together so that a person can paste the line, and
// taken apart again. Pure; thread-safe.
//
//   join_shell_words({"anebench", "peak", "--filter", "a b"});  // anebench peak --filter 'a b'
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"

namespace anebench {

// Words with anything but letters, digits and -_=,.:%/@+ get single quotes.
std::string join_shell_words(std::span<const std::string> words);

// What join_shell_words made, and no more of the shell than that: words between blanks, single
// quotes, and a backslash before a character outside of quotes. Errors: invalid_argument for an
// open quote and for characters that mean something else to a shell ($, `, ;, |, …).
Result<std::vector<std::string>> split_shell_words(std::string_view line);

}  // namespace anebench
