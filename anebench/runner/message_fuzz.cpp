// What a process of an isolated case may write: a message that is understood must survive being
// written again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "anebench/record/journal.h"
#include "anebench/runner/messages.h"

namespace {

using namespace anebench;

std::string written(const runner::Message& message) {
  if (const auto* record = std::get_if<record::Record>(&message)) return record::to_line(*record);
  if (const auto* step = std::get_if<runner::StepMessage>(&message)) return runner::to_line(*step);
  return runner::to_line(std::get<runner::NoteMessage>(message));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto message = anebench::runner::parse_message(line);
  if (!message) {
    if (message.error().message().empty()) std::abort();
    return 0;
  }
  const std::string once = written(*message);
  const auto again = anebench::runner::parse_message(once);
  if (!again || written(*again) != once) std::abort();
  return 0;
}
