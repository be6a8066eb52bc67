#include "anebench/experiments/case_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "anebench/record/from_measure.h"

namespace anebench::experiments {
namespace {

// The arithmetic that a variant uses.
std::string_view precision_of(std::string_view variant) {
  return variant == "w8a8" ? "int8" : "fp16";
}

}  // namespace

record::Outcome outcome_of(const Error& error, std::string stage) {
  record::Outcome outcome;
  // What a device does before it compiles is a stage of its own, and the device says so.
  for (const std::string_view before_compiling : {"descriptor", "write"}) {
    const auto& contexts = error.contexts();
    if (std::find(contexts.begin(), contexts.end(), before_compiling) != contexts.end()) {
      stage = before_compiling;
    }
  }
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

record::Metric single_time(std::string tag, std::int64_t ns, std::string description) {
  return {std::move(tag), static_cast<double>(ns) * 1e-6, "ms", {}, {}, std::move(description)};
}

const record::Peak* find_peak(const record::Device& device, std::string_view precision) {
  for (const record::Peak& peak : device.peaks) {
    if (peak.precision == precision) return &peak;
  }
  return precision == "fp16" ? find_peak(device, "fp32") : nullptr;
}

record::Metric plain_metric(std::string tag, double value, std::string unit,
                            std::string description) {
  return {std::move(tag), value, std::move(unit), {}, {}, std::move(description)};
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
