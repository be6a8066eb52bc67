// What the process of an isolated case says besides its records, on the same stream: one JSON
// object a line with a single key, which no record has.
//
//   {"step":"w8a8: compiling"}
//   {"note":"512x64x64 depth 128: shortened to depth 16 …"}
//
// Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "anebench/base/result.h"
#include "anebench/record/record.h"

namespace anebench::runner {

struct StepMessage {
  std::string text;
};
struct NoteMessage {
  std::string text;
};
using Message = std::variant<record::Record, StepMessage, NoteMessage>;

// With the line's end.
std::string to_line(const StepMessage& message);
std::string to_line(const NoteMessage& message);

// The line comes from a process that may have gone mad: whatever is in it, the result is a message
// or an error that shows its beginning.
Result<Message> parse_message(std::string_view line);

}  // namespace anebench::runner
