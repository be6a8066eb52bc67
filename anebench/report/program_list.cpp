#include "anebench/report/program_list.h"

#include <fmt/format.h>

#include "anebench/report/text_width.h"

namespace anebench::report {
namespace {

// Longer lists of words stand below their table.
constexpr std::size_t kWidestValues = 36;

std::string accepted(const programs::Key& key) {
  if (key.choices.empty()) return fmt::format("1 to {}", key.maximum);
  std::string text;
  for (const std::string_view choice : key.choices) {
    text += (text.empty() ? "" : ", ") + std::string(choice);
  }
  return text;
}

}  // namespace

Document program_list(std::span<const programs::CatalogueEntry> programs) {
  Document document;
  for (const programs::CatalogueEntry& entry : programs) {
    document.add(Heading{std::string(entry.name)});
    document.add(Paragraph{std::string(entry.description)});
    Table table;
    table.columns = {{"Parameter", Align::left},
                     {"Default", Align::left},
                     {"Meaning", Align::left},
                     {"Values", Align::left}};
    Bullets long_lists;
    for (const programs::Key& key : entry.keys()) {
      std::string values = accepted(key);
      if (display_width(values) > kWidestValues) {
        long_lists.items.push_back({fmt::format("{}: {}", key.name, values)});
        values = "listed below";
      }
      table.rows.push_back({{std::string(key.name)},
                            {std::string(key.default_value)},
                            {std::string(key.description)},
                            {values}});
    }
    document.add(std::move(table));
    if (!long_lists.items.empty()) document.add(std::move(long_lists));
  }
  return document;
}

}  // namespace anebench::report
