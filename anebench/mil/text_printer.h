// Programs to MIL text, in the exact layout that Apple's tools print.
//
//   std::string text = print_text(program);
//
// Arguments, attributes, function parameters and dictionary entries with string keys print in
// alphabetical order, as Apple prints them; numbers as shortest hex floats. In texts of version 1.3
// and later a scalar's type is bare ("int32"), before it is a tensor of rank 0. A text that Apple
// printed comes out of parse_text and print_text byte for byte. Documentation strings and the
// attributes of a function's body have no text form and are left out. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "anebench/mil/program.h"

namespace anebench::mil {

enum class PrintOrder : std::uint8_t {
  alphabetical,
  as_given,  // every order as it is in the program
};

struct PrintOptions {
  PrintOrder order = PrintOrder::alphabetical;
};

std::string print_text(const Program& program, const PrintOptions& options = {});
// The same to a sink that receives the text in pieces, for programs with large literals.
void print_text(const Program& program, const std::function<void(std::string_view)>& sink,
                const PrintOptions& options = {});

// One value as a literal: "tensor<int32, [2]>([1, 2])". `version` decides how scalars are spelled.
std::string print_literal_text(const Value& value, std::string_view version = "1.3");
// One operation as a line without indentation and newline, for messages.
std::string print_operation_text(const Operation& operation, std::string_view version = "1.3");

}  // namespace anebench::mil
