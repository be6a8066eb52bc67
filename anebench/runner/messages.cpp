#include "anebench/runner/messages.h"

#include "anebench/base/json.h"
#include "anebench/runner/child_process.h"

namespace anebench::runner {
namespace {

constexpr std::string_view kStep = "step";
constexpr std::string_view kNote = "note";
// Of a line that is no message, in the error; and of a text that will be shown.
constexpr std::size_t kShownBytes = 80;
constexpr std::size_t kMaxTextBytes = 2000;

std::string make_line(std::string_view key, std::string_view text) {
  Json json;
  json[std::string(key)] = std::string(text);
  return dump_json(json) + "\n";
}

tl::unexpected<Error> no_message(std::string_view line, const Error& reason) {
  return fail(ErrorCode::parse_error, "a line that is no record, \"{}\"{}: {}",
              printable(line, kShownBytes), line.size() > kShownBytes ? " …" : "",
              reason.to_string());
}

}  // namespace

std::string to_line(const StepMessage& message) { return make_line(kStep, message.text); }
std::string to_line(const NoteMessage& message) { return make_line(kNote, message.text); }

Result<Message> parse_message(std::string_view line) {
  const auto json = parse_json(line);
  if (!json) return no_message(line, json.error());
  if (const auto step = json_string(*json, kStep)) {
    return StepMessage{printable(*step, kMaxTextBytes)};
  }
  if (const auto note = json_string(*json, kNote)) {
    return NoteMessage{printable(*note, kMaxTextBytes)};
  }
  auto record = record::from_json(*json);
  if (!record) return no_message(line, record.error());
  return std::move(*record);
}

}  // namespace anebench::runner
