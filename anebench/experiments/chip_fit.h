// Fits the chip model's derived constants to published rows: least squares of log(predicted /
// published), so that relative errors count alike for short and long programs.
//
//   const ChipFit fit = fit_chips(device::chip_table(), rows, [](const ChipRow&) { return true; });
//   for (const FittedConstant& constant : fit.constants) …
//
// What few rows say is held by a weak prior around what is published, or follows from the clock
// (docs/chip-model.md); a constant without rows stays there. Outlying rows count less (Huber's
// weights). Deterministic; thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "anebench/device/chip/chip_constants.h"
#include "anebench/experiments/chip_rows.h"

namespace anebench::experiments {

struct FittedConstant {
  std::string name;  // "h16.fp16_tops", "m4max.weight_gbs"
  std::string unit;
  double prior = 0;
  double stored = 0;  // of the table
  double value = 0;
  double low = 0;  // 95 %
  double high = 0;
  std::size_t rows = 0;  // that would change by more than a hundredth of the constant's change
};

struct ChipFit {
  std::vector<FittedConstant> constants;
  device::ChipTable table;  // with the fitted values
  std::size_t rows = 0;
};

// Of the rows that may be fitted, those that `uses` lets through.
ChipFit fit_chips(const device::ChipTable& table, const ChipRows& rows,
                  const std::function<bool(const ChipRow&)>& uses);

}  // namespace anebench::experiments
