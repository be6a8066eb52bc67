// `profile`: where does a program's time go? Evaluations with their steps observed are interleaved
// with evaluations as they are; the former give each step's time, the latter the whole. What the
// steps leave of the whole is the residual.
//
//   ANEBENCH_ASSIGN(cases, profile_cases({program, "net.mlpackage"}, device, settings));
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/device.h"
#include "anebench/experiments/settings.h"
#include "anebench/programs/benchmark_program.h"
#include "anebench/runner/case.h"

namespace anebench::experiments {

struct ProfileSubject {
  // Made by programs::build, or by model_program.
  std::shared_ptr<const programs::BenchmarkProgram> program;
  // What names it on the command line.
  std::string argument;
  // What was read, as record::Profile::model says it.
  std::string model = {};
};

// One case with one record:
//   time.eval        the whole, measured without an observer: median, with interval
//   time.steps       sum of the steps' medians
//   time.residual    time.eval - time.steps; below zero where observing makes the steps slower
//   share.residual   of time.eval
//   share.observer   how much longer an evaluation takes when it is observed, from interleaved
//                    blocks
//   count.observed   evaluations that the steps' medians are of
//   traffic.bytes    sum of what the steps move at the least
//   peak.memory      the rate at which the device reads memory, where it is known
// Record::profile has the steps. A device that cannot tell steps apart leaves it all to the
// residual. Errors: the context's; the filter matches nothing.
Result<std::vector<runner::Case>> profile_cases(const ProfileSubject& subject,
                                                std::shared_ptr<device::Device> device,
                                                const Settings& settings);

}  // namespace anebench::experiments
