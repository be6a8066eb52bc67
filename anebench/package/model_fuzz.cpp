// Fuzzes the model reader: what it accepts, written and read again, is the same, and prints.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "anebench/mil/text_printer.h"
#include "anebench/package/package.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto package = anebench::package::read_model(std::as_bytes(std::span(data, size)));
  if (!package) return 0;
  anebench::mil::print_text(package->program, [](std::string_view) {});
  // Once written, nothing changes any more: NaNs are quiet, fields are in order.
  const std::string written = anebench::package::write_model(*package);
  const auto back = anebench::package::read_model(std::as_bytes(std::span(written)));
  if (!back) std::abort();
  if (anebench::package::write_model(*back) != written) std::abort();
  return 0;
}
