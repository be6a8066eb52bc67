#include "named_files.h"

#include <algorithm>

namespace anebench::cli {
namespace {

bool is_known(const std::vector<mil::NamedType>& known, std::string_view name) {
  return std::any_of(known.begin(), known.end(),
                     [&](const mil::NamedType& one) { return one.name == name; });
}

Result<void> add_named(NamedFiles& result, std::string_view option, const std::string& name,
                       const std::string& file) {
  if (file.empty()) {
    return fail(ErrorCode::invalid_argument, "--{} {}= names no file", option, name);
  }
  if (!result.files.emplace(name, file).second) {
    return fail(ErrorCode::invalid_argument, "the {} \"{}\" is given twice", option, name);
  }
  return {};
}

}  // namespace

std::string names_of(const std::vector<mil::NamedType>& values) {
  std::string names;
  for (const mil::NamedType& value : values) names += (names.empty() ? "" : ", ") + value.name;
  return names;
}

Result<NamedFiles> named_files(const std::vector<std::string>& texts, std::string_view option,
                               const std::vector<mil::NamedType>& known) {
  NamedFiles result;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    // No name of a value has a slash, so this is a path with an equals sign in it.
    const bool is_named = equals != std::string::npos && name.find('/') == std::string::npos;
    if (is_named && is_known(known, name)) {
      ANEBENCH_TRY(add_named(result, option, name, text.substr(equals + 1)));
    } else if (is_named) {
      return fail(ErrorCode::invalid_argument, "there is no {} \"{}\"; the program has {}", option,
                  name, names_of(known));
    } else if (text.ends_with(".npz")) {
      result.archives.push_back(text);
    } else if (known.size() == 1) {
      ANEBENCH_TRY(add_named(result, option, known.front().name, text));
    } else {
      return fail(ErrorCode::invalid_argument,
                  "--{0} takes NAME=FILE, and \"{1}\" does not say which {0} it is; the program "
                  "has {2}",
                  option, text, names_of(known));
    }
  }
  return result;
}

}  // namespace anebench::cli
