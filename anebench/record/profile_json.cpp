#include "anebench/record/json_fields.h"

namespace anebench::record {
namespace {

void put_finite(Json& json, const char* key, const std::optional<double>& value) {
  if (value) json[key] = number(*value);
}

Json step_to_json(const ProfileStep& step) {
  Json json;
  json["name"] = step.name;
  json["type"] = step.type;
  json["operations"] = step.operations;
  put_text(json, "layer", step.layer);
  put_text(json, "input", step.input);
  put_text(json, "output", step.output);
  json["kernel"] = step.kernel;
  put_text(json, "fallback_reason", step.fallback_reason);
  put_text(json, "precision", step.precision);
  json["time_ms"] = number(step.time_ms);
  put_finite(json, "low_ms", step.low_ms);
  put_finite(json, "high_ms", step.high_ms);
  json["start_ms"] = number(step.start_ms);
  json["end_ms"] = number(step.end_ms);
  put_finite(json, "arithmetic", step.arithmetic);
  put_finite(json, "bytes_read", step.bytes_read);
  put_finite(json, "bytes_written", step.bytes_written);
  put_finite(json, "weight_bytes", step.weight_bytes);
  return json;
}

void read_step(Reader& in, ProfileStep& step) {
  in.text("name", step.name);
  in.text("type", step.type);
  in.texts("operations", step.operations);
  in.text("layer", step.layer);
  in.text("input", step.input);
  in.text("output", step.output);
  in.text("kernel", step.kernel);
  in.text("fallback_reason", step.fallback_reason);
  in.text("precision", step.precision);
  in.number("time_ms", step.time_ms);
  in.number("low_ms", step.low_ms);
  in.number("high_ms", step.high_ms);
  in.number("start_ms", step.start_ms);
  in.number("end_ms", step.end_ms);
  in.number("arithmetic", step.arithmetic);
  in.number("bytes_read", step.bytes_read);
  in.number("bytes_written", step.bytes_written);
  in.number("weight_bytes", step.weight_bytes);
}

}  // namespace

Json to_json(const Profile& profile) {
  Json json;
  put_text(json, "model", profile.model);
  json["operation_count"] = profile.operation_count;
  json["constant_count"] = profile.constant_count;
  json["shown_ms"] = number(profile.shown_ms);
  Json steps = Json::array();
  for (const ProfileStep& step : profile.steps) steps.push_back(step_to_json(step));
  json["steps"] = std::move(steps);
  return json;
}

void read(Reader& in, Profile& profile) {
  in.text("model", profile.model);
  in.integer("operation_count", profile.operation_count);
  in.integer("constant_count", profile.constant_count);
  in.number("shown_ms", profile.shown_ms);
  in.each("steps", [&](const Json& item) {
    in.nested(item, "steps",
              [&](Reader& inner) { read_step(inner, profile.steps.emplace_back()); });
  });
}

}  // namespace anebench::record
