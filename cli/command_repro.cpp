#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "anebench/base/shell_words.h"
#include "anebench/record/journal.h"
#include "anebench/report/compare.h"
#include "command_line.h"
#include "commands.h"
#include "console.h"
#include "nearest.h"

namespace anebench::cli {
namespace {

constexpr std::size_t kShownCandidates = 10;

std::string candidate(const record::Record& record) {
  return fmt::format("\n  {}  {}", record.id.substr(0, 16), report::case_name(record));
}

// The last record whose id starts with `prefix`. Errors: none; several ids.
Result<record::Record> find_record(std::span<const record::Record> records,
                                   const std::string& prefix, const std::string& file) {
  std::vector<const record::Record*> found;  // one an id
  std::vector<const record::Record*> all;
  for (const record::Record& record : records) {
    const auto add = [&](std::vector<const record::Record*>& to) {
      const auto same = std::find_if(to.begin(), to.end(),
                                     [&](const auto* other) { return other->id == record.id; });
      if (same == to.end()) {
        to.push_back(&record);
      } else {
        *same = &record;
      }
    };
    add(all);
    if (record.id.starts_with(prefix)) add(found);
  }
  if (found.size() == 1) return *found.front();
  const auto& shown = found.empty() ? all : found;
  std::string list;
  for (std::size_t i = 0; i < std::min(shown.size(), kShownCandidates); ++i) {
    list += candidate(*shown[i]);
  }
  if (shown.size() > kShownCandidates) {
    list += fmt::format("\n  and {} more", shown.size() - kShownCandidates);
  }
  if (found.empty()) {
    return fail(ErrorCode::not_found,
                "no record of {} has an id that starts with \"{}\"; there {}{}", file, prefix,
                all.empty() ? "are none" : "are", list);
  }
  return fail(ErrorCode::invalid_argument,
              "\"{}\" is the beginning of {} ids; give more of the one you mean:{}", prefix,
              found.size(), list);
}

// The file may come from anybody: what it says is executed only where it is a measurement that
// writes nothing.
Result<std::vector<std::string>> words_to_run(const record::Record& record) {
  ANEBENCH_ASSIGN(words, split_shell_words(record.repro), "reading the record's command");
  if (words.size() < 2 || words[0] != "anebench" || words[1] != record.experiment) {
    return fail(ErrorCode::invalid_argument,
                "the record's command is not \"anebench {} …\"; run it yourself if you trust it",
                record.experiment);
  }
  static const std::vector<std::string> kWriting = {"--json", "--csv", "--markdown", "-o"};
  for (const std::string& word : words) {
    if (contains(kWriting, word.substr(0, word.find('=')))) {
      return fail(ErrorCode::invalid_argument,
                  "the record's command writes a file ({}), as none does that this program made; "
                  "run it yourself if you trust it",
                  word);
    }
  }
  return words;
}

}  // namespace

int run_repro(const ReproArguments& arguments) {
  Console console(arguments.console);
  const auto records = record::read_records(arguments.file);
  if (!records) return console.error("repeat a case", records.error());
  const auto record = find_record(*records, arguments.id, arguments.file);
  if (!record) return console.error("repeat a case", record.error());
  console.message(
      fmt::format("{} ({}, {})", report::case_name(*record), record->time, record->version));
  if (!arguments.run) {
    console.print_raw(record->repro + "\n");
    return kOk;
  }
  const auto words = words_to_run(*record);
  if (!words) return console.error("repeat a case", words.error());
  console.message(record->repro);
  std::vector<const char*> argv;
  for (const std::string& word : *words) argv.push_back(word.c_str());
  const auto command = parse_command_line(static_cast<int>(argv.size()), argv.data());
  if (const int* status = std::get_if<int>(&command)) return *status;
  return std::get<std::function<int()>>(command)();
}

}  // namespace anebench::cli
