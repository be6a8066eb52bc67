#include "test_data.h"

#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <utility>

#include "anebench/base/file.h"

namespace anebench::tests {
namespace {

namespace fs = std::filesystem;

struct Unpacked {
  std::optional<TemporaryDirectory> folder;
  fs::path path;
};

Unpacked unpack(const fs::path& archive) {
  if (!fs::exists(archive)) return {};
  auto folder = TemporaryDirectory::create();
  if (!folder) return {};
  const std::string command =
      fmt::format("tar -xJf '{}' -C '{}'", archive.string(), folder->path().string());
  if (std::system(command.c_str()) != 0) return {};
  fs::path path = folder->path();
  return {std::move(*folder), std::move(path)};
}

}  // namespace

fs::path testdata(std::string_view name) { return fs::path(ANEBENCH_TESTDATA) / name; }

fs::path shared_data(std::string_view name) { return fs::path(ANEBENCH_SHARED_DATA) / name; }

const fs::path& unpacked(const std::string& name) {
  static std::map<std::string, Unpacked> archives;
  const auto [entry, is_new] = archives.try_emplace(name);
  if (is_new) entry->second = unpack(shared_data(name));
  return entry->second.path;
}

}  // namespace anebench::tests
