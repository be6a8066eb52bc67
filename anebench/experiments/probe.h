// `probe`: does the device execute quantized operations natively?
//
// Three parts, told apart by the parameter `part`:
//   classic  the published probe: one 1x1 convolution of a language model's sizes, its weight
//   stored
//            in every format. Reported, not judged: on an engine such calls are mostly overhead.
//   ladder   chains over channels × positions in each variant, compared with fp16 in interleaved
//            blocks. What the verdict stands on.
//   verdict  a record a variant, computed from the ladder's records (verdict.h).
//
// Source: the experiments' specification, `probe`; the measurement specification, §3.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/device.h"
#include "anebench/experiments/ladder.h"
#include "anebench/experiments/settings.h"
#include "anebench/record/record.h"
#include "anebench/runner/case.h"

namespace anebench::experiments {

struct ProbeOptions {
  // Of the ladder; empty: the specification's (fewer with Settings::quick).
  std::vector<std::int64_t> channels;
  std::vector<std::int64_t> positions;
  // Beside fp16; empty: every weight format of the language and w8a8 (four with Settings::quick).
  std::vector<std::string> variants;
  // Leave the published probe's shapes out: for controls, which are only judged.
  bool ladder_only = false;
};

// The variants that `probe` knows beside fp16, in the order of its tables.
std::vector<std::string> probe_variants();

// Shapes first, variants within them; the verdicts last. With the classic protocol there is no
// verdict, since its ratios have no intervals. Errors: an unknown variant; the context's; a filter
// that nothing passes.
Result<std::vector<runner::Case>> probe_cases(const ProbeOptions& options,
                                              std::shared_ptr<device::Device> device,
                                              const Settings& settings);

// The ladder's shapes under these options.
std::vector<LadderRung> probe_rungs(const ProbeOptions& options, bool quick);

// The verdict records that `records` (of any number of runs and devices) allow, as `probe` itself
// would write them: for merged shards, which computed none. Records of a run whose verdict is there
// already give none.
std::vector<record::Record> missing_verdicts(std::span<const record::Record> records);

}  // namespace anebench::experiments
