#include "anebench/report/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "anebench/base/units.h"
#include "anebench/measure/validity.h"

namespace anebench::report {
namespace {

constexpr double kMiB = 1024.0 * 1024.0;
constexpr double kSmallestTeraRate = 0.1e12;
constexpr int kDigits = 4;

Style style_of(Trust trust) {
  switch (trust) {
    case Trust::approximate: return Style::warning;
    case Trust::mistrusted: return Style::warning;
    case Trust::none: return Style::bad;
    case Trust::sound: break;
  }
  return Style::plain;
}

// The figure with the mark of the record's trust; empty where no time counts.
Cell figure(const record::Record& record, const std::string& text) {
  const Trust trust = trust_of(record);
  if (trust == Trust::none) return {};
  return {fmt::format("{}{}", mark_of(trust), text), style_of(trust)};
}

}  // namespace

Trust trust_of(const record::Record& record) {
  if (record.outcome.state != record::State::ok || record.metrics.empty()) return Trust::none;
  const record::Metric* time = record.find_metric("time.eval");
  if (time != nullptr && !std::isfinite(time->value)) return Trust::none;
  const auto& codes = record.outcome.validity;
  if (std::any_of(codes.begin(), codes.end(), measure::is_mistrust_code)) return Trust::mistrusted;
  return codes.empty() ? Trust::sound : Trust::approximate;
}

std::string_view mark_of(Trust trust) {
  switch (trust) {
    case Trust::approximate: return "~";
    case Trust::mistrusted: return "?";
    case Trust::sound:
    case Trust::none: break;
  }
  return "";
}

std::string_view parameter(const record::Program& program, std::string_view key) {
  for (const auto& [name, value] : program.parameters) {
    if (name == key) return value;
  }
  return {};
}

std::string configuration_name(const record::Program& program) {
  if (const std::string_view in = parameter(program, "in_channels"); !in.empty()) {
    return fmt::format("{}→{}", in, parameter(program, "out_channels"));
  }
  if (parameter(program, "depth").empty()) return program.name;
  return fmt::format("{}×{}×{}", parameter(program, "channels"), parameter(program, "width"),
                     parameter(program, "depth"));
}

RateUnit rate_unit(std::span<const record::Record> records, std::string_view letters) {
  double largest = 0;
  for (const record::Record& record : records) {
    const record::Metric* rate = record.find_metric("rate.ops");
    if (rate != nullptr && std::isfinite(rate->value)) largest = std::max(largest, rate->value);
  }
  const bool is_tera = largest == 0 || largest >= kSmallestTeraRate;
  return {is_tera ? 1e12 : 1e9, fmt::format("{}{}", is_tera ? 'T' : 'G', letters)};
}

Cell weights_cell(const record::Record& record) {
  return {format_significant(static_cast<double>(record.program.weight_bytes) / kMiB)};
}

Cell operations_cell(const record::Record& record) {
  return {format_significant(record.program.operations / 1e9, kDigits)};
}

Cell time_cell(const record::Record& record) {
  const record::State state = record.outcome.state;
  if (state != record::State::ok) {
    const Style style = state == record::State::unsupported ? Style::warning : Style::bad;
    return {std::string(state == record::State::wrong ? "WRONG" : to_string(state)), style};
  }
  const record::Metric* time = record.find_metric("time.eval");
  if (time == nullptr || !std::isfinite(time->value)) return {"no time", Style::bad};
  return figure(record, format_significant(time->value, kDigits));
}

Cell spread_cell(const record::Record& record) {
  const record::Metric* time = record.find_metric("time.eval");
  if (trust_of(record) == Trust::none || time == nullptr) return {};
  if (!time->low || !time->high || !(time->value > 0)) return {};
  const double half = std::max(*time->high - time->value, time->value - *time->low) / time->value;
  return {fmt::format("{} %", format_significant(half * 100, 2)), Style::faint};
}

Cell rate_cell(const record::Record& record, const RateUnit& unit) {
  const record::Metric* rate = record.find_metric("rate.ops");
  if (rate == nullptr) return {};
  return figure(record, format_significant(rate->value / unit.ops, 3));
}

Cell metric_cell(const record::Record& record, std::string_view tag, double scale, int digits) {
  const record::Metric* metric = record.find_metric(tag);
  if (metric == nullptr || !std::isfinite(metric->value)) return {};
  return figure(record, format_significant(metric->value * scale, digits));
}

Cell ratio_cell(const record::Record& record) { return interval_cell(record, "ratio.fp16"); }

Cell interval_cell(const record::Record& record, std::string_view tag) {
  const record::Metric* ratio = record.find_metric(tag);
  if (ratio == nullptr || !std::isfinite(ratio->value)) return {};
  if (!ratio->low || !ratio->high) return figure(record, fmt::format("{:.2f}", ratio->value));
  Cell cell = figure(
      record, fmt::format("{:.2f} [{:.2f}, {:.2f}]", ratio->value, *ratio->low, *ratio->high));
  // The ratio comes from blocks, so what makes a single time approximate does not touch it.
  if (trust_of(record) == Trust::approximate && record.pair &&
      record.pair->outcome != "mistrusted") {
    cell.text.erase(0, mark_of(Trust::approximate).size());
    cell.style = Style::plain;
  }
  if (cell.style == Style::plain && record.pair && record.pair->outcome == "faster") {
    cell.style = Style::good;
  }
  return cell;
}

Cell share_cell(const record::Record& record, std::string_view tag) {
  const record::Metric* share = record.find_metric(tag);
  if (share == nullptr || !std::isfinite(share->value)) return {};
  return figure(record, fmt::format("{:.1f} %", share->value * 100));
}

Cell check_cell(const record::Record& record) {
  if (!record.check) return {"-", Style::faint};
  const record::Check& check = *record.check;
  if (check.result == "failed") return {"WRONG", Style::bad};
  if (check.result != "passed") return {check.result, Style::warning};
  if (check.bit_identical) return {"equal", Style::good};
  if (check.snr_db) return {fmt::format("{:.1f} dB", *check.snr_db), Style::good};
  return {"passed", Style::good};
}

}  // namespace anebench::report
