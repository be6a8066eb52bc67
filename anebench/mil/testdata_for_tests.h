// For tests: programs in MIL text from the project's test data.
#pragma once

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <string>

namespace anebench::mil {

// The bytes of testdata/mil/<name>; "" where it cannot be read.
inline std::string read_testdata(const std::string& name) {
  std::ifstream file(fmt::format("{}/mil/{}", ANEBENCH_TESTDATA, name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace anebench::mil
