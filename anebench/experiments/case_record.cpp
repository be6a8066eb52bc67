#include "anebench/experiments/case_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "anebench/base/sha256.h"
#include "anebench/base/version.h"
#include "anebench/mil/text_printer.h"
#include "anebench/record/from_measure.h"

namespace anebench::experiments {
namespace {

// The arithmetic that a variant uses.
std::string_view precision_of(std::string_view variant) {
  return variant == "w8a8" ? "int8" : "fp16";
}

Json plan_to_json(const measure::Plan& plan) {
  Json json;
  json["warmup"] = measure::to_string(plan.warmup);
  json["precision"] = plan.precision;
  if (plan.samples) json["samples"] = *plan.samples;
  if (plan.min_samples) json["min_samples"] = *plan.min_samples;
  json["min_seconds"] = plan.min_seconds;
  json["max_seconds"] = plan.max_seconds;
  json["level"] = plan.level;
  json["margin"] = plan.margin;
  return json;
}

// The options of the plan that differ from what the command takes by itself.
std::string plan_options(const Settings& settings) {
  const measure::Plan& plan = settings.plan;
  if (plan.protocol == measure::Protocol::classic) return " --protocol classic";
  const measure::Plan usual = settings.quick ? measure::quick_plan() : measure::default_plan();
  std::string options = settings.quick ? " --quick" : "";
  if (measure::to_string(plan.warmup) != measure::to_string(usual.warmup)) {
    options += " --warmup " + measure::to_string(plan.warmup);
  }
  if (plan.precision != usual.precision) {
    options += fmt::format(" --precision {}%", plan.precision * 100);
  }
  if (plan.samples) options += fmt::format(" --samples {}", *plan.samples);
  if (plan.min_samples) options += fmt::format(" --min-samples {}", *plan.min_samples);
  if (plan.min_seconds != usual.min_seconds) {
    options += fmt::format(" --min-time {}s", plan.min_seconds);
  }
  if (plan.max_seconds != usual.max_seconds) {
    options += fmt::format(" --max-time {}s", plan.max_seconds);
  }
  return options;
}

std::string repro_command(const RunIdentity& identity, const Settings& settings,
                          const programs::ProgramSpec& requested) {
  std::string command =
      fmt::format("anebench {} --device {} --threads {} --seed {}", identity.command,
                  identity.device.name, identity.device.threads, settings.seed);
  command += plan_options(settings);
  if (settings.initialisation != "scaled") command += " --init " + settings.initialisation;
  if (settings.qos) command += fmt::format(" --qos {}", *settings.qos);
  if (settings.strict_weights) command += " --strict";
  if (settings.lenient) command += " --lenient";
  return command + fmt::format(" --filter channels={},depth={}", requested.word("channels"),
                               requested.word("depth"));
}

}  // namespace

Result<RunIdentity> identify(device::Device& device, std::string experiment, std::string command,
                             int qos) {
  RunIdentity identity;
  identity.run = record::make_run_id();
  identity.experiment = std::move(experiment);
  identity.command = std::move(command);
  identity.qos = qos;
  const device::DeviceInfo& info = device.info();
  identity.device.name = info.name;
  identity.device.description = info.description;
  identity.device.subtype = info.isa;
  identity.device.threads = info.threads;
  identity.device.versions = info.versions;
  identity.device.remarks = info.remarks;
  ANEBENCH_ASSIGN(peaks, device.peaks(), "measuring the device's peaks");
  for (const device::Peak& peak : peaks) {
    identity.device.peaks.push_back(
        {peak.precision, peak.ops_per_second, "ops/s", peak.origin, peak.source});
  }
  return identity;
}

record::Record start_record(const RunIdentity& identity, const Settings& settings,
                            const programs::BenchmarkProgram& benchmark, std::string variant,
                            const programs::ProgramSpec& requested) {
  record::Record record;
  record.run = identity.run;
  record.time = record::utc_now();
  record.version = build_info().description();
  record.experiment = identity.experiment;
  record.device = identity.device;
  record.program.name = benchmark.spec.name();
  record.program.parameters = benchmark.spec.parameters();
  record.program.operations = benchmark.operations;
  record.program.weight_bytes = benchmark.weight_bytes;
  record.program.io_bytes = benchmark.io_bytes;
  record.program.text_hash = sha256_hex(std::string_view(mil::print_text(benchmark.program)));
  record.variant = std::move(variant);

  Json& parameters = record.parameters;
  parameters["experiment"] = identity.experiment;
  parameters["device"] = identity.device.name;
  parameters["subtype"] = identity.device.subtype;
  parameters["threads"] = identity.device.threads;
  parameters["program"] = benchmark.spec.to_string();
  parameters["text_hash"] = record.program.text_hash;
  parameters["variant"] = record.variant;
  parameters["qos"] = identity.qos;
  parameters["protocol"] = std::string(measure::to_string(settings.plan.protocol));
  parameters["init"] = settings.initialisation;
  parameters["seed"] = settings.seed;
  parameters["quick"] = settings.quick;
  parameters["strict_weights"] = settings.strict_weights;
  parameters["lenient"] = settings.lenient;
  parameters["plan"] = plan_to_json(settings.plan);
  if (requested.word("depth") != benchmark.spec.word("depth")) {
    parameters["requested_depth"] = requested.integer("depth");
  }
  record.id = record::make_id(parameters);
  record.repro = repro_command(identity, settings, requested);
  return record;
}

record::Outcome outcome_of(const Error& error, std::string stage) {
  record::Outcome outcome;
  switch (error.code()) {
    case ErrorCode::verification_error: stage = "verify"; [[fallthrough]];
    case ErrorCode::unsupported:
    case ErrorCode::resource_exhausted: outcome.state = record::State::unsupported; break;
    case ErrorCode::timeout: outcome.state = record::State::timeout; break;
    case ErrorCode::wrong_result: outcome.state = record::State::wrong; break;
    default: outcome.state = record::State::failed; break;
  }
  outcome.stage = std::move(stage);
  outcome.message = error.to_string();
  return outcome;
}

const record::Peak* find_peak(const record::Device& device, std::string_view precision) {
  for (const record::Peak& peak : device.peaks) {
    if (peak.precision == precision) return &peak;
  }
  return precision == "fp16" ? find_peak(device, "fp32") : nullptr;
}

void add_series(record::Record& record, const measure::Series& series) {
  for (record::Metric& metric : record::time_metrics(series)) {
    record.metrics.push_back(std::move(metric));
  }
  record::add_validity(record.outcome, series.validity);
  const record::Metric* time = record.find_metric("time.eval");
  if (time == nullptr || !(time->value > 0)) return;

  const auto rate = [&](double ms) { return record.program.operations / (ms * 1e-3); };
  record::Metric ops{"rate.ops", rate(time->value),
                     "ops/s",    {},
                     {},         "operations a second, a multiply-add counted as two"};
  if (time->low && time->high && *time->low > 0) {
    ops.low = rate(*time->high);
    ops.high = rate(*time->low);
  }
  const auto share_of = [&](const record::Peak& peak, std::string tag) {
    record::Metric share{std::move(tag),
                         ops.value / peak.value,
                         "1",
                         {},
                         {},
                         fmt::format("share of the device's {} peak ({}: {})", peak.precision,
                                     to_string(peak.origin), peak.source)};
    if (ops.low) share.low = *ops.low / peak.value;
    if (ops.high) share.high = *ops.high / peak.value;
    return share;
  };
  const std::string_view precision = precision_of(record.variant);
  std::vector<record::Metric> shares;
  if (const record::Peak* peak = find_peak(record.device, precision)) {
    shares.push_back(share_of(*peak, "share.peak"));
  }
  if (precision == "int8") {
    if (const record::Peak* peak = find_peak(record.device, "fp16")) {
      shares.push_back(share_of(*peak, "share.peak.fp16"));
    }
  }
  record.metrics.push_back(std::move(ops));
  std::move(shares.begin(), shares.end(), std::back_inserter(record.metrics));
}

}  // namespace anebench::experiments
