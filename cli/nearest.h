// Suggestions for names that were misspelt.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace anebench::cli {

// How many letters must be inserted, left out, replaced or swapped with their neighbour to turn one
// name into the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The known name nearest to `name`; empty where none is near enough to be what was meant.
std::string nearest(std::string_view name, const std::vector<std::string>& known);

// "; did you mean X?", or nothing.
std::string suggestion(std::string_view name, const std::vector<std::string>& known);

// "a, b, c".
std::string joined(const std::vector<std::string>& names);

inline bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace anebench::cli
