#include "anebench/report/trace_writer.h"

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <utility>

namespace anebench::report {
namespace {

constexpr double kTraceUsPerMs = 1e3;
constexpr int kWholeThread = 1;
constexpr int kStepsThread = 2;

Json metadata(std::string_view kind, int process, int thread, const std::string& name) {
  Json event;
  event["ph"] = "M";
  event["name"] = std::string(kind);
  event["pid"] = process;
  event["tid"] = thread;
  event["args"] = {{"name", name}};
  return event;
}

Json complete_event(const std::string& name, const std::string& category, int process, int thread,
                    double start_ms, double end_ms) {
  Json event;
  event["ph"] = "X";
  event["name"] = name;
  event["cat"] = category;
  event["ts"] = start_ms * kTraceUsPerMs;
  event["dur"] = (end_ms - start_ms) * kTraceUsPerMs;
  event["pid"] = process;
  event["tid"] = thread;
  return event;
}

Json step_arguments(const record::ProfileStep& step) {
  Json arguments;
  arguments["kernel"] = step.kernel;
  if (!step.fallback_reason.empty()) arguments["fallback_reason"] = step.fallback_reason;
  if (!step.layer.empty()) arguments["layer"] = step.layer;
  if (!step.output.empty()) arguments["output"] = step.output;
  arguments["operations"] = step.operations;
  arguments["median_ms"] = step.time_ms;
  if (step.arithmetic) arguments["arithmetic"] = *step.arithmetic;
  if (step.bytes_read) arguments["bytes_read"] = *step.bytes_read;
  if (step.bytes_written) arguments["bytes_written"] = *step.bytes_written;
  return arguments;
}

void add_process(Json& events, const record::Record& record, int process) {
  const record::Profile& profile = *record.profile;
  events.push_back(metadata("process_name", process, kWholeThread,
                            fmt::format("{} on {} ({})", record.program.name, record.device.name,
                                        to_string(record.origin))));
  events.push_back(metadata("thread_name", process, kWholeThread, "evaluation"));
  events.push_back(metadata("thread_name", process, kStepsThread, "steps"));
  events.push_back(complete_event("evaluation, observed", "evaluation", process, kWholeThread, 0,
                                  profile.shown_ms));
  for (const record::ProfileStep& step : profile.steps) {
    if (!std::isfinite(step.start_ms) || !(step.end_ms >= step.start_ms)) continue;
    Json event =
        complete_event(step.name, step.type, process, kStepsThread, step.start_ms, step.end_ms);
    event["args"] = step_arguments(step);
    events.push_back(std::move(event));
  }
}

}  // namespace

Json trace_json(std::span<const record::Record> records) {
  Json events = Json::array();
  int process = 0;
  for (const record::Record& record : records) {
    if (record.profile) add_process(events, record, ++process);
  }
  Json trace;
  trace["displayTimeUnit"] = "ms";
  trace["traceEvents"] = std::move(events);
  return trace;
}

}  // namespace anebench::report
