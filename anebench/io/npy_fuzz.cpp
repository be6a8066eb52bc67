// Fuzzes the npy reader: what it accepts can be written and read again, and is then the same.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "anebench/io/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto array = anebench::io::read_npy(std::as_bytes(std::span(data, size)));
  if (!array) return 0;
  const auto written = anebench::io::write_npy(*array);
  if (!written) std::abort();
  const auto back = anebench::io::read_npy(*written);
  if (!back || !(*back == *array)) std::abort();
  return 0;
}
