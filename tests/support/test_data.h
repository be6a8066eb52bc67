// Where tests find their data. The folders' paths are compiled into this library alone, so that
// tests built in another checkout come out of the compiler's cache.
//
//   const std::filesystem::path& models = anebench::tests::unpacked("real_models.tar.xz");
//   if (models.empty()) GTEST_SKIP() << "real_models.tar.xz is absent or cannot be read";
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace anebench::tests {

// testdata/<name> of the project.
std::filesystem::path testdata(std::string_view name);

// <name> in the folder of data that stands beside the project and may be absent.
std::filesystem::path shared_data(std::string_view name);

// The contents of the archive shared_data(name), unpacked once for each process into a folder that
// goes with it. Empty where the archive is absent or tar cannot read it. Not to be called from two
// threads at once.
const std::filesystem::path& unpacked(const std::string& name);

// The public models (packages and compiled folders) of real_models.tar.xz that come with their
// weights, sorted; of some the archive has only a pointer to them. Empty where the archive is
// absent.
std::vector<std::filesystem::path> complete_models();
// How many there are.
inline constexpr std::size_t kCompleteModels = 19;

}  // namespace anebench::tests
