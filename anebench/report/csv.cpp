#include "anebench/report/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace anebench::report {
namespace {

std::string csv_field(std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(field);
  std::string result = "\"";
  for (const char c : field) {
    result += c;
    if (c == '"') result += c;
  }
  return result + "\"";
}

void append_line(std::string& text, const std::vector<std::string>& fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i != 0) text += ',';
    text += csv_field(fields[i]);
  }
  text += "\r\n";
}

// Shortest text that reads back as the same number.
std::string number(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? fmt::format("{}", *value) : std::string();
}

// "name:key=value,…".
std::string program_text(const record::Program& program) {
  std::string text = program.name;
  char separator = ':';
  for (const auto& [key, value] : program.parameters) {
    text += fmt::format("{}{}={}", separator, key, value);
    separator = ',';
  }
  return text;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string result;
  for (const std::string& text : texts) result += (result.empty() ? "" : " ") + text;
  return result;
}

struct MetricColumn {
  std::string tag;
  std::string unit;
};

std::vector<MetricColumn> metric_columns(std::span<const record::Record> records) {
  std::vector<MetricColumn> columns;
  for (const record::Record& record : records) {
    for (const record::Metric& metric : record.metrics) {
      const bool is_known =
          std::any_of(columns.begin(), columns.end(),
                      [&](const MetricColumn& column) { return column.tag == metric.tag; });
      if (!is_known) columns.push_back({metric.tag, metric.unit});
    }
  }
  return columns;
}

std::vector<std::string> fixed_fields(const record::Record& record) {
  return {record.id,
          record.run,
          record.time,
          record.version,
          record.experiment,
          std::string(to_string(record.origin)),
          record.device.name,
          record.device.subtype,
          std::to_string(record.device.threads),
          record.variant,
          program_text(record.program),
          number(record.program.operations),
          std::to_string(record.program.weight_bytes),
          std::string(to_string(record.outcome.state)),
          record.outcome.stage,
          record.outcome.message,
          joined(record.outcome.validity),
          record.check ? record.check->result : "",
          record.check ? std::to_string(record.check->compared_values) : "",
          record.check ? std::to_string(record.check->distinct_values) : ""};
}

constexpr std::string_view kFixedColumns[] = {
    "id",      "run",     "time",     "version", "experiment",      "origin",         "device",
    "subtype", "threads", "variant",  "program", "operations",      "weight bytes",   "state",
    "stage",   "message", "validity", "check",   "compared values", "distinct values"};

}  // namespace

std::string to_csv(std::span<const record::Record> records) {
  const std::vector<MetricColumn> metrics = metric_columns(records);
  std::vector<std::string> header(std::begin(kFixedColumns), std::end(kFixedColumns));
  for (const MetricColumn& column : metrics) {
    header.push_back(fmt::format("{} ({})", column.tag, column.unit));
    header.push_back(column.tag + " low");
    header.push_back(column.tag + " high");
  }
  std::string text;
  append_line(text, header);
  for (const record::Record& record : records) {
    std::vector<std::string> fields = fixed_fields(record);
    for (const MetricColumn& column : metrics) {
      const record::Metric* metric = record.find_metric(column.tag);
      fields.push_back(metric == nullptr ? "" : number(metric->value));
      fields.push_back(metric == nullptr ? "" : number(metric->low));
      fields.push_back(metric == nullptr ? "" : number(metric->high));
    }
    append_line(text, fields);
  }
  return text;
}

}  // namespace anebench::report
