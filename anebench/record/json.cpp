#include <utility>

#include "anebench/record/json_fields.h"
#include "anebench/record/record.h"

namespace anebench::record {
namespace {

Json pairs_to_json(const std::vector<std::pair<std::string, std::string>>& pairs) {
  Json json = Json::object();
  for (const auto& [key, value] : pairs) json[key] = value;
  return json;
}

Json to_json(const Device& device) {
  Json json;
  json["name"] = device.name;
  json["description"] = device.description;
  put_text(json, "subtype", device.subtype);
  json["threads"] = device.threads;
  Json peaks = Json::object();
  for (const Peak& peak : device.peaks) {
    peaks[peak.precision] = {{"value", number(peak.value)},
                             {"unit", peak.unit},
                             {"origin", std::string(to_string(peak.origin))},
                             {"source", peak.source}};
  }
  json["peaks"] = std::move(peaks);
  json["versions"] = pairs_to_json(device.versions);
  json["remarks"] = device.remarks;
  return json;
}

Json to_json(const measure::Environment& environment) {
  Json json;
  put_text(json, "os", environment.os);
  put_text(json, "kernel", environment.kernel);
  put_text(json, "machine", environment.machine);
  put_text(json, "cpu", environment.cpu_model);
  json["cpus"] = environment.cpus;
  put_text(json, "power_source", environment.power_source);
  put_text(json, "thermal_state", environment.thermal_state);
  put_optional(json, "temperature_celsius", environment.temperature_celsius);
  put_optional(json, "throttle_events", environment.throttle_events);
  put_optional(json, "load_1min", environment.load_1min);
  put_optional(json, "frequency_mhz", environment.frequency_mhz);
  put_text(json, "governor", environment.governor);
  json["threads"] = environment.threads;
  put_text(json, "affinity", environment.affinity);
  put_text(json, "isa", environment.isa);
  return json;
}

Json to_json(const Host& host) {
  Json json = Json::object();
  if (host.before) json["before"] = to_json(*host.before);
  if (host.after) json["after"] = to_json(*host.after);
  return json;
}

Json to_json(const Program& program) {
  Json json;
  json["name"] = program.name;
  json["parameters"] = pairs_to_json(program.parameters);
  json["operations"] = number(program.operations);
  json["weight_bytes"] = program.weight_bytes;
  json["io_bytes"] = program.io_bytes;
  json["text_hash"] = program.text_hash;
  return json;
}

Json to_json(const Outcome& outcome) {
  Json json;
  json["state"] = std::string(to_string(outcome.state));
  put_text(json, "stage", outcome.stage);
  put_text(json, "message", outcome.message);
  json["validity"] = outcome.validity;
  return json;
}

Json to_json(const Check& check) {
  Json json;
  json["reference"] = check.reference;
  json["result"] = check.result;
  put_text(json, "reason", check.reason);
  json["max_absolute_error"] = number(check.max_absolute_error);
  json["max_relative_error"] = number(check.max_relative_error);
  if (check.snr_db) json["snr_db"] = number(*check.snr_db);
  json["tolerance"] = check.tolerance;
  json["bit_identical"] = check.bit_identical;
  json["distinct_values"] = check.distinct_values;
  json["compared_values"] = check.compared_values;
  return json;
}

Json to_json(const Metric& metric) {
  Json json;
  json["tag"] = metric.tag;
  json["value"] = number(metric.value);
  json["unit"] = metric.unit;
  if (metric.low) json["low"] = number(*metric.low);
  if (metric.high) json["high"] = number(*metric.high);
  json["description"] = metric.description;
  return json;
}

Json to_json(const Pair& pair) {
  Json json;
  json["baseline"] = pair.baseline;
  json["orders"] = pair.orders;
  json["seed"] = pair.seed;
  json["outcome"] = pair.outcome;
  put_text(json, "reason", pair.reason);
  return json;
}

Json to_json(const Samples& samples) {
  Json json;
  json["unit"] = samples.unit;
  Json all = Json::array();
  for (const Series& series : samples.series) {
    Json one;
    one["name"] = series.name;
    one["warmup_count"] = series.warmup_count;
    one["batch"] = series.batch;
    one["values"] = series.values;
    all.push_back(std::move(one));
  }
  json["series"] = std::move(all);
  return json;
}

void read(Reader& in, Device& device) {
  in.text("name", device.name);
  in.text("description", device.description);
  in.text("subtype", device.subtype);
  in.integer("threads", device.threads);
  in.pairs("versions", device.versions);
  in.texts("remarks", device.remarks);
  const Json* peaks = in.find("peaks");
  if (peaks == nullptr) return;
  if (!peaks->is_object()) return in.complain("peaks", "an object");
  for (const auto& [precision, value] : peaks->items()) {
    Peak peak;
    peak.precision = precision;
    in.nested(value, "peaks", [&](Reader& inner) {
      inner.number("value", peak.value);
      inner.text("unit", peak.unit);
      inner.parsed("origin", parse_origin, peak.origin);
      inner.text("source", peak.source);
    });
    device.peaks.push_back(std::move(peak));
  }
}

void read(Reader& in, measure::Environment& environment) {
  in.text("os", environment.os);
  in.text("kernel", environment.kernel);
  in.text("machine", environment.machine);
  in.text("cpu", environment.cpu_model);
  in.integer("cpus", environment.cpus);
  in.text("power_source", environment.power_source);
  in.text("thermal_state", environment.thermal_state);
  in.number("temperature_celsius", environment.temperature_celsius);
  in.integer("throttle_events", environment.throttle_events);
  in.number("load_1min", environment.load_1min);
  in.number("frequency_mhz", environment.frequency_mhz);
  in.text("governor", environment.governor);
  in.integer("threads", environment.threads);
  in.text("affinity", environment.affinity);
  in.text("isa", environment.isa);
}

void read(Reader& in, Program& program) {
  in.text("name", program.name);
  in.pairs("parameters", program.parameters);
  in.number("operations", program.operations);
  in.integer("weight_bytes", program.weight_bytes);
  in.integer("io_bytes", program.io_bytes);
  in.text("text_hash", program.text_hash);
}

void read(Reader& in, Outcome& outcome) {
  in.parsed("state", parse_state, outcome.state);
  in.text("stage", outcome.stage);
  in.text("message", outcome.message);
  in.texts("validity", outcome.validity);
}

void read(Reader& in, Check& check) {
  in.text("reference", check.reference);
  in.text("result", check.result);
  in.text("reason", check.reason);
  in.number("max_absolute_error", check.max_absolute_error);
  in.number("max_relative_error", check.max_relative_error);
  in.number("snr_db", check.snr_db);
  in.text("tolerance", check.tolerance);
  in.boolean("bit_identical", check.bit_identical);
  in.integer("distinct_values", check.distinct_values);
  in.integer("compared_values", check.compared_values);
}

void read(Reader& in, Metric& metric) {
  in.text("tag", metric.tag);
  in.number("value", metric.value);
  in.text("unit", metric.unit);
  in.number("low", metric.low);
  in.number("high", metric.high);
  in.text("description", metric.description);
}

void read(Reader& in, Samples& samples) {
  in.text("unit", samples.unit);
  in.each("series", [&](const Json& item) {
    in.nested(item, "series", [&](Reader& inner) {
      Series series;
      inner.text("name", series.name);
      inner.integer("warmup_count", series.warmup_count);
      inner.integer("batch", series.batch);
      inner.numbers("values", series.values);
      samples.series.push_back(std::move(series));
    });
  });
}

void read(Reader& in, Record& record) {
  in.text("id", record.id);
  in.text("run", record.run);
  in.text("time", record.time);
  in.text("version", record.version);
  in.text("experiment", record.experiment);
  in.parsed("origin", parse_origin, record.origin);
  in.object("device", [&](Reader& inner) { read(inner, record.device); });
  in.object("host", [&](Reader& inner) {
    inner.object("before", [&](Reader& one) { read(one, record.host.before.emplace()); });
    inner.object("after", [&](Reader& one) { read(one, record.host.after.emplace()); });
  });
  in.object("program", [&](Reader& inner) { read(inner, record.program); });
  in.text("variant", record.variant);
  if (const Json* parameters = in.find("parameters")) record.parameters = *parameters;
  in.object("outcome", [&](Reader& inner) { read(inner, record.outcome); });
  in.object("check", [&](Reader& inner) { read(inner, record.check.emplace()); });
  in.each("metrics", [&](const Json& item) {
    in.nested(item, "metrics", [&](Reader& inner) { read(inner, record.metrics.emplace_back()); });
  });
  in.object("pair", [&](Reader& inner) {
    Pair& pair = record.pair.emplace();
    inner.text("baseline", pair.baseline);
    inner.texts("orders", pair.orders);
    inner.integer("seed", pair.seed);
    inner.text("outcome", pair.outcome);
    inner.text("reason", pair.reason);
  });
  in.object("samples", [&](Reader& inner) { read(inner, record.samples.emplace()); });
  in.object("profile", [&](Reader& inner) { read(inner, record.profile.emplace()); });
  in.object("verdict", [&](Reader& inner) {
    Verdict& verdict = record.verdict.emplace();
    inner.text("kind", verdict.kind);
    inner.text("reason", verdict.reason);
    inner.texts("evidence", verdict.evidence);
  });
  in.text("repro", record.repro);
}

}  // namespace

Json to_json(const Record& record) {
  Json json;
  json["schema"] = record.schema;
  json["id"] = record.id;
  json["run"] = record.run;
  json["time"] = record.time;
  json["version"] = record.version;
  json["experiment"] = record.experiment;
  json["origin"] = std::string(to_string(record.origin));
  json["device"] = to_json(record.device);
  json["host"] = to_json(record.host);
  json["program"] = to_json(record.program);
  json["variant"] = record.variant;
  json["parameters"] = record.parameters;
  json["outcome"] = to_json(record.outcome);
  if (record.check) json["check"] = to_json(*record.check);
  Json metrics = Json::array();
  for (const Metric& metric : record.metrics) metrics.push_back(to_json(metric));
  json["metrics"] = std::move(metrics);
  if (record.pair) json["pair"] = to_json(*record.pair);
  if (record.samples) json["samples"] = to_json(*record.samples);
  if (record.profile) json["profile"] = to_json(*record.profile);
  if (record.verdict) {
    json["verdict"] = {{"kind", record.verdict->kind},
                       {"reason", record.verdict->reason},
                       {"evidence", record.verdict->evidence}};
  }
  json["repro"] = record.repro;
  return json;
}

Result<Record> from_json(const Json& json) {
  Record record;
  Reader reader(json, "");
  reader.text("schema", record.schema);
  if (reader.error().empty() && reader.find("schema") == nullptr) {
    reader.complain("schema", fmt::format("present and \"{}\"", kSchemaName));
  }
  if (reader.error().empty() && record.schema != kSchemaName) {
    return fail(ErrorCode::unsupported,
                "the record's schema is \"{}\"; this program reads \"{}\": use the version that "
                "wrote it",
                record.schema, kSchemaName);
  }
  if (reader.error().empty()) read(reader, record);
  if (!reader.error().empty()) return fail(ErrorCode::parse_error, "{}", reader.error());
  return record;
}

}  // namespace anebench::record
