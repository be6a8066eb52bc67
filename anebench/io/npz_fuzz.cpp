// Fuzzes the npz reader: what it accepts can be written and read again, and is then the same.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "anebench/io/npz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kLimit = 1 << 20;
  const auto arrays = anebench::io::read_npz(std::as_bytes(std::span(data, size)), kLimit);
  if (!arrays) return 0;
  const auto written = anebench::io::write_npz(*arrays);
  if (!written) return 0;  // names that are no UTF-8
  const auto back = anebench::io::read_npz(*written);
  if (!back || *back != *arrays) std::abort();
  return 0;
}
