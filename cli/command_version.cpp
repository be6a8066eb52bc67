#include <fmt/format.h>

#include <CLI/Version.hpp>
#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "anebench/base/version.h"
#include "commands.h"
#include "console.h"

namespace anebench::cli {

int run_version() {
  const BuildInfo& build = build_info();
  std::string text = build.description() + "\n";
  text += fmt::format("built with {}, {}", build.compiler, build.build_type);
  if (!build.sanitizers.empty()) text += fmt::format(", sanitizers {}", build.sanitizers);
  text += fmt::format("\nuses fmt {}.{}.{}, nlohmann-json {}.{}.{}, tl-expected {}.{}.{}, CLI11 {}",
                      FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100,
                      NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
                      NLOHMANN_JSON_VERSION_PATCH, TL_EXPECTED_VERSION_MAJOR,
                      TL_EXPECTED_VERSION_MINOR, TL_EXPECTED_VERSION_PATCH, CLI11_VERSION);
  text += fmt::format(", oneDNN {}\n", ANEBENCH_ONEDNN_VERSION);
  const auto written = write_stdout(text);
  return written ? kOk : Console({}).error("print the version", written.error());
}

}  // namespace anebench::cli
