#include "anebench/experiments/published.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <utility>

#include "anebench/base/number.h"

namespace anebench::experiments {

// data/published.csv, made into a source file by cmake/anebench_embed.cmake.
extern const std::string_view kPublishedCsv;

namespace {

// The fields of the line at `text`'s start, and moves `text` behind it. Nothing where a quote is
// not closed.
std::optional<std::vector<std::string>> take_line(std::string_view& text) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        fields.back() += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        fields.back() += '"';
        ++i;
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      fields.emplace_back();
    } else if (c == '\n') {
      break;
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  if (quoted) return std::nullopt;
  text.remove_prefix(i < text.size() ? i + 1 : i);
  return fields;
}

// One line's fields by column name.
class Line {
 public:
  Line(const std::vector<std::string>& header, const std::vector<std::string>& fields) {
    for (std::size_t i = 0; i < header.size(); ++i) fields_[header[i]] = fields[i];
  }

  const std::string& text(const std::string& column) const {
    static const std::string kNone;
    const auto found = fields_.find(column);
    return found == fields_.end() ? kNone : found->second;
  }

  // 0 for an empty field.
  Result<std::int64_t> integer(const std::string& column) const {
    if (text(column).empty()) return 0;
    return parsed(column, parse_int64);
  }
  // Nothing for an empty field.
  Result<std::optional<double>> number(const std::string& column) const {
    if (text(column).empty()) return std::optional<double>();
    ANEBENCH_ASSIGN(value, parsed(column, parse_double));
    return std::optional<double>(value);
  }

 private:
  template <typename Number>
  Result<Number> parsed(const std::string& column,
                        std::optional<Number> (*parse)(std::string_view)) const {
    const std::string& field = text(column);
    if (const auto value = parse(field)) return *value;
    return fail(ErrorCode::parse_error, "column {} holds \"{}\", which is no number", column,
                field);
  }

  std::map<std::string, std::string> fields_;
};

Result<PublishedRow> read_row(const Line& line) {
  PublishedRow row;
  row.chip = line.text("chip");
  row.model = line.text("model");
  row.subtype = line.text("subtype");
  row.source = line.text("source");
  row.program = line.text("program");
  row.path = line.text("path");
  row.precision = line.text("precision");
  row.not_fitted = line.text("not_fitted");
  row.notes = line.text("notes");
  constexpr std::pair<const char*, std::int64_t PublishedRow::*> kIntegers[] = {
      {"batch", &PublishedRow::batch},
      {"channels_in", &PublishedRow::channels_in},
      {"channels_out", &PublishedRow::channels_out},
      {"height", &PublishedRow::height},
      {"width", &PublishedRow::width},
      {"depth", &PublishedRow::depth}};
  for (const auto& [column, member] : kIntegers) {
    ANEBENCH_ASSIGN(value, line.integer(column));
    row.*member = value;
  }
  ANEBENCH_ASSIGN(milliseconds, line.number("ms"));
  ANEBENCH_ASSIGN(tera_ops, line.number("tops"));
  row.milliseconds = milliseconds;
  row.tera_ops = tera_ops;
  return row;
}

}  // namespace

bool PublishedRow::is_chain() const {
  return milliseconds && tera_ops && channels_in == channels_out &&
         ((program == "conv1x1_chain_fp16" && precision == "fp16") ||
          (program == "conv1x1_chain_w8a8" && precision == "w8a8"));
}

Result<std::vector<PublishedRow>> parse_published(std::string_view csv) {
  std::vector<PublishedRow> rows;
  std::vector<std::string> header;
  for (std::size_t number = 1; !csv.empty(); ++number) {
    const auto fields = take_line(csv);
    if (!fields) return fail(ErrorCode::parse_error, "line {}: a quote is not closed", number);
    if (number == 1) {
      header = *fields;
      continue;
    }
    if (fields->size() != header.size()) {
      return fail(ErrorCode::parse_error, "line {}: {} fields where the header has {}", number,
                  fields->size(), header.size());
    }
    ANEBENCH_ASSIGN(row, read_row(Line(header, *fields)), fmt::format("line {}", number));
    rows.push_back(std::move(row));
  }
  return rows;
}

const std::vector<PublishedRow>& published_rows() {
  // The compiled-in file is checked by a test; a fault in it shows as an empty table.
  static const std::vector<PublishedRow> kRows =
      parse_published(kPublishedCsv).value_or(std::vector<PublishedRow>());
  return kRows;
}

}  // namespace anebench::experiments
