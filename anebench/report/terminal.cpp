#include "anebench/report/terminal.h"

#include <algorithm>
#include <string_view>

#include "anebench/report/text_width.h"

namespace anebench::report {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowestCell = 8;

std::string_view escape_of(Style style) {
  switch (style) {
    case Style::good: return "\x1b[32m";
    case Style::warning: return "\x1b[33m";
    case Style::bad: return "\x1b[1;31m";
    case Style::faint: return "\x1b[2m";
    case Style::plain: break;
  }
  return "";
}

class TerminalPrinter {
 public:
  explicit TerminalPrinter(const TerminalOptions& options) : options_(options) {}

  void operator()(const Heading& heading) {
    blank_line();
    text_ += options_.color ? "\x1b[1m" + heading.text + "\x1b[0m" : heading.text;
    text_ += '\n';
    if (!options_.color) {
      text_.append(display_width(heading.text), '-');
      text_ += '\n';
    }
  }

  void operator()(const Paragraph& paragraph) {
    blank_line();
    lines(paragraph, "", "");
  }

  void operator()(const Bullets& bullets) {
    blank_line();
    for (const Paragraph& item : bullets.items) lines(item, "* ", "  ");
  }

  void operator()(const Facts& facts) {
    std::size_t widest = 0;
    for (const auto& [name, value] : facts.items) widest = std::max(widest, display_width(name));
    for (const auto& [name, value] : facts.items) {
      const std::string first = name + std::string(widest - display_width(name) + kGap, ' ');
      lines({value}, first, std::string(widest + kGap, ' '));
    }
  }

  void operator()(const Table& table) {
    blank_line();
    const std::vector<std::size_t> widths = widths_of(table);
    std::vector<Cell> header;
    for (const Column& column : table.columns) header.push_back({column.header, Style::faint});
    row(table, header, widths);
    for (const auto& cells : table.rows) row(table, cells, widths);
  }

  std::string take() { return std::move(text_); }

 private:
  void blank_line() {
    if (!text_.empty()) text_ += '\n';
  }

  void styled(std::string_view text, Style style) {
    const std::string_view escape = options_.color ? escape_of(style) : "";
    text_ += escape;
    text_ += text;
    if (!escape.empty()) text_ += "\x1b[0m";
  }

  void lines(const Paragraph& paragraph, std::string_view first, std::string_view next) {
    const std::size_t indent = display_width(first);
    const std::size_t width = options_.width > indent ? options_.width - indent : 1;
    std::string_view prefix = first;
    for (const std::string& line : wrap(paragraph.text, width)) {
      text_ += prefix;
      styled(line, paragraph.style);
      text_ += '\n';
      prefix = next;
    }
    if (prefix == first && !first.empty()) {
      text_ += first.substr(0, first.find_last_not_of(' ') + 1);
      text_ += '\n';
    }
  }

  std::vector<std::size_t> widths_of(const Table& table) const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      std::size_t width = display_width(table.columns[i].header);
      for (const auto& cells : table.rows) width = std::max(width, display_width(cells[i].text));
      widths.push_back(width);
    }
    shrink(table, widths);
    return widths;
  }

  void shrink(const Table& table, std::vector<std::size_t>& widths) const {
    std::size_t total = widths.empty() ? 0 : kGap * (widths.size() - 1);
    for (const std::size_t width : widths) total += width;
    while (total > options_.width) {
      std::size_t* widest = nullptr;
      for (std::size_t i = 0; i < widths.size(); ++i) {
        if (table.columns[i].align == Align::left && widths[i] > kNarrowestCell &&
            (widest == nullptr || widths[i] > *widest)) {
          widest = &widths[i];
        }
      }
      if (widest == nullptr) return;
      --*widest;
      --total;
    }
  }

  void row(const Table& table, const std::vector<Cell>& cells,
           const std::vector<std::size_t>& widths) {
    std::size_t pending = 0;  // spaces, left out at the end of the line
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string text = cut_to_width(cells[i].text, widths[i]);
      const std::size_t padding = widths[i] - std::min(widths[i], display_width(text));
      const bool is_right = table.columns[i].align == Align::right;
      if (is_right) pending += padding;
      if (!text.empty()) {
        text_.append(pending, ' ');
        styled(text, cells[i].style);
        pending = 0;
      }
      pending += (is_right ? 0 : padding) + kGap;
      if (is_right && text.empty()) continue;
    }
    text_ += '\n';
  }

  const TerminalOptions& options_;
  std::string text_;
};

}  // namespace

std::string to_terminal(const Document& document, const TerminalOptions& options) {
  TerminalPrinter printer(options);
  for (const Block& block : document.blocks) std::visit(printer, block);
  return printer.take();
}

}  // namespace anebench::report
