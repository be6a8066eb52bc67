// What `chips` prints: the table of chips with the origin of each constant, how well the model does
// on published rows, and the constants fitted anew. Every number of the model stands under a
// heading that says so. Pure; thread-safe.
#pragma once

#include <span>

#include "anebench/device/chip/chip_constants.h"
#include "anebench/experiments/chip_fit.h"
#include "anebench/experiments/chip_validation.h"
#include "anebench/report/document.h"

namespace anebench::report {

// Chips, families, known errors, sources.
Document chip_list(const device::ChipTable& table);

// How a class of rows does against what is demanded of it.
struct ValidationTarget {
  std::string name;  // "64×64 chains, in sample"
  experiments::ErrorSummary errors;
  double most_mean = 0;
  double most_worst = 0;  // 0: nothing is demanded

  bool is_met() const {
    return errors.mean <= most_mean && (most_worst == 0 || errors.worst <= most_worst);
  }
};
// The specification's, of the fitted rows.
std::vector<ValidationTarget> validation_targets(const experiments::ChipValidation& validation,
                                                 const experiments::HeldOut& held_out);

// Targets, errors by chip and kind of program, and with `all_rows` every row beside its prediction.
Document validation_report(const experiments::ChipValidation& validation,
                           std::span<const ValidationTarget> targets, bool all_rows);

// Constants beside what the table has, with intervals.
Document fit_report(const experiments::ChipFit& fit);

}  // namespace anebench::report
