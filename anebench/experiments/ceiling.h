// `ceiling`: what does each call cost? Twelve kernels run one after another in six ways, and the
// cost of a call of the smallest program: after idle time, and with several in flight.
//
//   ANEBENCH_ASSIGN(cases, ceiling_cases({}, device, settings));
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/device.h"
#include "anebench/experiments/settings.h"
#include "anebench/runner/case.h"

namespace anebench::experiments {

struct CeilingOptions {
  std::int64_t kernels = 12;
};

// A case for each configuration (64 x 32, 256 x 64 and, but for Settings::quick, 768 x 256), with a
// record for each way:
//   sequential       each output is copied into the next input
//   run_only         the same calls, without the copies
//   copies_only      the copies alone
//   queue            run_only, submitted to a serial queue of another thread
//   shared_surfaces  the output surface of a kernel is the input of the next
//   one_program      all layers compiled as one program
// then two cases of calls as such: "idle" (ceiling_calls.h) and "in-flight".
// time.eval is the time of a whole pass. Errors: the context's; a filter that nothing passes.
Result<std::vector<runner::Case>> ceiling_cases(const CeilingOptions& options,
                                                std::shared_ptr<device::Device> device,
                                                const Settings& settings);

}  // namespace anebench::experiments
