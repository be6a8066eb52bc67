// What this build is: version, commit, compiler.
//
//   fmt::print("{}\n", build_info().description());  // "anebench 0.1.0 (1a2b3c4d5e6f, modified)"
//
// The values are made at build time in one source file of a library of its own,
// `anebench::version`, so that a new commit relinks only what prints them: a layer that calls
// build_info() has `version` among its DEPENDS. Thread-safe; the text lives as long as the program.
#pragma once

#include <string>
#include <string_view>

namespace anebench {

struct BuildInfo {
  std::string_view version;     // "0.1.0"
  std::string_view git_commit;  // 12 hexadecimal digits, or "unknown" outside a git checkout
  bool git_modified = false;    // tracked files differed from the commit
  std::string_view compiler;    // "GNU 12.2.0"
  std::string_view build_type;  // "Release"
  std::string_view sanitizers;  // "address,undefined", or empty

  // "anebench 0.1.0 (commit)" or "anebench 0.1.0 (commit, modified)".
  std::string description() const;
};

const BuildInfo& build_info();

}  // namespace anebench
