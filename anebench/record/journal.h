// The journal of a run: records in a file, one JSON object a line, appended and flushed as each
// case ends, so that a killed run keeps what it had and can be resumed.
//
//   ANEBENCH_ASSIGN(journal, Journal::open("results.jsonl"));
//   if (!journal.contains(id)) { …; ANEBENCH_TRY(journal.append(record)); }
//
// A last line without its end (the process was killed while writing) is cut off when the journal
// is opened. Not thread-safe.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/file.h"
#include "anebench/base/result.h"
#include "anebench/record/record.h"

namespace anebench::record {

// All records of a file. Errors name the line. A torn last line is left out (`torn`, if given, says
// so).
Result<std::vector<Record>> read_records(const std::string& path, bool* torn = nullptr);

// A record with the line that it was read from, without its end: what is written again as it is
// loses no field that this version does not know.
struct RecordLine {
  Record record;
  std::string text;
};
// The same with the lines; a last line without its end that is whole counts.
Result<std::vector<RecordLine>> read_record_lines(const std::string& path, bool* torn = nullptr);

class Journal {
 public:
  // Creates the file, or opens it and reads the ids that are there. Errors: io_error; parse_error
  // naming a malformed line (which is left as it is).
  static Result<Journal> open(const std::string& path);

  bool contains(std::string_view id) const { return ids_.find(id) != ids_.end(); }
  const std::vector<Record>& existing() const { return existing_; }

  // `keep_samples` false leaves raw samples out.
  Result<void> append(const Record& record, bool keep_samples = true);

 private:
  Journal(AppendFile file, std::vector<Record> existing);

  AppendFile file_;
  std::vector<Record> existing_;
  std::set<std::string, std::less<>> ids_;
};

// The record's line, ending in a newline.
std::string to_line(const Record& record, bool keep_samples = true);

}  // namespace anebench::record
