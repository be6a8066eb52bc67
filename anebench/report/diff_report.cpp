#include "anebench/report/diff_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "anebench/base/units.h"

namespace anebench::report {
namespace {

using experiments::ValueDifference;
using transform::FunctionDiff;
using transform::OperationChange;
using transform::ProgramDiff;
using transform::ValueChange;
using transform::WeightTotal;

// Rows of a table unless all are asked for.
constexpr std::size_t kMostChanges = 40;

std::string size_text(std::int64_t bytes) {
  return format_bytes(static_cast<std::uint64_t>(std::max<std::int64_t>(bytes, 0)));
}

std::string type_text(const std::optional<mil::Type>& type) {
  return type ? mil::to_string(*type) : "";
}

void add_structure_of(Document& document, const FunctionDiff& function, bool all) {
  document.add(Heading{fmt::format("function {}", function.name)});
  if (function.is_equal()) {
    document.add(
        Paragraph{fmt::format("The same: {} operations.", function.equal_operations), Style::good});
    return;
  }
  if (function.opset_before != function.opset_after) {
    document.add(
        Facts{{{"Opset", fmt::format("{} → {}", function.opset_before, function.opset_after)}}});
  }
  Table values{.columns = {{"Value", Align::left},
                           {"Change", Align::left},
                           {"Name", Align::left},
                           {"Before", Align::left},
                           {"After", Align::left}},
               .rows = {}};
  for (const ValueChange& change : function.values) {
    values.rows.push_back({{change.what},
                           {std::string(transform::to_string(change.kind))},
                           {change.name},
                           {type_text(change.before)},
                           {type_text(change.after)}});
  }
  if (!values.rows.empty()) document.add(std::move(values));

  document.add(
      Paragraph{fmt::format("Operations: {} equal, {} different (constants are compared "
                            "where they are used).",
                            function.equal_operations, function.operations.size())});
  Bullets bullets;
  for (const OperationChange& change : function.operations) {
    if (!all && bullets.items.size() == kMostChanges) break;
    std::string text =
        fmt::format("{} {} '{}'", transform::to_string(change.kind), change.type, change.name);
    for (const std::string& part : change.parts) {
      text += fmt::format("{}{}", &part == change.parts.data() ? ": " : "; ", part);
    }
    bullets.items.push_back({std::move(text)});
  }
  if (bullets.items.size() < function.operations.size()) {
    bullets.items.push_back({fmt::format("and {} more (--verbose shows all)",
                                         function.operations.size() - bullets.items.size())});
  }
  if (!bullets.items.empty()) document.add(std::move(bullets));
}

void add_weight_totals(Document& document, const std::vector<WeightTotal>& weights) {
  if (weights.empty()) return;
  document.add(Heading{"constants"});
  Table table{.columns = {{"Type", Align::left}, {"Before"}, {"Size"}, {"After"}, {"Size"}},
              .rows = {}};
  std::int64_t before = 0;
  std::int64_t after = 0;
  for (const WeightTotal& total : weights) {
    table.rows.push_back({{std::string(mil::to_string(total.type))},
                          {std::to_string(total.count_before)},
                          {size_text(total.bytes_before)},
                          {std::to_string(total.count_after)},
                          {size_text(total.bytes_after)}});
    // Each is below 2^63; a sum that is not is cut.
    before += std::min(total.bytes_before, INT64_MAX - before);
    after += std::min(total.bytes_after, INT64_MAX - after);
  }
  table.rows.push_back({{"all"}, {""}, {size_text(before)}, {""}, {size_text(after)}});
  document.add(std::move(table));
}

std::string name_text(const ValueDifference& value) {
  if (value.name_before == value.name_after) return value.name_before;
  return fmt::format("{} → {}", value.name_before, value.name_after);
}

// SNR, largest difference, cosine; what there is instead where they were not compared.
std::vector<Cell> comparison_cells(const ValueDifference& value) {
  if (!value.comparison) return {{"-"}, {"-"}, {value.reason}};
  return {snr_cell(*value.comparison),
          {format_significant(value.comparison->max_absolute_error)},
          {fmt::format("{:.6f}", value.comparison->cosine)}};
}

void add_values(Document& document, const ModelDiff& diff, bool all) {
  const experiments::ValueDiff& values = *diff.values;
  document.add(Heading{"computed values"});
  document.add(
      Facts{{{"Function", diff.function}, {"Device", diff.device}, {"Inputs", diff.inputs}}});
  Table outputs{.columns = {{"Output", Align::left}, {"SNR (dB)"}, {"Max difference"}, {"Cosine"}},
                .rows = {}};
  for (const ValueDifference& value : values.outputs) {
    std::vector<Cell> row = {{name_text(value)}};
    for (Cell& cell : comparison_cells(value)) row.push_back(std::move(cell));
    outputs.rows.push_back(std::move(row));
  }
  document.add(std::move(outputs));

  Table layers{.columns = {{"Layer", Align::left},
                           {"Operation", Align::left},
                           {"Alone (dB)"},
                           {"SNR (dB)"},
                           {"Max difference"},
                           {"Cosine"}},
               .rows = {}};
  std::size_t equal = 0;
  for (const ValueDifference& value : values.layers) {
    if (value.comparison && value.comparison->bit_identical) ++equal;
    if (!all && !value.is_changed) continue;
    std::vector<Cell> row = {
        {name_text(value)}, {value.op_type}, value.alone ? snr_cell(*value.alone) : Cell{"-"}};
    for (Cell& cell : comparison_cells(value)) row.push_back(std::move(cell));
    layers.rows.push_back(std::move(row));
  }
  document.add(Paragraph{
      fmt::format("Equal in every value: {} of the {} layers that both have. Listed: {}{}.", equal,
                  values.layers.size(), layers.rows.size(),
                  all ? "" : ", those whose operation changed (--verbose lists all)")});
  if (layers.rows.empty()) return;
  document.add(std::move(layers));
  document.add(Paragraph{
      "\"Alone\" is the changed operation on the inputs from before: what this change cost. "
      "\"SNR\" has the error of all layers before it, too.",
      Style::faint});
}

Json to_json(const device::Comparison& comparison) {
  Json json = Json::object();
  json["snr_db"] = comparison.snr_db;
  json["max_absolute_error"] = comparison.max_absolute_error;
  json["cosine"] = comparison.cosine;
  json["bit_identical"] = comparison.bit_identical;
  json["compared_values"] = comparison.compared_values;
  json["mismatches"] = comparison.mismatches;
  json["special_mismatches"] = comparison.special_mismatches;
  return json;
}

Json to_json(const ValueDifference& value) {
  Json json = Json::object();
  json["before"] = value.name_before;
  json["after"] = value.name_after;
  if (!value.op_type.empty()) json["operation"] = value.op_type;
  json["matched_by"] = transform::to_string(value.match);
  if (!value.op_type.empty()) json["changed"] = value.is_changed;
  if (value.comparison) {
    json["comparison"] = to_json(*value.comparison);
  } else {
    json["not_compared"] = value.reason;
  }
  if (value.alone) json["alone"] = to_json(*value.alone);
  return json;
}

Json to_json(const std::vector<ValueDifference>& values) {
  Json json = Json::array();
  for (const ValueDifference& value : values) json.push_back(to_json(value));
  return json;
}

Json to_json(const FunctionDiff& function) {
  Json json = Json::object();
  json["name"] = function.name;
  json["opset"] = Json{{"before", function.opset_before}, {"after", function.opset_after}};
  json["equal_operations"] = function.equal_operations;
  Json values = Json::array();
  for (const ValueChange& change : function.values) {
    Json value = Json::object();
    value["change"] = transform::to_string(change.kind);
    value["value"] = change.what;
    value["name"] = change.name;
    if (change.before) value["before"] = mil::to_string(*change.before);
    if (change.after) value["after"] = mil::to_string(*change.after);
    values.push_back(std::move(value));
  }
  json["values"] = std::move(values);
  Json operations = Json::array();
  for (const OperationChange& change : function.operations) {
    Json operation = Json::object();
    operation["change"] = transform::to_string(change.kind);
    operation["type"] = change.type;
    operation["name"] = change.name;
    operation["parts"] = change.parts;
    operations.push_back(std::move(operation));
  }
  json["operations"] = std::move(operations);
  return json;
}

Json to_json(const WeightTotal& total) {
  Json json = Json::object();
  json["type"] = mil::to_string(total.type);
  json["count"] = Json{{"before", total.count_before}, {"after", total.count_after}};
  json["bytes"] = Json{{"before", total.bytes_before}, {"after", total.bytes_after}};
  return json;
}

}  // namespace

Cell snr_cell(const device::Comparison& comparison) {
  if (comparison.bit_identical) return {"equal", Style::good};
  if (comparison.special_mismatches > 0) {
    return {fmt::format("{} not finite", comparison.special_mismatches), Style::bad};
  }
  // Only zeros of other sign differ.
  if (std::isinf(comparison.snr_db) && comparison.snr_db > 0) return {"equal", Style::good};
  if (!std::isfinite(comparison.snr_db)) return {"no signal", Style::warning};
  return {fmt::format("{:.1f}", comparison.snr_db)};
}

Document diff_report(const ModelDiff& diff, const DiffReportOptions& options) {
  const ProgramDiff& structure = diff.structure;
  Document document;
  std::vector<std::pair<std::string, std::string>> facts = {{"Before", diff.before},
                                                            {"After", diff.after}};
  if (structure.version_before != structure.version_after) {
    facts.emplace_back("Format",
                       fmt::format("{} → {}", structure.version_before, structure.version_after));
  }
  for (const std::string& name : structure.removed_functions) {
    facts.emplace_back("Function only before", name);
  }
  for (const std::string& name : structure.added_functions) {
    facts.emplace_back("Function only after", name);
  }
  document.add(Facts{std::move(facts)});
  for (const FunctionDiff& function : structure.functions) {
    add_structure_of(document, function, options.all_layers);
  }
  add_weight_totals(document, structure.weights);
  if (diff.values) add_values(document, diff, options.all_layers);
  return document;
}

Json diff_json(const ModelDiff& diff) {
  const ProgramDiff& structure = diff.structure;
  Json json = Json::object();
  json["schema"] = "anebench-diff/1";
  json["before"] = diff.before;
  json["after"] = diff.after;
  json["equal"] = structure.is_equal();
  json["format"] = Json{{"before", structure.version_before}, {"after", structure.version_after}};
  json["removed_functions"] = structure.removed_functions;
  json["added_functions"] = structure.added_functions;
  Json functions = Json::array();
  for (const FunctionDiff& function : structure.functions) functions.push_back(to_json(function));
  json["functions"] = std::move(functions);
  Json weights = Json::array();
  for (const WeightTotal& total : structure.weights) weights.push_back(to_json(total));
  json["weights"] = std::move(weights);
  if (diff.values) {
    Json values = Json::object();
    values["function"] = diff.function;
    values["device"] = diff.device;
    values["inputs"] = diff.inputs;
    values["outputs"] = to_json(diff.values->outputs);
    values["layers"] = to_json(diff.values->layers);
    json["values"] = std::move(values);
  }
  return json;
}

}  // namespace anebench::report
