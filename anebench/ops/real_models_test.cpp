// The verifier on texts that Apple's compiler printed. They are right by definition: whatever it
// finds in them, apart from op types that have no definition here, is a false alarm.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

#include "anebench/base/file.h"
#include "anebench/mil/text_parser.h"
#include "anebench/ops/verifier.h"
#include "test_data.h"

namespace anebench::ops {
namespace {

namespace fs = std::filesystem;

void count_operations(const mil::Block& block, std::map<std::string, std::size_t>& counts) {
  for (const mil::Operation& operation : block.operations) {
    ++counts[operation.type];
    for (const mil::Block& nested : operation.blocks) count_operations(nested, counts);
  }
}

void expect_no_false_alarm(const fs::path& path) {
  SCOPED_TRACE(path.string());
  const auto text = read_text_file(path);
  ASSERT_TRUE(text) << text.error().to_string();
  const auto program = mil::parse_text(*text);
  ASSERT_TRUE(program) << program.error().to_string();
  std::map<std::string, std::size_t> counts;
  for (const mil::Function& function : program->functions()) {
    count_operations(function.body, counts);
  }
  VerifyOptions options;
  options.max_diagnostics = 100000;
  std::map<std::string, std::size_t> unknown;
  for (const Diagnostic& diagnostic : verify(*program, options).diagnostics) {
    if (diagnostic.rule == "unknown-op") {
      ++unknown[diagnostic.op_type];
    } else {
      ADD_FAILURE() << to_string(diagnostic);
    }
  }
  // One diagnostic for each operation of an unknown type, no more and no fewer.
  for (const auto& [type, count] : unknown) EXPECT_EQ(count, counts[type]) << type;
}

TEST(RealModels, HaveNoBrokenRules) {
  const fs::path& models = tests::unpacked("real_models.tar.xz");
  if (models.empty()) GTEST_SKIP() << "real_models.tar.xz is absent or cannot be read";
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(models)) {
    if (entry.path().extension() != ".mil") continue;
    ++files;
    expect_no_false_alarm(entry.path());
  }
  EXPECT_GE(files, 13);
}

}  // namespace
}  // namespace anebench::ops
