// `reload`: can weights change without compiling again, and what does that save, from one layer to
// many?
//
//   ANEBENCH_ASSIGN(cases, reload_cases({.layers = {1, 16}}, device, settings));
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/device.h"
#include "anebench/experiments/settings.h"
#include "anebench/runner/case.h"

namespace anebench::experiments {

// Every number of layers with every number of channels. Empty: the experiment's own, of which
// Settings::quick takes fewer.
struct ReloadOptions {
  std::vector<std::int64_t> layers;
  std::vector<std::int64_t> channels;
};

// A case, and a record, for each size. The record's verdict has the kind "reload" and as its reason
// success, recompiled, partial or fail. Its times are medians of interleaved calls, and (the tags
// with `.once`) the single readings of the three steps, which are all that the classic protocol
// takes. Errors: the context's; a size that no program has; a filter that nothing passes.
Result<std::vector<runner::Case>> reload_cases(const ReloadOptions& options,
                                               std::shared_ptr<device::Device> device,
                                               const Settings& settings);

}  // namespace anebench::experiments
