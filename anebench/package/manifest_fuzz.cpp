// Fuzzes the manifest reader: what it accepts, written and read again, is the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "anebench/package/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto manifest =
      anebench::package::read_manifest({reinterpret_cast<const char*>(data), size});
  if (!manifest) return 0;
  const auto back = anebench::package::read_manifest(anebench::package::write_manifest(*manifest));
  if (!back || !(*back == *manifest)) std::abort();
  return 0;
}
