#include "test_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
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

// A pointer to a weight file is shorter than any weight file.
constexpr std::uintmax_t kSmallestWeights = 1 << 10;

bool has_its_weights(const fs::path& model) {
  for (const auto& entry : fs::recursive_directory_iterator(model)) {
    if (entry.path().extension() == ".bin" && entry.path().parent_path().filename() == "weights" &&
        entry.file_size() < kSmallestWeights) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::vector<fs::path> complete_models() {
  std::vector<fs::path> models;
  const fs::path& folder = unpacked("real_models.tar.xz");
  if (folder.empty()) return models;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const fs::path form = entry.path().extension();
    if ((form == ".mlpackage" || form == ".mlmodelc") && has_its_weights(entry.path())) {
      models.push_back(entry.path());
    }
  }
  std::sort(models.begin(), models.end());
  return models;
}

fs::path testdata(std::string_view name) { return fs::path(ANEBENCH_TESTDATA) / name; }

fs::path shared_data(std::string_view name) { return fs::path(ANEBENCH_SHARED_DATA) / name; }

const fs::path& unpacked(const std::string& name) {
  static std::map<std::string, Unpacked> archives;
  const auto [entry, is_new] = archives.try_emplace(name);
  if (is_new) entry->second = unpack(shared_data(name));
  return entry->second.path;
}

}  // namespace anebench::tests
