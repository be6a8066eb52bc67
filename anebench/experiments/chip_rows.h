// The published rows as the chip model sees them: each row's program as arithmetic and bytes, and
// its time under any set of constants.
//
//   const ChipRows rows = read_chip_rows(published_rows(), device::chip_table());
//   const ChipCosts costs(device::chip_table());
//   double ms = costs.milliseconds(rows.predicted[0]);
//
// Refers to the published rows and the table, which must outlive it. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "anebench/device/chip/chip_constants.h"
#include "anebench/device/chip/cost_model.h"
#include "anebench/experiments/published.h"

namespace anebench::experiments {

struct ChipRow {
  const PublishedRow* published = nullptr;
  std::size_t chip = 0;  // index into ChipTable::chips
  // Layers that cost the same stand once, with their number.
  std::vector<device::LayerWork> layers;
  std::vector<double> counts;
  double io_bytes = 0;
  // Under the table's own constants.
  device::ProgramKind kind = device::ProgramKind::unknown;

  bool is_fitted() const { return published->not_fitted.empty(); }
  // 1x1 convolutions at 64x64.
  bool is_square_chain() const;
  // Chains of 1x1 convolutions in one row.
  bool is_flat_chain() const;
};

// A row that cannot be predicted.
struct UnpredictedRow {
  const PublishedRow* published = nullptr;
  std::string reason;
};

struct ChipRows {
  std::vector<ChipRow> predicted;
  std::vector<UnpredictedRow> others;
};

ChipRows read_chip_rows(std::span<const PublishedRow> published, const device::ChipTable& table);

// The constants of all chips, ready for use.
class ChipCosts {
 public:
  explicit ChipCosts(const device::ChipTable& table);

  // With what the row's path adds to a call, or leaves out.
  double milliseconds(const ChipRow& row) const;

 private:
  std::vector<device::CostParameters> chips_;
  double core_ml_ns_ = 0;
  double core_ai_ns_ = 0;
};

}  // namespace anebench::experiments
