// Test support: a record of `profile` with three kinds of steps.
#pragma once

#include <string>
#include <vector>

#include "anebench/record/example_record_for_tests.h"
#include "anebench/record/record.h"

namespace anebench::report {

inline record::ProfileStep sample_step(std::string name, std::string type, std::string layer,
                                       double time_ms) {
  record::ProfileStep step;
  step.name = std::move(name);
  step.type = std::move(type);
  step.operations = {step.name};
  step.layer = std::move(layer);
  step.input = "fp16 [1, 32, 8, 8]";
  step.output = "fp16 [1, 64, 8, 8]";
  step.kernel = "kernel_of_" + step.type;
  step.precision = "fp16";
  step.time_ms = time_ms;
  return step;
}

// 10 ms, of which 0.5 ms is residual. With 1e10 bytes a second and 1e12 operations a second (fp16:
// 2e11) the convolutions are bound by arithmetic, the addition by memory.
inline record::Record profile_record() {
  record::Record record = record::example_record();
  record.experiment = "profile";
  record.outcome = {};
  record.pair.reset();
  record.verdict.reset();
  record.variant = "model";
  record.metrics = {{"time.eval", 10.0, "ms", 9.9, 10.1, "median"},
                    {"time.steps", 9.5, "ms", {}, {}, ""},
                    {"time.residual", 0.5, "ms", {}, {}, ""},
                    {"share.residual", 0.05, "1", {}, {}, ""},
                    {"share.observer", 0.01, "1", 0.005, 0.015, ""},
                    {"count.observed", 40, "1", {}, {}, ""},
                    {"traffic.bytes", 3e7, "bytes", {}, {}, ""},
                    {"peak.memory", 1e10, "bytes/s", {}, {}, "measured: reading"}};
  std::vector<record::ProfileStep> steps = {sample_step("conv_000", "conv", "conv_000", 5.0),
                                            sample_step("add_000", "add", "conv_000", 1.5),
                                            sample_step("conv_001", "conv", "conv_001", 3.0)};
  for (record::ProfileStep& step : steps) {
    const bool is_conv = step.type == "conv";
    step.arithmetic = is_conv ? 5e8 : 1e6;
    step.bytes_read = is_conv ? 1e6 : 8e6;
    step.bytes_written = is_conv ? 1e6 : 4e6;
    step.weight_bytes = is_conv ? 5e5 : 0;
  }
  steps[1].fallback_reason = "no kernel for <this> & that";
  double start = 0.2;
  for (record::ProfileStep& step : steps) {
    step.start_ms = start;
    step.end_ms = start + step.time_ms;
    start = step.end_ms;
  }
  record.profile = record::Profile{.model = "package with an ML program",
                                   .operation_count = 3,
                                   .constant_count = 12,
                                   .steps = std::move(steps),
                                   .shown_ms = 10.2};
  return record;
}

}  // namespace anebench::report
