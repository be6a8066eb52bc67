#include "anebench/experiments/chip_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>
#include <utility>

#include "anebench/experiments/linear_solve.h"

namespace anebench::experiments {
namespace {

using device::Chip;
using device::ChipConstant;
using device::ChipFamily;
using device::ChipTable;

// Spread of repeated rows, relative: chains at 64x64 agree within two percent, everything else is
// short and varies with its host.
constexpr double kSquareSigma = 0.02;
constexpr double kOtherSigma = 0.08;
// Of priors: published values of one constant differ by this much from chip to chip; the published
// clocks of a generation, and what is published of one family's bandwidth, by less.
constexpr double kPriorSigma = 0.3;
constexpr double kClockSigma = 0.05;
constexpr double kBandwidthSigma = 0.08;
// Huber's constant for 95 % efficiency on normal errors.
constexpr double kHuber = 1.345;
constexpr double kNormal95 = 1.959964;
constexpr int kMostIterations = 40;
constexpr double kStep = 1e-4;  // of a logarithm, for derivatives
constexpr double kSmallestGain = 1e-9;
constexpr double kLeastInfluence = 0.01;

// One number that is fitted, wherever it stands in the table.
struct Parameter {
  std::string name;
  std::string unit;
  double prior = 0;
  double prior_sigma = kPriorSigma;
  std::vector<ChipConstant*> targets;
};

ChipFamily* family_named(ChipTable& table, std::string_view name) {
  const auto found = std::ranges::find_if(
      table.families, [&](const ChipFamily& family) { return family.name == name; });
  return found == table.families.end() ? nullptr : &*found;
}

// What is pooled over families, with what is published of it.
struct PooledConstant {
  std::string_view name;
  std::string_view unit;
  ChipConstant ChipFamily::* member;
  double prior;
  double prior_sigma;
  std::vector<std::string_view> families;
};

const std::vector<PooledConstant>& pooled_constants() {
  static const std::vector<PooledConstant> kPooled = {
      // "int8 doubles the arithmetic rate from h16 on".
      {"h16-h17.int8_factor",
       "",
       &ChipFamily::int8_factor,
       2,
       kClockSigma,
       {"h16", "h17", "a18pro"}},
      // Published from the falling rate at 256 channels: M2 106, M4 and M5 125 to 140.
      {"h13-h15.activation_gbs",
       "GB/s",
       &ChipFamily::activation_gbs,
       106,
       kBandwidthSigma,
       {"h13", "h14", "h15"}},
      {"h16-h18.activation_gbs",
       "GB/s",
       &ChipFamily::activation_gbs,
       132,
       kBandwidthSigma,
       {"h16", "h17", "a18pro", "h18"}},
      // Nothing is published: one row, and any number of channels, cost nothing.
      {"h13-h15.flat_factor", "", &ChipFamily::flat_factor, 1, kPriorSigma, {"h13", "h14", "h15"}},
      {"h16-h18.flat_factor",
       "",
       &ChipFamily::flat_factor,
       1,
       kPriorSigma,
       {"h16", "h17", "a18pro", "h18"}},
      {"h16.aligned_factor", "", &ChipFamily::aligned_factor, 1, kPriorSigma, {"h16"}},
  };
  return kPooled;
}

// Families with programs that are bound by arithmetic.
constexpr std::string_view kRateFamilies[] = {"h14", "h16", "h17", "a18pro", "h18"};

// Published, or, where it is not of that very chip, of its nearest relative.
struct ChipPrior {
  std::string_view chip;
  double call_floor_us;
  double weight_gbs;  // 0: not fitted
};
constexpr ChipPrior kChipPriors[] = {{"m1", 232, 0},      {"m2max", 138, 48}, {"m3pro", 205, 48},
                                     {"m3ultra", 205, 0}, {"m4", 97, 60},     {"m4max", 97, 120},
                                     {"m5", 85, 0},       {"m5pro", 85, 143}, {"m5max", 85, 157},
                                     {"m6", 85, 160}};
constexpr double kCoreAiPriorUs = 250;  // Core ML's

std::vector<Parameter> parameters_of(ChipTable& table) {
  std::vector<Parameter> parameters;
  for (const std::string_view name : kRateFamilies) {
    ChipFamily* family = family_named(table, name);
    if (family == nullptr) continue;
    const bool is_known = family->nominal_tops.kind != device::ConstantKind::assumed;
    parameters.push_back({fmt::format("{}.fp16_tops", name),
                          "TOPS",
                          family->nominal_tops.value,
                          is_known ? kClockSigma : kPriorSigma,
                          {&family->fp16_tops}});
  }
  for (const PooledConstant& pooled : pooled_constants()) {
    Parameter parameter = {
        std::string(pooled.name), std::string(pooled.unit), pooled.prior, pooled.prior_sigma, {}};
    for (const std::string_view name : pooled.families) {
      if (ChipFamily* family = family_named(table, name)) {
        parameter.targets.push_back(&(family->*pooled.member));
      }
    }
    if (!parameter.targets.empty()) parameters.push_back(std::move(parameter));
  }
  for (const ChipPrior& prior : kChipPriors) {
    const auto chip = std::ranges::find_if(
        table.chips, [&](const Chip& known) { return known.name == prior.chip; });
    if (chip == table.chips.end()) continue;
    parameters.push_back({fmt::format("{}.call_floor_us", prior.chip),
                          "µs",
                          prior.call_floor_us,
                          kPriorSigma,
                          {&chip->call_floor_us}});
    if (prior.weight_gbs > 0) {
      parameters.push_back({fmt::format("{}.weight_gbs", prior.chip),
                            "GB/s",
                            prior.weight_gbs,
                            kPriorSigma,
                            {&chip->weight_gbs}});
    }
  }
  parameters.push_back({"core_ai_us", "µs", kCoreAiPriorUs, kPriorSigma, {&table.core_ai_us}});
  return parameters;
}

// Levenberg and Marquardt's method on logarithms.
class Fitter {
 public:
  Fitter(ChipTable& table, std::vector<const ChipRow*> rows)
      : table_(table), parameters_(parameters_of(table)), rows_(std::move(rows)) {
    for (const Parameter& parameter : parameters_) {
      stored_.push_back(parameter.targets.front()->value);
      logs_.push_back(std::log(stored_.back()));
    }
  }

  void run() {
    double damping = 1e-3;
    double cost = cost_of(residuals(logs_));
    for (int i = 0; i < kMostIterations; ++i) {
      linearize();
      bool improved = false;
      while (damping < 1e6) {
        const std::vector<double> next = step(damping);
        const double next_cost = cost_of(residuals(next));
        if (next_cost < cost) {
          improved = cost - next_cost > kSmallestGain * cost;
          logs_ = next;
          cost = next_cost;
          damping /= 10;
          break;
        }
        damping *= 10;
      }
      if (!improved) break;
    }
    linearize();
    apply(logs_);
  }

  std::vector<FittedConstant> constants() {
    const std::size_t n = parameters_.size();
    const std::vector<double> inverse = inverse_of(normal_, n);
    double squares = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      squares += weights_[i] * residuals_[i] * residuals_[i];
    }
    const double freedom =
        std::max(1.0, static_cast<double>(rows_.size()) - static_cast<double>(n));
    // The rows' own spread where it is larger than assumed.
    const double scale = std::sqrt(std::max(1.0, squares / freedom));
    std::vector<FittedConstant> constants;
    for (std::size_t p = 0; p < n; ++p) {
      const double value = std::exp(logs_[p]);
      const double spread = std::exp(kNormal95 * scale * std::sqrt(inverse[p * n + p]));
      std::size_t influenced = 0;
      for (std::size_t i = 0; i < rows_.size(); ++i) {
        if (std::abs(jacobian_[i * n + p]) * sigma_of(i) > kLeastInfluence) ++influenced;
      }
      constants.push_back({parameters_[p].name, parameters_[p].unit, parameters_[p].prior,
                           stored_[p], value, value / spread, value * spread, influenced});
    }
    return constants;
  }

 private:
  double sigma_of(std::size_t i) const {
    return rows_[i]->is_square_chain() ? kSquareSigma : kOtherSigma;
  }

  void apply(const std::vector<double>& logs) {
    for (std::size_t p = 0; p < parameters_.size(); ++p) {
      for (ChipConstant* target : parameters_[p].targets) target->value = std::exp(logs[p]);
    }
  }

  // In units of their spread: the rows', then the priors'.
  std::vector<double> residuals(const std::vector<double>& logs) {
    apply(logs);
    const ChipCosts costs(table_);
    std::vector<double> result;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const ChipRow& row = *rows_[i];
      result.push_back(std::log(costs.milliseconds(row) / *row.published->milliseconds) /
                       sigma_of(i));
    }
    for (std::size_t p = 0; p < parameters_.size(); ++p) {
      const Parameter& parameter = parameters_[p];
      result.push_back((logs[p] - std::log(parameter.prior)) / parameter.prior_sigma);
    }
    return result;
  }

  static double cost_of(const std::vector<double>& residuals) {
    double sum = 0;
    for (const double residual : residuals) {
      const double size = std::abs(residual);
      sum += size <= kHuber ? 0.5 * size * size : kHuber * (size - 0.5 * kHuber);
    }
    return sum;
  }

  void linearize() {
    const std::size_t n = parameters_.size();
    residuals_ = residuals(logs_);
    const std::size_t m = residuals_.size();
    jacobian_.assign(m * n, 0);
    for (std::size_t p = 0; p < n; ++p) {
      std::vector<double> moved = logs_;
      moved[p] += kStep;
      const std::vector<double> after = residuals(moved);
      for (std::size_t i = 0; i < m; ++i) {
        jacobian_[i * n + p] = (after[i] - residuals_[i]) / kStep;
      }
    }
    weights_.assign(m, 1);
    for (std::size_t i = 0; i < m; ++i) {
      const double size = std::abs(residuals_[i]);
      if (size > kHuber) weights_[i] = kHuber / size;
    }
    normal_.assign(n * n, 0);
    gradient_.assign(n, 0);
    for (std::size_t i = 0; i < m; ++i) {
      const double* row = &jacobian_[i * n];
      for (std::size_t p = 0; p < n; ++p) {
        if (row[p] == 0) continue;
        gradient_[p] += weights_[i] * row[p] * residuals_[i];
        for (std::size_t q = 0; q < n; ++q) normal_[p * n + q] += weights_[i] * row[p] * row[q];
      }
    }
  }

  std::vector<double> step(double damping) const {
    const std::size_t n = parameters_.size();
    std::vector<double> damped = normal_;
    for (std::size_t p = 0; p < n; ++p) damped[p * n + p] *= 1 + damping;
    const std::vector<double> change = solve_symmetric(std::move(damped), gradient_);
    std::vector<double> next = logs_;
    for (std::size_t p = 0; p < n; ++p) next[p] -= change[p];
    return next;
  }

  ChipTable& table_;
  std::vector<Parameter> parameters_;
  std::vector<const ChipRow*> rows_;
  std::vector<double> stored_;
  std::vector<double> logs_;
  std::vector<double> residuals_;
  std::vector<double> jacobian_;
  std::vector<double> weights_;
  std::vector<double> normal_;
  std::vector<double> gradient_;
};

}  // namespace

ChipFit fit_chips(const ChipTable& table, const ChipRows& rows,
                  const std::function<bool(const ChipRow&)>& uses) {
  ChipFit fit;
  fit.table = table;
  std::vector<const ChipRow*> used;
  for (const ChipRow& row : rows.predicted) {
    if (row.is_fitted() && uses(row)) used.push_back(&row);
  }
  fit.rows = used.size();
  Fitter fitter(fit.table, std::move(used));
  fitter.run();
  fit.constants = fitter.constants();
  return fit;
}

}  // namespace anebench::experiments
