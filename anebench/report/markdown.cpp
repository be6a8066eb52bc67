#include "anebench/report/markdown.h"

#include <fmt/format.h>

#include <string_view>

namespace anebench::report {
namespace {

// Characters that would be read as markup, and line ends.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\n' || c == '\r') {
      result += ' ';
      continue;
    }
    if (c == '|' || c == '*' || c == '_' || c == '`' || c == '<' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

std::string emphasized(std::string_view text, Style style) {
  const bool is_strong = style == Style::bad || style == Style::warning;
  return is_strong && !text.empty() ? fmt::format("**{}**", escaped(text)) : escaped(text);
}

class MarkdownPrinter {
 public:
  void operator()(const Heading& heading) {
    blank_line();
    text_ += fmt::format("## {}\n", escaped(heading.text));
  }

  void operator()(const Paragraph& paragraph) {
    blank_line();
    text_ += emphasized(paragraph.text, paragraph.style) + "\n";
  }

  void operator()(const Facts& facts) {
    blank_line();
    for (const auto& [name, value] : facts.items) {
      text_ += fmt::format("* **{}**: {}\n", escaped(name), escaped(value));
    }
  }

  void operator()(const Bullets& bullets) {
    blank_line();
    for (const Paragraph& item : bullets.items) {
      text_ += fmt::format("* {}\n", emphasized(item.text, item.style));
    }
  }

  void operator()(const Table& table) {
    blank_line();
    std::string rule = "|";
    text_ += '|';
    for (const Column& column : table.columns) {
      text_ += fmt::format(" {} |", escaped(column.header));
      rule += column.align == Align::right ? " ---: |" : " --- |";
    }
    text_ += "\n" + rule + "\n";
    for (const auto& cells : table.rows) {
      text_ += '|';
      for (const Cell& cell : cells) {
        text_ += fmt::format(" {} |", emphasized(cell.text, cell.style));
      }
      text_ += '\n';
    }
  }

  std::string take() { return std::move(text_); }

 private:
  void blank_line() {
    if (!text_.empty()) text_ += '\n';
  }

  std::string text_;
};

}  // namespace

std::string to_markdown(const Document& document) {
  MarkdownPrinter printer;
  for (const Block& block : document.blocks) std::visit(printer, block);
  return printer.take();
}

}  // namespace anebench::report
