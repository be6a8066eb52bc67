// A record with every field set, for tests.
#pragma once

#include <string>

#include "anebench/record/record.h"

namespace anebench::record {

inline Record example_record() {
  Record record;
  record.run = "00112233445566778899aabbccddeeff";
  record.time = "2026-11-21T08:15:30Z";
  record.version = "anebench 0.1.0 (1a2b3c4d5e6f)";
  record.experiment = "int8";
  record.device = {.name = "cpu",
                   .description = "a processor",
                   .subtype = "avx2",
                   .threads = 2,
                   .peaks = {{"fp32", 2e11, "ops/s", Origin::measured, "FMA loop, 2 threads"},
                             {"int8", 8e11, "ops/s", Origin::measured, "dot products"}},
                   .versions = {{"oneDNN", "2.6.3"}},
                   .remarks = {"fp16 is storage"}};
  measure::Environment environment;
  environment.os = "Linux";
  environment.cpu_model = "a processor";
  environment.cpus = 2;
  environment.power_source = "ac";
  environment.throttle_events = 3;
  environment.load_1min = 0.5;
  environment.threads = 2;
  environment.isa = "avx2";
  record.host = {environment, environment};
  record.program = {.name = "conv_chain",
                    .parameters = {{"channels", "512"},
                                   {"height", "64"},
                                   {"width", "64"},
                                   {"depth", "128"},
                                   {"batch", "1"},
                                   {"relu", "off"}},
                    .operations = 2.74e11,
                    .weight_bytes = 33554432,
                    .io_bytes = 8388608,
                    .text_hash = std::string(64, 'a')};
  record.variant = "w8a8";
  record.parameters = {{"experiment", "int8"},
                       {"protocol", "default"},
                       {"quick", true},
                       {"seed", 1},
                       {"qos", 0},
                       {"init", "scaled"},
                       {"plan", {{"precision", 0.03}, {"max_seconds", 12.0}}}};
  record.id = make_id(record.parameters);
  record.outcome.validity = {"unconverged"};
  Check& check = record.check.emplace();
  check.reference = "reference device: 64 positions";
  check.result = "passed";
  check.tolerance = "every value equal";
  check.bit_identical = true;
  check.distinct_values = 3300;
  check.compared_values = 32768;
  record.metrics = {{"time.eval", 400.5, "ms", 399.0, 402.0, "median"},
                    {"rate.ops", 6.86e11, "ops/s", 6.8e11, 6.9e11, "operations a second"},
                    {"ratio.fp16", 3.12, "1", 3.05, 3.19, "time of fp16 / time of this"}};
  record.pair = Pair{.baseline = std::string(64, 'b'),
                     .orders = {"ABBA", "BAAB"},
                     .seed = 1,
                     .outcome = "faster",
                     .reason = "excludes_one"};
  record.samples = Samples{"ms", {{"w8a8", 1, 1, {410.0, 400.5, 400.0}}}};
  record.profile = Profile{.model = "package with an ML program",
                           .operation_count = 2,
                           .constant_count = 9,
                           .steps = {{.name = "conv_000",
                                      .type = "conv+quantize",
                                      .operations = {"conv_000", "q_000"},
                                      .layer = "conv_000",
                                      .input = "fp16 [1, 512, 64, 64]",
                                      .output = "int8 [1, 512, 64, 64]",
                                      .kernel = "conv1x1_f16",
                                      .fallback_reason = "inexact_dequantize",
                                      .precision = "fp16",
                                      .time_ms = 390.0,
                                      .low_ms = 389.0,
                                      .high_ms = 391.5,
                                      .start_ms = 0.5,
                                      .end_ms = 390.25,
                                      .arithmetic = 2.74e11,
                                      .bytes_read = 37748736.0,
                                      .bytes_written = 2097152.0,
                                      .weight_bytes = 33554432.0}},
                           .shown_ms = 401.0};
  record.verdict = Verdict{"native", "ratio", {"3.12 on 512x64x128"}};
  record.repro = "anebench int8 --device cpu --filter channels=512,depth=128";
  return record;
}

}  // namespace anebench::record
