#include "anebench/report/roofline.h"

#include <algorithm>
#include <cmath>

#include "anebench/experiments/case_record.h"

namespace anebench::report {
namespace {

constexpr double kRooflineMsPerSecond = 1e3;

}  // namespace

double bytes_moved(const record::ProfileStep& step) {
  return step.bytes_read.value_or(0) + step.bytes_written.value_or(0);
}

std::optional<double> memory_ceiling(const record::Record& record) {
  const record::Metric* memory = record.find_metric("peak.memory");
  if (memory == nullptr || !(memory->value > 0)) return std::nullopt;
  return memory->value;
}

std::optional<RooflinePoint> roofline_point(const record::Record& record,
                                            const record::ProfileStep& step) {
  const double bytes = bytes_moved(step);
  const double arithmetic = step.arithmetic.value_or(0);
  if (!(arithmetic > 0) || !(bytes > 0) || !(step.time_ms > 0)) return std::nullopt;
  RooflinePoint point;
  point.intensity = arithmetic / bytes;
  point.rate = arithmetic / step.time_ms * kRooflineMsPerSecond;
  const std::optional<double> memory = memory_ceiling(record);
  const record::Peak* peak = experiments::find_peak(record.device, step.precision);
  if (memory && peak != nullptr) {
    const double slope = *memory * point.intensity;
    point.is_memory_bound = slope < peak->value;
    point.roof = std::min(slope, peak->value);
  }
  return point;
}

std::string_view bound_of(const record::Record& record, const record::ProfileStep& step) {
  if (const auto point = roofline_point(record, step)) {
    if (!point->roof) return "";
    return point->is_memory_bound ? "memory" : "compute";
  }
  const bool only_moves = step.arithmetic && *step.arithmetic == 0 && bytes_moved(step) > 0;
  return only_moves && memory_ceiling(record) ? "memory" : "";
}

}  // namespace anebench::report
