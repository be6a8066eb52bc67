#include "anebench/report/published_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "anebench/base/units.h"
#include "anebench/report/figures.h"

namespace anebench::report {
namespace {

using experiments::PublishedRow;

// Both precisions of one configuration from one source.
struct PublishedPair {
  const PublishedRow* fp16 = nullptr;
  const PublishedRow* w8a8 = nullptr;

  const PublishedRow& any() const { return fp16 != nullptr ? *fp16 : *w8a8; }
};

bool are_comparable(const PublishedRow& a, const PublishedRow& b) {
  const auto key = [](const PublishedRow& row) {
    return std::tie(row.chip, row.source, row.batch, row.channels_in, row.height, row.width,
                    row.depth);
  };
  return key(a) == key(b);
}

bool is_wanted(const PublishedRow& row, std::span<const record::Record> records) {
  if (!row.is_chain()) return false;
  return std::any_of(records.begin(), records.end(), [&](const record::Record& record) {
    const record::Program& program = record.program;
    const auto is = [&](std::string_view key, std::int64_t value) {
      return parameter(program, key) == std::to_string(value);
    };
    return is("channels", row.channels_in) && is("width", row.width) && is("height", row.height) &&
           is("batch", row.batch) && parameter(program, "relu") == "off";
  });
}

std::vector<PublishedPair> paired(std::span<const record::Record> records,
                                  std::span<const PublishedRow> published) {
  std::vector<PublishedPair> pairs;
  for (const PublishedRow& row : published) {
    if (!is_wanted(row, records)) continue;
    auto found = std::find_if(pairs.begin(), pairs.end(), [&](const PublishedPair& pair) {
      return are_comparable(pair.any(), row);
    });
    if (found == pairs.end()) found = pairs.insert(pairs.end(), PublishedPair{});
    (row.precision == "fp16" ? found->fp16 : found->w8a8) = &row;
  }
  return pairs;
}

std::vector<Cell> row_of(const PublishedPair& pair, std::size_t source) {
  const PublishedRow& any = pair.any();
  const auto ms = [](const PublishedRow* row) {
    return Cell{row == nullptr ? "" : format_significant(*row->milliseconds, 4)};
  };
  const auto rate = [](const PublishedRow* row) {
    return Cell{row == nullptr ? "" : fmt::format("{:.2f}", *row->tera_ops)};
  };
  std::string ratio;
  if (pair.fp16 != nullptr && pair.w8a8 != nullptr) {
    ratio = fmt::format("{:.2f}", *pair.fp16->milliseconds / *pair.w8a8->milliseconds);
  }
  return {{any.chip},    {fmt::format("{}×{}×{}", any.channels_in, any.width, any.depth)},
          ms(pair.fp16), rate(pair.fp16),
          ms(pair.w8a8), rate(pair.w8a8),
          {ratio},       {fmt::format("[{}]", source)}};
}

}  // namespace

Document published_section(std::span<const record::Record> records,
                           std::span<const PublishedRow> published) {
  Document document;
  Table table;
  table.columns = {{"Chip", Align::left}, {"Config", Align::left}, {"fp16 ms"}, {"fp16 TFLOPS"},
                   {"W8A8 ms"},           {"W8A8 TOPS"},           {"Ratio"},   {"Source"}};
  std::vector<std::string> sources;
  Bullets notes;
  for (const PublishedPair& pair : paired(records, published)) {
    const PublishedRow& any = pair.any();
    auto found = std::find(sources.begin(), sources.end(), any.source);
    if (found == sources.end()) {
      found = sources.insert(sources.end(), any.source);
      notes.items.push_back(
          {fmt::format("[{}] {} ({})", sources.size(), any.source, any.notes), Style::faint});
    }
    table.rows.push_back(row_of(pair, static_cast<std::size_t>(found - sources.begin()) + 1));
  }
  if (table.rows.empty()) return document;
  document.add(Heading{"Published by others for Apple's Neural Engine (not measured here)"});
  document.add(std::move(table));
  document.add(std::move(notes));
  return document;
}

}  // namespace anebench::report
