// Packages and the texts that Apple's compiler printed from them, and the packages of the
// conformance cases, which coremltools wrote.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

#include "anebench/base/file.h"
#include "anebench/mil/text_printer.h"
#include "anebench/package/package.h"
#include "test_data.h"

namespace anebench::package {
namespace {

namespace fs = std::filesystem;

// The compiler adds two entries to this line.
std::string without_build_info(const std::string& text) {
  const std::size_t start = text.find("[buildInfo");
  if (start == std::string::npos) return text;
  return text.substr(0, start) + text.substr(text.find('\n', start) + 1);
}

TEST(RealModels, PrintAsAppleDoes) {
  const fs::path& folder = tests::unpacked("real_models.tar.xz");
  if (folder.empty()) GTEST_SKIP() << "real_models.tar.xz is absent or cannot be read";
  std::map<std::string, fs::path> packages;
  std::map<std::string, fs::path> compiled;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const fs::path& path = entry.path();
    if (path.extension() == ".mlpackage") packages[path.stem().string()] = path;
    if (path.extension() == ".mlmodelc") compiled[path.stem().string()] = path;
  }
  int pairs = 0;
  for (const auto& [name, path] : packages) {
    SCOPED_TRACE(name);
    const auto package = read_package(path, weights::ReadMode::tolerant);
    ASSERT_TRUE(package) << package.error().to_string();
    if (!compiled.contains(name)) continue;
    ++pairs;
    const auto text = read_text_file(compiled[name] / "model.mil");
    ASSERT_TRUE(text);
    EXPECT_EQ(without_build_info(mil::print_text(package->program)), without_build_info(*text));
  }
  EXPECT_GE(pairs, 7);
}

// Nothing is lost or changed: the file comes out byte for byte.
void expect_same_bytes(const fs::path& package_path) {
  SCOPED_TRACE(package_path.string());
  const auto package = read_package(package_path, weights::ReadMode::tolerant);
  // Shapes of unknown rank have no form in the language; they are refused, not lost.
  if (!package && package.error().code() == ErrorCode::unsupported) return;
  ASSERT_TRUE(package) << package.error().to_string();
  const auto bytes = read_text_file(package_path / "Data/com.apple.CoreML/model.mlmodel");
  ASSERT_TRUE(bytes);
  EXPECT_TRUE(write_model(*package) == *bytes) << "the model written again differs";
  EXPECT_TRUE(package->unknown.empty());
}

TEST(RealModels, AreWrittenAgainByteForByte) {
  const fs::path& folder = tests::unpacked("real_models.tar.xz");
  if (folder.empty()) GTEST_SKIP() << "real_models.tar.xz is absent or cannot be read";
  int packages = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".mlpackage") continue;
    ++packages;
    expect_same_bytes(entry.path());
  }
  EXPECT_GE(packages, 11);
}

TEST(ConformancePackages, AreWrittenAgainByteForByte) {
  const fs::path& folder = tests::unpacked("conformance.tar.xz");
  if (folder.empty()) GTEST_SKIP() << "conformance.tar.xz is absent or cannot be read";
  int packages = 0;
  for (const auto& entry : fs::directory_iterator(folder / "conformance")) {
    if (!fs::exists(entry.path() / "m.mlpackage")) continue;
    ++packages;
    expect_same_bytes(entry.path() / "m.mlpackage");
  }
  EXPECT_GE(packages, 1264);
}

}  // namespace
}  // namespace anebench::package
