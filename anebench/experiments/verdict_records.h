// Verdicts out of records, so that a report or a merge of several runs needs no device.
//
//   if (const auto finding = verdict_from_records(records, "ane", "w8a8")) …
//
// What is read: records of the experiment `probe` whose parameters say part = "ladder" and whose
// program is a conv_chain (channels, height, width, depth). The fp16 record of a shape has
// time.anchored (ladder_measure.h) or, without it, time.eval, and time.floor; the variant's record
// of the shape has ratio.fp16.joint, the ratio with its interval at the simultaneous level; w8a8
// may have ratio.w8.joint besides. Of several records of a shape and variant the last counts. Pure.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "anebench/experiments/verdict.h"
#include "anebench/record/record.h"

namespace anebench::experiments {

inline constexpr std::string_view kLadderExperiment = "probe";
inline constexpr std::string_view kLadderPart = "ladder";
// Tags, and the variant that the regimes are of.
inline constexpr std::string_view kAnchoredTime = "time.anchored";
inline constexpr std::string_view kFloorTime = "time.floor";
inline constexpr std::string_view kLadderBaseline = "fp16";

// What the records say of `variant` on `device` against `baseline` ("fp16" or "w8"). Nothing where
// no record of the ladder has that variant.
std::optional<VerdictInput> verdict_input(std::span<const record::Record> records,
                                          std::string_view device, std::string_view variant,
                                          std::string_view baseline = kLadderBaseline);

// The finding against fp16. For w8a8 that was also compared with w8 it says whether weights or
// activations are the cause.
std::optional<Finding> verdict_from_records(std::span<const record::Record> records,
                                            std::string_view device, std::string_view variant,
                                            const stats::VerdictRules& rules = {});

}  // namespace anebench::experiments
