#include "anebench/report/program_list.h"

#include <fmt/format.h>

namespace anebench::report {
namespace {

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
    for (const programs::Key& key : entry.keys()) {
      table.rows.push_back({{std::string(key.name)},
                            {std::string(key.default_value)},
                            {std::string(key.description)},
                            {accepted(key)}});
    }
    document.add(std::move(table));
  }
  return document;
}

}  // namespace anebench::report
