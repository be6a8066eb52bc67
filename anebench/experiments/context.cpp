#include "anebench/experiments/context.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "anebench/base/sha256.h"
#include "anebench/base/shell_words.h"
#include "anebench/base/version.h"
#include "anebench/device/chip/chip_device.h"
#include "anebench/device/reference/reference_device.h"
#include "anebench/experiments/chip_validation.h"
#include "anebench/mil/text_printer.h"
#include "anebench/programs/catalogue.h"

namespace anebench::experiments {
namespace {

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

using Words = std::vector<std::string>;

// The options of the plan that differ from what the command takes by itself.
void append_plan(const Settings& settings, Words& words) {
  const measure::Plan& plan = settings.plan;
  if (settings.quick) words.emplace_back("--quick");
  if (plan.protocol == measure::Protocol::classic) {
    words.insert(words.end(), {"--protocol", "classic"});
  }
  const measure::Plan usual = settings.quick ? measure::quick_plan() : measure::default_plan();
  const auto add = [&](std::string name, std::string value) {
    words.push_back(std::move(name));
    words.push_back(std::move(value));
  };
  if (plan.protocol != measure::Protocol::classic) {
    if (measure::to_string(plan.warmup) != measure::to_string(usual.warmup)) {
      add("--warmup", measure::to_string(plan.warmup));
    }
    if (plan.precision != usual.precision) {
      // 15 digits give back what was asked for: 0.07 * 100 is 7.000000000000001.
      add("--precision", fmt::format("{:.15g}%", plan.precision * 100));
    }
    if (plan.samples) add("--samples", fmt::format("{}", *plan.samples));
    if (plan.min_samples) add("--min-samples", fmt::format("{}", *plan.min_samples));
    if (plan.min_seconds != usual.min_seconds) {
      add("--min-time", fmt::format("{}s", plan.min_seconds));
    }
  }
  if (plan.max_seconds != usual.max_seconds) {
    add("--max-time", fmt::format("{}s", plan.max_seconds));
  }
}

record::Device describe_device(const device::DeviceInfo& info) {
  record::Device device;
  device.name = info.name;
  device.description = info.description;
  device.subtype = info.isa;
  device.threads = info.threads;
  device.versions = info.versions;
  device.remarks = info.remarks;
  if (info.origin == Origin::predicted && info.name.starts_with(device::kChipPrefix)) {
    const auto chip = std::string_view(info.name).substr(device::kChipPrefix.size());
    for (std::string& remark : error_remarks(chip)) device.remarks.push_back(std::move(remark));
  }
  return device;
}

}  // namespace

device::CompileOptions Context::compile_options() const {
  device::CompileOptions options;
  options.strict_weights = settings.strict_weights;
  options.lenient = settings.lenient;
  options.qos = qos;
  return options;
}

Result<ContextPointer> make_context(ExperimentIdentity identity,
                                    std::shared_ptr<device::Device> device, Settings settings) {
  auto context = std::make_shared<Context>();
  ANEBENCH_ASSIGN(reference, device::open_reference({.threads = device->info().threads}));
  context->device_record = describe_device(device->info());
  ANEBENCH_ASSIGN(peaks, device->peaks(), "measuring the device's peaks");
  for (const device::Peak& peak : peaks) {
    context->device_record.peaks.push_back(
        {peak.precision, peak.ops_per_second, "ops/s", peak.origin, peak.source});
  }
  context->run = record::make_run_id();
  context->qos = settings.qos.value_or(identity.qos);
  context->identity = std::move(identity);
  context->reference = std::move(reference);
  context->device = std::move(device);
  context->settings = std::move(settings);
  return ContextPointer(std::move(context));
}

record::Program describe_program(const programs::BenchmarkProgram& benchmark) {
  record::Program program;
  program.name = benchmark.spec.name();
  program.parameters = benchmark.spec.parameters();
  program.operations = benchmark.operations;
  program.weight_bytes = benchmark.weight_bytes;
  program.io_bytes = benchmark.io_bytes;
  program.text_hash = sha256_hex(std::string_view(mil::print_text(benchmark.program)));
  return program;
}

Result<record::Record> plan_record(const Context& context, const programs::ProgramSpec& requested,
                                   std::string variant, const CaseParameters& selection,
                                   const CaseParameters& parameters) {
  ANEBENCH_ASSIGN(benchmark, programs::build(requested, programs::Content::structure));
  return plan_record(context, describe_program(benchmark), std::move(variant), selection,
                     parameters);
}

record::Record plan_record(const Context& context, record::Program program, std::string variant,
                           const CaseParameters& selection, const CaseParameters& parameters) {
  record::Record record;
  record.run = context.run;
  record.version = build_info().description();
  record.experiment = context.identity.experiment;
  record.origin = context.device->info().origin;
  record.device = context.device_record;
  record.variant = std::move(variant);
  record.program = std::move(program);

  const Settings& settings = context.settings;
  Json& json = record.parameters;
  json["experiment"] = record.experiment;
  json["device"] = record.device.name;
  json["subtype"] = record.device.subtype;
  json["threads"] = record.device.threads;
  json["program"] =
      programs::ProgramSpec(record.program.name, record.program.parameters).to_string();
  json["text_hash"] = record.program.text_hash;
  json["variant"] = record.variant;
  json["qos"] = context.qos;
  json["protocol"] = std::string(measure::to_string(settings.plan.protocol));
  json["init"] = settings.initialisation;
  json["seed"] = settings.seed;
  json["quick"] = settings.quick;
  json["strict_weights"] = settings.strict_weights;
  json["lenient"] = settings.lenient;
  json["plan"] = plan_to_json(settings.plan);
  for (const auto& [key, value] : parameters) json[key] = value;
  record.id = record::make_id(json);
  record.repro = command_line(case_arguments(context, selection));
  return record;
}

std::vector<std::string> case_arguments(const Context& context, const CaseParameters& selection) {
  const Settings& settings = context.settings;
  Words words = context.identity.arguments;
  const auto add = [&](std::string name, std::string value) {
    words.push_back(std::move(name));
    words.push_back(std::move(value));
  };
  add("--device", context.device_record.name);
  add("--threads", std::to_string(context.device_record.threads));
  add("--seed", std::to_string(settings.seed));
  append_plan(settings, words);
  if (settings.initialisation != "scaled") add("--init", settings.initialisation);
  if (settings.qos) add("--qos", std::to_string(*settings.qos));
  if (settings.strict_weights) words.emplace_back("--strict");
  if (settings.lenient) words.emplace_back("--lenient");
  if (!selection.empty()) {
    std::string filter;
    for (const auto& [key, value] : selection) {
      filter += fmt::format("{}{}={}", filter.empty() ? "" : ",", key, value);
    }
    add("--filter", std::move(filter));
  }
  return words;
}

std::string command_line(const std::vector<std::string>& arguments) {
  Words words = {"anebench"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return join_shell_words(words);
}

}  // namespace anebench::experiments
