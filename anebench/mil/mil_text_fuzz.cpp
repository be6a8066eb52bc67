// What parses must print, what is printed must parse to the same program, and printing that again
// must give the same text; in the given order and in alphabetical order.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "anebench/mil/text_parser.h"
#include "anebench/mil/text_printer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using anebench::mil::parse_text;
  using anebench::mil::print_text;
  using anebench::mil::PrintOrder;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto program = parse_text(text);
  if (!program) {
    if (!program.error().message().starts_with("line ")) std::abort();
    return 0;
  }
  const std::string given = print_text(*program, {.order = PrintOrder::as_given});
  const auto same = parse_text(given);
  if (!same || !(*same == *program)) std::abort();
  if (print_text(*same, {.order = PrintOrder::as_given}) != given) std::abort();

  const std::string sorted = print_text(*program);
  const auto canonical = parse_text(sorted);
  if (!canonical || print_text(*canonical) != sorted) std::abort();
  return 0;
}
