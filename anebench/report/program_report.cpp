#include "anebench/report/program_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "anebench/base/units.h"
#include "anebench/mil/data_type.h"
#include "anebench/report/layer_report.h"
#include "anebench/transform/walk.h"

namespace anebench::report {
namespace {

constexpr std::size_t kMostDiagnostics = 20;
constexpr std::size_t kMostBlobs = 40;

std::string bytes_text(std::int64_t bytes) {
  return format_bytes(static_cast<std::uint64_t>(std::max<std::int64_t>(bytes, 0)));
}

void add_function(Document& document, const mil::Function& function) {
  document.add(Heading{fmt::format("function {}, opset {}", function.name, function.opset)});
  Table values;
  values.columns = {{"Value", Align::left}, {"Name", Align::left}, {"Type", Align::left}};
  for (const mil::NamedType& input : function.inputs) {
    const bool is_state = input.type.kind() == mil::Type::Kind::state;
    values.rows.push_back(
        {{is_state ? "state" : "input"}, {input.name}, {mil::to_string(input.type)}});
  }
  std::map<std::string, std::string, std::less<>> types;
  for (const mil::NamedType& input : function.inputs) {
    types.insert_or_assign(input.name, mil::to_string(input.type));
  }
  std::map<std::string, std::size_t> counts;
  transform::visit_operations(function.body,
                              [&](const mil::Operation& operation) { ++counts[operation.type]; });
  for (const mil::Operation& operation : function.body.operations) {
    for (const mil::NamedType& output : operation.outputs) {
      types.insert_or_assign(output.name, mil::to_string(output.type));
    }
  }
  for (const std::string& name : function.body.outputs) {
    const auto found = types.find(name);
    values.rows.push_back(
        {{"output"}, {name}, {found == types.end() ? "not defined" : found->second}});
  }
  document.add(std::move(values));

  std::vector<std::pair<std::string, std::size_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  Table operations;
  operations.columns = {{"Operation", Align::left}, {"Count"}};
  for (const auto& [type, count] : sorted) {
    operations.rows.push_back({{type}, {std::to_string(count)}});
  }
  document.add(std::move(operations));
}

void add_constants(Document& document, const mil::Program& program) {
  struct Total {
    std::size_t count = 0;
    std::int64_t in_files = 0;
    std::int64_t in_text = 0;
  };
  std::map<mil::DataType, Total> totals;
  transform::visit_values(program, [&](const mil::Value& value) {
    if (!value.type().is_tensor() || !(value.is_blob() || value.is_packed())) return;
    Total& total = totals[value.type().data_type()];
    ++total.count;
    // Sizes beyond an int64 are for the verifier to name.
    const std::int64_t bytes = value.type().byte_size().value_or(0);
    std::int64_t& sum = value.is_blob() ? total.in_files : total.in_text;
    if (sum <= INT64_MAX - bytes) sum += bytes;
  });
  if (totals.empty()) return;
  document.add(Heading{"constants"});
  Table table;
  table.columns = {{"Type", Align::left}, {"Count"}, {"In weight files"}, {"In the text"}};
  for (const auto& [type, total] : totals) {
    table.rows.push_back({{std::string(mil::to_string(type))},
                          {std::to_string(total.count)},
                          {bytes_text(total.in_files)},
                          {bytes_text(total.in_text)}});
  }
  document.add(std::move(table));
}

void add_warnings(Document& document, const std::vector<weights::WeightWarning>& warnings) {
  Bullets bullets;
  for (const std::string& line : weights::summarize(warnings)) {
    bullets.items.push_back({line, Style::warning});
  }
  if (!bullets.items.empty()) document.add(std::move(bullets));
}

void add_files(Document& document, const weights::WeightFiles& weights) {
  const auto files = weights.files();
  if (files.empty()) return;
  document.add(Heading{"weight files"});
  Table table;
  table.columns = {{"File", Align::left}, {"Size"}};
  for (const auto& [name, content] : files) {
    table.rows.push_back({{name}, {format_bytes(content.bytes.size())}});
  }
  document.add(std::move(table));
  add_warnings(document, weights.warnings());
}

}  // namespace

Document program_report(Facts about, const mil::Program& program,
                        const weights::WeightFiles* weights, const ops::Report& verification) {
  std::size_t operations = 0;
  std::size_t constants = 0;
  for (const mil::Function& function : program.functions()) {
    transform::visit_operations(function.body, [&](const mil::Operation& operation) {
      ++operations;
      if (operation.type == "const") ++constants;
    });
  }
  Document document;
  about.items.emplace_back("Format", program.version());
  about.items.emplace_back("Functions", std::to_string(program.functions().size()));
  about.items.emplace_back("Operations",
                           fmt::format("{}, {} of them constants", operations, constants));
  document.add(std::move(about));
  for (const mil::Function& function : program.functions()) {
    add_function(document, function);
    document.append(layer_report(function));
  }
  add_constants(document, program);
  if (weights != nullptr) add_files(document, *weights);
  document.append(verification_report(verification));
  return document;
}

Document verification_report(const ops::Report& verification) {
  Document document;
  document.add(Heading{"verification"});
  if (verification.diagnostics.empty()) {
    document.add(Paragraph{"Valid: it keeps every rule of the language.", Style::good});
    return document;
  }
  document.add(Paragraph{verification.ok()
                             ? "Valid, with remarks:"
                             : fmt::format("Not valid: {} error{}.", verification.error_count,
                                           verification.error_count == 1 ? "" : "s"),
                         verification.ok() ? Style::warning : Style::bad});
  Bullets bullets;
  for (const ops::Diagnostic& diagnostic : verification.diagnostics) {
    if (bullets.items.size() == kMostDiagnostics) break;
    bullets.items.push_back({ops::to_string(diagnostic), diagnostic.severity == ops::Severity::error
                                                             ? Style::bad
                                                             : Style::warning});
  }
  const std::size_t left =
      verification.diagnostics.size() - bullets.items.size() + verification.suppressed;
  if (left > 0) bullets.items.push_back({fmt::format("and {} more", left)});
  document.add(std::move(bullets));
  return document;
}

std::vector<Error> resolve_constants(const mil::Program& program,
                                     const weights::WeightFiles& weights) {
  std::vector<Error> errors;
  transform::visit_values(program, [&](const mil::Value& value) {
    if (!value.is_blob()) return;
    const auto resolved = weights.resolve(value.blob_reference(), value.type());
    if (!resolved) errors.push_back(resolved.error());
  });
  return errors;
}

Result<Document> weight_file_report(const weights::BlobFileReader& file) {
  ANEBENCH_ASSIGN(listing, file.entries());
  Document document;
  document.add(Facts{{{"Weight file", file.name()},
                      {"Size", format_bytes(file.image().bytes.size())},
                      {"Blobs", std::to_string(listing.entries.size())}}});
  std::map<std::string, std::pair<std::size_t, std::uint64_t>> totals;
  Table table;
  table.columns = {{"Offset"}, {"Type", Align::left}, {"Bytes"}, {"Data at"}};
  for (const weights::BlobEntry& entry : listing.entries) {
    const std::string type = entry.type ? std::string(mil::to_string(*entry.type))
                                        : fmt::format("unknown ({})", entry.metadata.type_number);
    auto& [count, bytes] = totals[type];
    ++count;
    bytes += entry.metadata.size_in_bytes;
    if (table.rows.size() == kMostBlobs) continue;
    table.rows.push_back({{std::to_string(entry.offset)},
                          {type},
                          {std::to_string(entry.metadata.size_in_bytes)},
                          {std::to_string(entry.metadata.data_offset)}});
  }
  Table sums;
  sums.columns = {{"Type", Align::left}, {"Blobs"}, {"Size"}};
  for (const auto& [type, total] : totals) {
    sums.rows.push_back({{type}, {std::to_string(total.first)}, {format_bytes(total.second)}});
  }
  if (!sums.rows.empty()) document.add(std::move(sums));
  const std::size_t shown = table.rows.size();
  if (shown > 0) document.add(std::move(table));
  if (shown < listing.entries.size()) {
    document.add(Paragraph{fmt::format("and {} more", listing.entries.size() - shown)});
  }
  add_warnings(document, listing.warnings);
  return document;
}

}  // namespace anebench::report
