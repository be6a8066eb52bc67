#include "anebench/base/shell_words.h"

namespace anebench {
namespace {

constexpr std::string_view kPlain =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=,.:%/@+";

}  // namespace

std::string join_shell_words(std::span<const std::string> words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) {
      line += word;
      continue;
    }
    line += '\'';
    for (const char c : word) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

Result<std::vector<std::string>> split_shell_words(std::string_view line) {
  std::vector<std::string> words;
  bool in_word = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == ' ') {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (c == '\'') {
      const std::size_t end = line.find('\'', i + 1);
      if (end == std::string_view::npos) {
        return fail(ErrorCode::invalid_argument, "a quote is not closed in: {}", line);
      }
      words.back() += line.substr(i + 1, end - i - 1);
      i = end;
    } else if (c == '\\' && i + 1 < line.size()) {
      words.back() += line[++i];
    } else if (kPlain.find(c) != std::string_view::npos) {
      words.back() += c;
    } else {
      return fail(ErrorCode::invalid_argument,
                  "'{}' outside of quotes means something to a shell, in: {}", c, line);
    }
  }
  return words;
}

}  // namespace anebench
