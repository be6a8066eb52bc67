// Fixture of tests that give the program files: each test has a folder of its own, which goes with
// it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "anebench/base/file.h"

namespace anebench::tests {

class CliFolder : public testing::Test {
 protected:
  CliFolder() : directory_(*TemporaryDirectory::create()) {}

  std::string path(const std::string& name) const { return (directory_.path() / name).string(); }
  // Of a file that must be there.
  std::string content(const std::string& name) const {
    const auto text = read_text_file(path(name));
    EXPECT_TRUE(text) << text.error().to_string();
    return text.value_or("");
  }
  // Returns the file's path.
  std::string write(const std::string& name, std::string_view text) const {
    EXPECT_TRUE(write_file_atomically(path(name), text));
    return path(name);
  }

  TemporaryDirectory directory_;
};

}  // namespace anebench::tests
