// What a report says, before it is decided how it looks: headings, facts, tables and paragraphs as
// plain data. The reports (int8_report.h, …) make documents of records; terminal.h and markdown.h
// print them.
//
//   Document document = int8_report(records, notes);
//   fmt::print("{}", to_terminal(document, {.color = true}));
//
// All text is UTF-8. Values; copyable, thread-compatible.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace anebench::report {

enum class Style : std::uint8_t { plain, good, warning, bad, faint };

struct Cell {
  std::string text;
  Style style = Style::plain;
};

enum class Align : std::uint8_t { left, right };

struct Column {
  std::string header;  // with the unit
  Align align = Align::right;
};

struct Table {
  std::vector<Column> columns;
  // Each as long as `columns`.
  std::vector<std::vector<Cell>> rows;
};

struct Heading {
  std::string text;
};

struct Paragraph {
  std::string text;
  Style style = Style::plain;
};

// "name: value" lines.
struct Facts {
  std::vector<std::pair<std::string, std::string>> items;
};

struct Bullets {
  std::vector<Paragraph> items;
};

using Block = std::variant<Heading, Paragraph, Facts, Bullets, Table>;

struct Document {
  std::vector<Block> blocks;

  // Any kind of block.
  template <typename T>
  void add(T block) {
    blocks.emplace_back(std::in_place_type<T>, std::move(block));
  }
  void append(Document other) {
    for (Block& block : other.blocks) blocks.push_back(std::move(block));
  }
};

}  // namespace anebench::report
