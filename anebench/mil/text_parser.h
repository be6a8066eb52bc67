// MIL text to programs.
//
//   Result<Program> program = parse_text(text);
//   if (!program) print(program.error().to_string());
//   // "line 4, column 13: expected ')' after the arguments, found 'x'"
//
// Reads what Apple's tools print and what people write by hand (docs/mil-text.md has the grammar);
// op types need not be known. What the text cannot mean on any reading is an error here; whether
// names are defined and types fit is for the verifier. Errors are parse_error with line and column,
// both from 1, columns in bytes. Memory stays proportional to the text's length and the stack
// bounded, whatever the text. Operations carry their location. Thread-safe (no shared state).
#pragma once

#include <string_view>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"

namespace anebench::mil {

struct ParseOptions {
  // Deepest nesting of blocks (cond, while_loop) within a function.
  int max_block_nesting = 64;
};

Result<Program> parse_text(std::string_view text, const ParseOptions& options = {});

// One literal, such as "tensor<int32, [2]>([1, 2])" or "fp16(0.5)", and nothing else.
Result<Value> parse_literal_text(std::string_view text);
// One type, such as "tensor<fp16, [1, ?]>", and nothing else.
Result<Type> parse_type_text(std::string_view text);

// "[A-Za-z_][A-Za-z0-9_@]*": whether text can name this.
bool is_identifier(std::string_view text);

}  // namespace anebench::mil
