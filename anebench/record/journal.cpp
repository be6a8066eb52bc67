#include "anebench/record/journal.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

namespace anebench::record {
namespace {

struct Content {
  std::vector<Record> records;
  std::vector<std::string> lines;  // of the records
  // Bytes up to the end of the last whole line, and of the file.
  std::size_t whole_bytes = 0;
  std::size_t bytes = 0;
  // What comes after the last whole line.
  std::string rest;
};

Result<Record> parse_line(std::string_view line) {
  ANEBENCH_ASSIGN(json, parse_json(line));
  return from_json(json);
}

Result<Content> read_content(const std::string& path) {
  ANEBENCH_ASSIGN(text, read_text_file(path), "reading records");
  Content content;
  content.bytes = text.size();
  std::size_t line = 0;
  std::size_t start = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos;
       start = end + 1, end = text.find('\n', start)) {
    ++line;
    content.whole_bytes = end + 1;
    const std::string_view item = std::string_view(text).substr(start, end - start);
    if (item.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    ANEBENCH_ASSIGN(record, parse_line(item), fmt::format("{}, line {}", path, line));
    content.records.push_back(std::move(record));
    content.lines.emplace_back(item);
  }
  content.rest = text.substr(content.whole_bytes);
  return content;
}

}  // namespace

Result<std::vector<Record>> read_records(const std::string& path, bool* torn) {
  ANEBENCH_ASSIGN(content, read_content(path));
  if (torn != nullptr) *torn = content.whole_bytes != content.bytes;
  return std::move(content.records);
}

Result<std::vector<RecordLine>> read_record_lines(const std::string& path, bool* torn) {
  ANEBENCH_ASSIGN(content, read_content(path));
  std::vector<RecordLine> result;
  for (std::size_t i = 0; i < content.records.size(); ++i) {
    result.push_back({std::move(content.records[i]), std::move(content.lines[i])});
  }
  bool is_torn = !content.rest.empty();
  if (is_torn) {
    if (auto record = parse_line(content.rest)) {
      result.push_back({std::move(*record), std::move(content.rest)});
      is_torn = false;
    }
  }
  if (torn != nullptr) *torn = is_torn;
  return result;
}

Journal::Journal(AppendFile file, std::vector<Record> existing)
    : file_(std::move(file)), existing_(std::move(existing)) {
  for (const Record& record : existing_) ids_.insert(record.id);
}

Result<Journal> Journal::open(const std::string& path) {
  std::vector<Record> existing;
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) {
    ANEBENCH_ASSIGN(content, read_content(path));
    if (content.whole_bytes != content.bytes) {
      std::error_code error;
      std::filesystem::resize_file(path, content.whole_bytes, error);
      if (error) {
        return fail(ErrorCode::io_error, "cannot cut the torn last line of {}: {}", path,
                    error.message());
      }
    }
    existing = std::move(content.records);
  }
  ANEBENCH_ASSIGN(file, AppendFile::open(path));
  return Journal(std::move(file), std::move(existing));
}

Result<void> Journal::append(const Record& record, bool keep_samples) {
  ANEBENCH_TRY(file_.append(to_line(record, keep_samples)));
  ids_.insert(record.id);
  return {};
}

std::string to_line(const Record& record, bool keep_samples) {
  Json json = to_json(record);
  if (!keep_samples) json.erase("samples");
  return dump_json(json) + "\n";
}

}  // namespace anebench::record
