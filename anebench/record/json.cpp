#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "anebench/record/record.h"

namespace anebench::record {
namespace {

// A number that JSON can hold, or null.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

template <typename T>
void put_optional(Json& json, const char* key, const std::optional<T>& value) {
  if (value) json[key] = *value;
}

void put_text(Json& json, const char* key, const std::string& value) {
  if (!value.empty()) json[key] = value;
}

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

// Reads fields of one JSON object. Absent fields keep their defaults; a field of the wrong type is
// an error that names it.
class Reader {
 public:
  Reader(const Json& json, std::string path) : json_(json), path_(std::move(path)) {
    if (!json.is_object()) complain("", "an object");
  }

  void text(const char* key, std::string& out) {
    if (const Json* value = find(key)) {
      if (!value->is_string()) return complain(key, "a string");
      out = value->get<std::string>();
    }
  }
  void number(const char* key, double& out) {
    if (const Json* value = find(key)) {
      if (value->is_null()) {
        out = std::nan("");
      } else if (value->is_number()) {
        out = value->get<double>();
      } else {
        complain(key, "a number");
      }
    }
  }
  void number(const char* key, std::optional<double>& out) {
    if (find(key) != nullptr) number(key, out.emplace());
  }
  template <typename Integer>
  void integer(const char* key, Integer& out) {
    if (const Json* value = find(key)) {
      if (!value->is_number_integer()) return complain(key, "an integer");
      out = value->get<Integer>();
    }
  }
  template <typename Integer>
  void integer(const char* key, std::optional<Integer>& out) {
    if (find(key) != nullptr) integer(key, out.emplace());
  }
  void boolean(const char* key, bool& out) {
    if (const Json* value = find(key)) {
      if (!value->is_boolean()) return complain(key, "true or false");
      out = value->get<bool>();
    }
  }
  void texts(const char* key, std::vector<std::string>& out) {
    each(key, [&](const Json& item) {
      if (!item.is_string()) return complain(key, "an array of strings");
      out.push_back(item.get<std::string>());
    });
  }
  void numbers(const char* key, std::vector<double>& out) {
    each(key, [&](const Json& item) {
      if (!item.is_number() && !item.is_null()) return complain(key, "an array of numbers");
      out.push_back(item.is_null() ? std::nan("") : item.get<double>());
    });
  }
  void pairs(const char* key, std::vector<std::pair<std::string, std::string>>& out) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_object()) return complain(key, "an object");
    for (const auto& [name, item] : value->items()) {
      if (!item.is_string()) return complain(key, "an object of strings");
      out.emplace_back(name, item.get<std::string>());
    }
  }
  template <typename Function>
  void each(const char* key, Function&& function) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_array()) return complain(key, "an array");
    for (const Json& item : *value) function(item);
  }
  // Calls function(reader) for a nested object, and takes over its error.
  template <typename Function>
  void object(const char* key, Function&& function) {
    const Json* value = find(key);
    if (value == nullptr) return;
    nested(*value, key, std::forward<Function>(function));
  }
  template <typename Function>
  void nested(const Json& value, const char* key, Function&& function) {
    Reader reader(value, path_ + key + ".");
    if (reader.error_.empty()) function(reader);
    if (error_.empty()) error_ = reader.error_;
  }
  template <typename Parsed>
  void parsed(const char* key, Result<Parsed> (*parse)(std::string_view), Parsed& out) {
    std::string spelled;
    text(key, spelled);
    if (spelled.empty()) return;
    if (const auto value = parse(spelled)) {
      out = *value;
    } else {
      complain(key, value.error().message());
    }
  }
  const Json* find(const char* key) const {
    if (!json_.is_object()) return nullptr;
    const auto found = json_.find(key);
    return found == json_.end() ? nullptr : &*found;
  }
  void complain(const std::string& key, std::string_view wanted) {
    if (error_.empty()) error_ = fmt::format("field \"{}{}\" must be {}", path_, key, wanted);
  }
  const std::string& error() const { return error_; }

 private:
  const Json& json_;
  std::string path_;
  std::string error_;
};

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
