#include <fmt/format.h>

#include "anebench/record/journal.h"
#include "anebench/report/compare.h"
#include "commands.h"
#include "console.h"

namespace anebench::cli {

int run_compare(const CompareArguments& arguments) {
  Console console(arguments.console);
  const auto before = record::read_records(arguments.before);
  if (!before) return console.error("compare", before.error());
  const auto after = record::read_records(arguments.after);
  if (!after) return console.error("compare", after.error());
  const report::Comparison comparison =
      report::compare(*before, *after, {.threshold = arguments.threshold});
  console.print(report::compare_report(comparison));
  if (comparison.has_regression()) return kCheckFailed;
  if (arguments.fail_on.mistrusted && comparison.has_outcome(stats::Outcome::mistrusted)) {
    return kInconclusive;
  }
  // Nothing in common is no answer, either.
  if (arguments.fail_on.inconclusive &&
      (comparison.cases.empty() || comparison.has_outcome(stats::Outcome::inconclusive))) {
    return kInconclusive;
  }
  return kOk;
}

}  // namespace anebench::cli
