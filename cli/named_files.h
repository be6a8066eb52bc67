// "--input NAME=FILE" and "--output NAME=FILE": which file belongs to which value of a program.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"

namespace anebench::cli {

struct NamedFiles {
  // Files by the name of a value.
  std::map<std::string, std::string> files;
  // .npz files, given without a name: they hold values by name.
  std::vector<std::string> archives;
};

// The texts of an option ("input", "output"). The name may be left out before an .npz file, and
// where the program has just one such value. Errors (invalid_argument): names that are not `known`,
// or given twice.
Result<NamedFiles> named_files(const std::vector<std::string>& texts, std::string_view option,
                               const std::vector<mil::NamedType>& known);

// "x, y".
std::string names_of(const std::vector<mil::NamedType>& values);

}  // namespace anebench::cli
