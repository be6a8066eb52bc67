#include "anebench/report/quantize_report.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "anebench/base/units.h"

namespace anebench::report {
namespace {

using transform::ActivationOutcome;
using transform::ActivationResult;
using transform::RequantizeReport;
using transform::WeightOutcome;
using transform::WeightResult;

// Rows of a table unless all are asked for.
constexpr std::size_t kMostQuantizeRows = 40;

std::string stored_size(std::int64_t bytes) {
  return format_bytes(static_cast<std::uint64_t>(bytes));
}

// "main/w" where there are several functions.
std::string qualified(const std::string& function, const std::string& name, bool has_several) {
  return has_several ? fmt::format("{}/{}", function, name) : name;
}

bool has_several_functions(const RequantizeReport& report) {
  std::set<std::string_view> functions;
  for (const WeightResult& weight : report.weights) functions.insert(weight.function);
  return functions.size() > 1;
}

std::string weights_fact(const RequantizeReport& report) {
  std::int64_t before = 0;
  std::int64_t after = 0;
  for (const WeightResult& weight : report.weights) {
    if (weight.outcome != WeightOutcome::quantized) continue;
    before += weight.bytes_before;
    after += weight.bytes_after;
  }
  if (before == 0) return fmt::format("none of {}", report.weights.size());
  return fmt::format("{} of {}, {} → {} ({:.0f} %)", report.quantized_weights(),
                     report.weights.size(), stored_size(before), stored_size(after),
                     100 * static_cast<double>(after) / static_cast<double>(before));
}

Facts facts_of(const QuantizedModel& quantized) {
  const RequantizeReport& report = quantized.report;
  Facts facts;
  facts.items = {
      {"Model", quantized.model},
      {"Scheme", fmt::format("{}: {}", quantized.scheme->name, quantized.scheme->description)}};
  for (const transform::OpsetChange& change : report.opsets) {
    facts.items.emplace_back("Opset", fmt::format("{}: raised from {} to {}", change.function,
                                                  change.before, change.after));
  }
  facts.items.emplace_back("Weights", weights_fact(report));
  if (quantized.scheme->has_activations) {
    facts.items.emplace_back("Activations",
                             fmt::format("of {} of {} operations", report.quantized_activations(),
                                         report.activations.size()));
    facts.items.emplace_back("Ranges from", quantized.calibration);
  }
  facts.items.emplace_back("Written", quantized.output.empty() ? "nothing" : quantized.output);
  return facts;
}

Cell ratio_cell(double db) {
  if (std::isfinite(db)) return {fmt::format("{:.1f}", db)};
  return {"equal", Style::good};
}

// What stayed: each with its reason, or how many for each reason.
class Remainder {
 public:
  explicit Remainder(bool lists_all) : lists_all_(lists_all) {}

  void add(std::string name, std::string_view reason, const std::string& detail = {}) {
    if (lists_all_) {
      bullets_.items.push_back({fmt::format("{}: {}{}", name, reason,
                                            detail.empty() ? "" : fmt::format(" ({})", detail))});
    } else {
      ++counts_[std::string(reason)];
    }
  }
  void append_to(Document& document, std::string_view what) {
    for (const auto& [reason, count] : counts_) {
      bullets_.items.push_back({fmt::format("{}: {}", count, reason)});
    }
    if (bullets_.items.empty()) return;
    document.add(Paragraph{
        fmt::format("{} left as they are{}:", what, lists_all_ ? "" : " (--verbose names them)")});
    document.add(std::move(bullets_));
  }

 private:
  bool lists_all_;
  std::map<std::string, std::size_t> counts_;
  Bullets bullets_;
};

void add_table(Document& document, Table table, bool lists_all) {
  if (table.rows.empty()) return;
  const std::size_t rows = table.rows.size();
  if (!lists_all && rows > kMostQuantizeRows) table.rows.resize(kMostQuantizeRows);
  const std::size_t left = rows - table.rows.size();
  document.add(std::move(table));
  if (left > 0) document.add(Paragraph{fmt::format("and {} more (--verbose shows all)", left)});
}

void add_weights(Document& document, const RequantizeReport& report, bool lists_all) {
  const bool has_several = has_several_functions(report);
  Table table{.columns = {{"Weight", Align::left},
                          {"Type", Align::left},
                          {"Used by", Align::left},
                          {"Before"},
                          {"After"},
                          {"SNR (dB)"}},
              .rows = {}};
  Remainder rest(lists_all);
  for (const WeightResult& weight : report.weights) {
    const std::string name = qualified(weight.function, weight.name, has_several);
    if (weight.outcome != WeightOutcome::quantized) {
      rest.add(name, transform::to_string(weight.outcome), weight.detail);
      continue;
    }
    table.rows.push_back({{name},
                          {mil::to_string(weight.type)},
                          {weight.used_by},
                          {stored_size(weight.bytes_before)},
                          {stored_size(weight.bytes_after)},
                          ratio_cell(weight.snr_db)});
  }
  document.add(Heading{"weights"});
  add_table(document, std::move(table), lists_all);
  rest.append_to(document, "Constants");
}

void add_activations(Document& document, const RequantizeReport& report, bool lists_all) {
  const bool has_several = has_several_functions(report);
  Table table{
      .columns = {{"Operation", Align::left}, {"Activation", Align::left}, {"Largest"}, {"Scale"}},
      .rows = {}};
  Remainder rest(lists_all);
  for (const ActivationResult& one : report.activations) {
    const std::string name = qualified(one.function, one.operation, has_several);
    if (one.outcome != ActivationOutcome::quantized) {
      rest.add(name, transform::to_string(one.outcome));
      continue;
    }
    table.rows.push_back(
        {{name}, {one.value}, {format_significant(one.range)}, {fmt::format("{:g}", one.scale)}});
  }
  document.add(Heading{"activations"});
  add_table(document, std::move(table), lists_all);
  rest.append_to(document, "Operations");
}

Json to_json(const WeightResult& weight) {
  Json json = Json::object();
  json["function"] = weight.function;
  json["name"] = weight.name;
  json["type"] = mil::to_string(weight.type);
  if (!weight.used_by.empty()) json["used_by"] = weight.used_by;
  const bool is_quantized = weight.outcome == WeightOutcome::quantized;
  json["quantized"] = is_quantized;
  json["bytes"] = Json{{"before", weight.bytes_before}, {"after", weight.bytes_after}};
  if (is_quantized) {
    json["snr_db"] = weight.snr_db;
  } else {
    json["reason"] = transform::to_string(weight.outcome);
    if (!weight.detail.empty()) json["detail"] = weight.detail;
  }
  return json;
}

Json to_json(const ActivationResult& activation) {
  Json json = Json::object();
  json["function"] = activation.function;
  json["operation"] = activation.operation;
  if (!activation.value.empty()) json["value"] = activation.value;
  const bool is_quantized = activation.outcome == ActivationOutcome::quantized;
  json["quantized"] = is_quantized;
  if (is_quantized) {
    json["range"] = activation.range;
    json["scale"] = activation.scale;
  } else {
    json["reason"] = transform::to_string(activation.outcome);
  }
  return json;
}

}  // namespace

Document quantize_report(const QuantizedModel& quantized, const QuantizeReportOptions& options) {
  Document document;
  document.add(facts_of(quantized));
  if (quantized.report.is_unchanged()) {
    document.add(Paragraph{"Nothing was changed: the scheme applies to nothing in this model.",
                           Style::warning});
  }
  add_weights(document, quantized.report, options.lists_all);
  if (quantized.scheme->has_activations) {
    add_activations(document, quantized.report, options.lists_all);
  }
  return document;
}

Json quantize_json(const QuantizedModel& quantized) {
  Json json = Json::object();
  json["schema"] = "anebench-quantize/1";
  json["model"] = quantized.model;
  json["output"] = quantized.output.empty() ? Json() : Json(quantized.output);
  json["scheme"] = quantized.scheme->name;
  if (!quantized.calibration.empty()) json["calibration"] = quantized.calibration;
  Json opsets = Json::array();
  for (const transform::OpsetChange& change : quantized.report.opsets) {
    opsets.push_back(
        Json{{"function", change.function}, {"before", change.before}, {"after", change.after}});
  }
  json["opsets"] = std::move(opsets);
  Json weights = Json::array();
  for (const WeightResult& weight : quantized.report.weights) weights.push_back(to_json(weight));
  json["weights"] = std::move(weights);
  Json activations = Json::array();
  for (const ActivationResult& one : quantized.report.activations) {
    activations.push_back(to_json(one));
  }
  json["activations"] = std::move(activations);
  return json;
}

}  // namespace anebench::report
