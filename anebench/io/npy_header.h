// The header of an .npy file: a Python dictionary in text. Internal to the io layer; pure
// functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/io/npy.h"

namespace anebench::io {

struct NpyHeader {
  NpyType type = NpyType::fp32;
  bool is_big_endian = false;
  bool is_fortran_order = false;
  std::vector<std::int64_t> shape;
};

// "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }": keys in any order, each once.
Result<NpyHeader> parse_npy_header(std::string_view text);
// The same for C order and little-endian elements, without padding.
std::string format_npy_header(NpyType type, const std::vector<std::int64_t>& shape);

}  // namespace anebench::io
