// What parses must print, and what is printed must parse to the same value.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "anebench/base/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto json = anebench::parse_json(text, {.max_bytes = 1 << 20, .max_depth = 64});
  if (!json) {
    if (json.error().message().empty()) std::abort();
    return 0;
  }
  const std::string printed = anebench::dump_json(*json);
  const auto again = anebench::parse_json(printed);
  if (!again || anebench::dump_json(*again) != printed) std::abort();
  const std::string canonical = anebench::dump_json_canonical(*json);
  const auto sorted = anebench::parse_json(canonical);
  if (!sorted || anebench::dump_json_canonical(*sorted) != canonical) std::abort();
  return 0;
}
