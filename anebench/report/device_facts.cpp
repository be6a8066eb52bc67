#include "anebench/report/device_facts.h"

#include <fmt/format.h>

#include "anebench/base/units.h"
#include "anebench/experiments/settings.h"
#include "anebench/report/figures.h"

namespace anebench::report {
namespace {

// "default: to ±3 %, at most 12 s a configuration".
std::string protocol_text(const Json& parameters) {
  std::string text = json_string(parameters, "protocol").value_or("unknown");
  if (text == "classic") {
    return "classic: fixed counts, one precision after the other, mean without interval";
  }
  const auto plan = parameters.find("plan");
  if (plan == parameters.end() || !plan->is_object()) return text;
  if (const auto samples = json_integer(*plan, "samples")) {
    text += fmt::format(": {} samples", *samples);
  } else if (const auto precision = json_number(*plan, "precision")) {
    text += fmt::format(": until ±{} %", format_significant(*precision * 100));
  }
  if (const auto seconds = json_number(*plan, "max_seconds")) {
    text += fmt::format(", at most {} s a configuration", format_significant(*seconds));
  }
  if (json_bool(parameters, "quick").value_or(false)) text += " (--quick)";
  return text;
}

std::string qos_text(const record::Record& record, int qos) {
  std::string text = fmt::format("{} {}", qos, experiments::qos_name(qos));
  if (record.device.name.starts_with("cpu") || record.device.name == "reference") {
    text += " (recorded; it has no effect on this device)";
  }
  return text;
}

}  // namespace

std::string peak_text(const record::Peak& peak) {
  const bool is_integer = peak.precision.starts_with("int");
  return fmt::format("{} {} ({}: {})", peak.precision,
                     format_si(peak.value, is_integer ? "OPS" : "FLOPS"), to_string(peak.origin),
                     peak.source);
}

Facts device_facts(const record::Record& record) {
  Facts facts;
  const auto add = [&](std::string name, std::string value) {
    if (!value.empty()) facts.items.emplace_back(std::move(name), std::move(value));
  };
  const record::Device& device = record.device;
  add("Device", fmt::format("{}: {}", device.name, device.description));
  std::string details = device.subtype;
  details += fmt::format("{}{} thread{}", details.empty() ? "" : ", ", device.threads,
                         device.threads == 1 ? "" : "s");
  add("Uses", details);
  for (const std::string& remark : device.remarks) add("Note", remark);
  for (const record::Peak& peak : device.peaks) add("Peak", peak_text(peak));
  if (!record.parameters.is_object()) return facts;
  const Json& parameters = record.parameters;
  if (const auto qos = json_integer(parameters, "qos")) {
    add("QoS", qos_text(record, static_cast<int>(*qos)));
  }
  add("Protocol", protocol_text(parameters));
  std::string values = json_string(parameters, "init").value_or("");
  if (const auto seed = json_integer(parameters, "seed")) values += fmt::format(", seed {}", *seed);
  add("Values", values);
  const bool is_prediction = record.origin == Origin::predicted;
  add("Figures", fmt::format("{} by {}{}", to_string(record.origin), record.version,
                             is_prediction ? "; nothing was measured" : ""));
  return facts;
}

}  // namespace anebench::report
