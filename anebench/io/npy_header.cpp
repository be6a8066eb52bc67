#include "anebench/io/npy_header.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace anebench::io {
namespace {

// NumPy's own limit on dimensions.
constexpr std::size_t kMaxRank = 64;

struct Row {
  NpyType type;
  std::string_view code;
  std::string_view name;
  std::size_t size;
};

// Type codes: NumPy's array interface, without the byte order.
constexpr std::array<Row, 12> kRows = {{{NpyType::boolean, "b1", "bool", 1},
                                        {NpyType::fp16, "f2", "float16", 2},
                                        {NpyType::fp32, "f4", "float32", 4},
                                        {NpyType::fp64, "f8", "float64", 8},
                                        {NpyType::int8, "i1", "int8", 1},
                                        {NpyType::int16, "i2", "int16", 2},
                                        {NpyType::int32, "i4", "int32", 4},
                                        {NpyType::int64, "i8", "int64", 8},
                                        {NpyType::uint8, "u1", "uint8", 1},
                                        {NpyType::uint16, "u2", "uint16", 2},
                                        {NpyType::uint32, "u4", "uint32", 4},
                                        {NpyType::uint64, "u8", "uint64", 8}}};

const Row& row_of(NpyType type) {
  return *std::find_if(kRows.begin(), kRows.end(),
                       [&](const Row& row) { return row.type == type; });
}

// Reads the few forms of Python's literals that headers have.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : rest_(text) {}

  Result<NpyHeader> parse() {
    NpyHeader header;
    bool has_type = false;
    bool has_order = false;
    bool has_shape = false;
    ANEBENCH_TRY(expect('{'));
    while (!accept('}')) {
      ANEBENCH_ASSIGN(key, string());
      ANEBENCH_TRY(expect(':'));
      bool* const seen = key == "descr"           ? &has_type
                         : key == "fortran_order" ? &has_order
                         : key == "shape"         ? &has_shape
                                                  : nullptr;
      if (seen == nullptr) return failure(fmt::format("the key '{}' is unknown", key));
      if (*seen) return failure(fmt::format("the key '{}' stands there twice", key));
      *seen = true;
      if (key == "descr") {
        ANEBENCH_TRY(type(header));
      } else if (key == "fortran_order") {
        ANEBENCH_ASSIGN(value, boolean());
        header.is_fortran_order = value;
      } else {
        ANEBENCH_TRY(shape(header.shape));
      }
      if (!accept(',')) {
        ANEBENCH_TRY(expect('}'));
        break;
      }
    }
    skip_space();
    if (!rest_.empty()) return failure("something follows the header's dictionary");
    if (!has_type || !has_order || !has_shape) {
      return failure("'descr', 'fortran_order' or 'shape' is missing");
    }
    return header;
  }

 private:
  static tl::unexpected<Error> failure(std::string_view message) {
    return fail(ErrorCode::parse_error, "the npy header is malformed: {}", message);
  }
  void skip_space() {
    const std::size_t start = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(std::min(start, rest_.size()));
  }
  bool accept(char character) {
    skip_space();
    if (rest_.empty() || rest_.front() != character) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool accept_word(std::string_view word) {
    skip_space();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  Result<void> expect(char character) {
    if (!accept(character)) return failure(fmt::format("'{}' is missing", character));
    return {};
  }
  Result<std::string_view> string() {
    skip_space();
    if (rest_.empty() || (rest_.front() != '\'' && rest_.front() != '"')) {
      return failure("a string is missing (arrays of records are not read)");
    }
    const std::size_t end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos) return failure("a string does not end");
    const std::string_view text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return text;
  }
  Result<bool> boolean() {
    if (accept_word("True")) return true;
    if (accept_word("False")) return false;
    return failure("'fortran_order' is neither True nor False");
  }
  Result<void> type(NpyHeader& header) {
    ANEBENCH_ASSIGN(descr, string());
    const std::string_view order = descr.substr(0, 1);
    const std::string_view code = descr.substr(std::min<std::size_t>(1, descr.size()));
    const auto row = std::find_if(kRows.begin(), kRows.end(),
                                  [&](const Row& entry) { return entry.code == code; });
    // '=' (the writer's own order) does not occur in files.
    const bool has_order = order == "<" || order == ">" || order == "|";
    if (row == kRows.end() || !has_order || (order == "|" && row->size != 1)) {
      return fail(ErrorCode::unsupported,
                  "arrays of '{}' are not read: only bool, integers and floating point of 2 to 8 "
                  "bytes are",
                  descr);
    }
    header.type = row->type;
    header.is_big_endian = order == ">";
    return {};
  }
  Result<void> shape(std::vector<std::int64_t>& extents) {
    ANEBENCH_TRY(expect('('));
    while (!accept(')')) {
      skip_space();
      std::int64_t extent = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), extent);
      if (error != std::errc() || extent < 0) return failure("a dimension is no number");
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      if (!rest_.empty() && rest_.front() == 'L') rest_.remove_prefix(1);  // Python 2's long
      if (extents.size() == kMaxRank) return failure("there are too many dimensions");
      extents.push_back(extent);
      if (!accept(',')) return expect(')');
    }
    return {};
  }

  std::string_view rest_;
};

}  // namespace

std::string_view to_string(NpyType type) { return row_of(type).name; }

std::size_t size_of(NpyType type) { return row_of(type).size; }

Result<NpyHeader> parse_npy_header(std::string_view text) { return HeaderParser(text).parse(); }

std::string format_npy_header(NpyType type, const std::vector<std::int64_t>& shape) {
  const Row& row = row_of(type);
  std::string extents;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    extents += fmt::format("{}{}", i == 0 ? "" : ", ", shape[i]);
  }
  if (shape.size() == 1) extents += ",";
  return fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}), }}",
                     row.size == 1 ? '|' : '<', row.code, extents);
}

}  // namespace anebench::io
