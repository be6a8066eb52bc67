#include "anebench/experiments/chip_rows.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "anebench/experiments/published_program.h"

namespace anebench::experiments {
namespace {

using device::LayerWork;

constexpr double kNsPerUs = 1e3;
constexpr double kMsPerNanosecond = 1e-6;
constexpr std::int64_t kSquareSide = 64;

bool cost_the_same(const LayerWork& a, const LayerWork& b) {
  const auto key = [](const LayerWork& layer) {
    return std::tie(layer.kind, layer.is_flat, layer.is_int8, layer.operations,
                    layer.activation_bytes, layer.weight_elements, layer.weight_bits,
                    layer.has_affine_weight, layer.in_channels, layer.out_channels);
  };
  return key(a) == key(b);
}

void gather(const device::ProgramWork& work, ChipRow& row) {
  row.io_bytes = work.io_bytes;
  for (const LayerWork& layer : work.layers) {
    const auto found = std::ranges::find_if(
        row.layers, [&](const LayerWork& other) { return cost_the_same(layer, other); });
    if (found != row.layers.end()) {
      ++row.counts[static_cast<std::size_t>(found - row.layers.begin())];
      continue;
    }
    row.layers.push_back(layer);
    row.counts.push_back(1);
  }
}

Result<ChipRow> read_row(const PublishedRow& published, const device::ChipTable& table) {
  ChipRow row;
  row.published = &published;
  const auto chip = std::ranges::find_if(
      table.chips, [&](const device::Chip& known) { return known.name == published.model; });
  if (chip == table.chips.end()) {
    return fail(ErrorCode::unsupported, "the model has no chip \"{}\"", published.model);
  }
  row.chip = static_cast<std::size_t>(chip - table.chips.begin());
  if (!published.milliseconds) return fail(ErrorCode::unsupported, "the source gives no time");
  ANEBENCH_ASSIGN(program, published_program(published));
  ANEBENCH_ASSIGN(work, device::ProgramWork::of(*program.main()));
  gather(work, row);
  row.kind = predict(work, cost_parameters(table, *chip)).kind;
  return row;
}

}  // namespace

bool ChipRow::is_square_chain() const {
  return published->program.starts_with("conv1x1_chain") && published->height == kSquareSide &&
         published->width == kSquareSide;
}

bool ChipRow::is_flat_chain() const {
  return published->program.starts_with("conv1x1_chain") && published->height == 1;
}

ChipRows read_chip_rows(std::span<const PublishedRow> published, const device::ChipTable& table) {
  ChipRows rows;
  for (const PublishedRow& row : published) {
    auto read = read_row(row, table);
    if (read) {
      rows.predicted.push_back(std::move(*read));
    } else {
      rows.others.push_back({&row, read.error().message()});
    }
  }
  return rows;
}

ChipCosts::ChipCosts(const device::ChipTable& table)
    : core_ml_ns_(table.core_ml_us.value * kNsPerUs),
      core_ai_ns_(table.core_ai_us.value * kNsPerUs) {
  for (const device::Chip& chip : table.chips) chips_.push_back(cost_parameters(table, chip));
}

double ChipCosts::milliseconds(const ChipRow& row) const {
  const device::CostParameters& parameters = chips_[row.chip];
  double ns = 0;
  for (std::size_t i = 0; i < row.layers.size(); ++i) {
    ns += row.counts[i] * layer_time(row.layers[i], parameters).ns;
  }
  const std::string& path = row.published->path;
  if (path != "rate") ns += parameters.call_ns + row.io_bytes / parameters.io_rate;
  if (path == "core_ml") ns += core_ml_ns_;
  if (path == "core_ai") ns += core_ai_ns_;
  return ns * kMsPerNanosecond;
}

}  // namespace anebench::experiments
