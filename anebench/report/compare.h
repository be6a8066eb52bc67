// What changed between two record files: the same cases (by id), measured at two times.
//
//   Comparison comparison = compare(old_records, new_records, {.threshold = 0.05});
//   print(compare_report(comparison));
//   return comparison.has_regression() ? 1 : 0;
//
// The two runs were not interleaved, so the intervals are conservative (stats/unpaired.h), and
// nothing cancels a change of the machine: the paired ratio to fp16, where both have it, does not
// move with the machine and stands beside. Holm's correction covers all figures that are compared.
// Pure; thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "anebench/record/record.h"
#include "anebench/report/document.h"
#include "anebench/stats/estimate.h"
#include "anebench/stats/outcome.h"
#include "anebench/stats/thresholds.h"

namespace anebench::report {

struct CompareOptions {
  // A time that grew by more than this share is a regression.
  double threshold = stats::kDefaultMargin;
};

// One figure, before and after.
struct Change {
  double before = 0;
  double after = 0;
  // Above 1 where the new is better: old time / new time, new ratio / old ratio.
  stats::Estimate gain;
  // Of "nothing changed"; absent without raw samples.
  std::optional<double> p_value;
  stats::Judgement judgement;
};

struct ComparedCase {
  record::Record before;
  record::Record after;
  Change time;                  // time.eval, ms
  std::optional<Change> ratio;  // ratio.fp16
  // Established beyond the threshold, together with all other cases.
  bool is_regression = false;
};

struct Comparison {
  CompareOptions options;
  std::vector<ComparedCase> cases;
  // Had a result and has none now.
  std::vector<std::string> broken;
  // Sentences: why a case that is in both was not compared.
  std::vector<std::string> not_compared;
  std::vector<std::string> missing;  // only in the old
  std::vector<std::string> added;    // only in the new
  std::vector<std::string> warnings;

  bool has_regression() const;
  bool has_outcome(stats::Outcome outcome) const;
};

// Where a file has a case several times, its last record counts.
Comparison compare(std::span<const record::Record> before, std::span<const record::Record> after,
                   const CompareOptions& options = {});

Document compare_report(const Comparison& comparison);

// "int8 cpu 512×64×128 w8a8": a case for people.
std::string case_name(const record::Record& record);

}  // namespace anebench::report
