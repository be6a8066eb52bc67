// For tests: programs in MIL text from the project's test data.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include "test_data.h"

namespace anebench::mil {

// The bytes of testdata/mil/<name>; "" where it cannot be read.
inline std::string read_testdata(const std::string& name) {
  std::ifstream file(tests::testdata("mil/" + name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace anebench::mil
