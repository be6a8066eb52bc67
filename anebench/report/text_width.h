// How much room UTF-8 text takes in a terminal. Pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace anebench::report {

// Columns of a terminal: combining marks take none, East Asian wide characters two, all others one.
// A byte that is not UTF-8 counts as one character.
std::size_t display_width(std::string_view text);

// Cuts text that is wider than `width` and ends it with "…"; never inside a character.
std::string cut_to_width(std::string_view text, std::size_t width);

// Lines of at most `width` columns, broken at spaces; longer words stand alone.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

}  // namespace anebench::report
