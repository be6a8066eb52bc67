// How well the chip model does: every published row predicted with the table's constants (nothing
// is fitted), the errors by chip and kind of program, and what the model would have said of rows
// that it had not been fitted to.
//
//   for (const RowPrediction& row : chip_validation().rows) …
//   std::optional<KnownError> error = known_error("m5", prediction.kind);
//
// Errors are predicted / published − 1. Thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/device/chip/cost_model.h"
#include "anebench/experiments/chip_rows.h"

namespace anebench::experiments {

struct RowPrediction {
  const ChipRow* row = nullptr;
  double predicted_ms = 0;

  double error() const { return predicted_ms / *row->published->milliseconds - 1; }
};

struct ErrorSummary {
  std::size_t rows = 0;
  double mean = 0;  // of absolute errors
  double worst = 0;
};
ErrorSummary summarize(std::span<const RowPrediction> rows,
                       const std::function<bool(const RowPrediction&)>& counts);

struct ChipValidation {
  ChipRows published;
  std::vector<RowPrediction> rows;  // of published.predicted, in its order
};

// Of the compiled-in rows and table; computed once (about a tenth of a second).
const ChipValidation& chip_validation();

// The constants fitted anew without some rows, and these predicted with them.
struct HeldOut {
  std::vector<RowPrediction> without_depth;  // all rows of its chip, layout and depth left out
  std::vector<RowPrediction> without_chip;   // all rows of its chip
};
// For the chains among the fitted rows. Takes seconds.
HeldOut held_out_chains(const ChipRows& rows, const device::ChipTable& table);

// What is known of the error of predictions of one kind on a chip.
struct KnownError {
  ErrorSummary summary;
  bool is_of_chip = false;  // else of all chips together
};
// From fitted rows; the chip's own where it has at least two of the kind. Nothing where no chip has
// one.
std::optional<KnownError> known_error(std::string_view chip, device::ProgramKind kind);
// "error 1.0 % on average, 4.9 % at worst, on 13 published rows of this chip", or "no data for this
// kind of program".
std::string describe_error(const std::optional<KnownError>& error);

// What records say of a chip: its error by kind of program.
std::vector<std::string> error_remarks(std::string_view chip);

}  // namespace anebench::experiments
