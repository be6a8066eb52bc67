#include "anebench/experiments/predict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "anebench/base/sha256.h"
#include "anebench/device/chip/chip_device.h"
#include "anebench/experiments/case_list.h"
#include "anebench/experiments/case_record.h"
#include "anebench/experiments/chip_validation.h"
#include "anebench/experiments/context.h"
#include "anebench/mil/text_printer.h"
#include "anebench/ops/verifier.h"
#include "anebench/record/from_measure.h"

namespace anebench::experiments {
namespace {

using device::Bound;
using device::FunctionPrediction;

// What is the same on every chip.
struct PreparedVariant {
  Result<device::ProgramWork> work;  // or why the program cannot be predicted anywhere
  std::string text_hash;
};

Result<device::ProgramWork> verified_work(const mil::Program& program, bool is_lenient) {
  const mil::Function* function = program.main();
  if (function == nullptr) {
    return fail(ErrorCode::invalid_argument, "the program has no function to predict");
  }
  ops::VerifyOptions verify;
  verify.strictness = is_lenient ? ops::Strictness::lenient : ops::Strictness::strict;
  verify.function = function->name;
  ANEBENCH_TRY(ops::require_valid(program, verify), "verify");
  return device::ProgramWork::of(*function);
}

std::vector<PreparedVariant> prepare(const PredictSubject& subject, bool is_lenient) {
  std::vector<PreparedVariant> prepared;
  for (const PredictVariant& variant : subject.variants) {
    prepared.push_back({verified_work(variant.program, is_lenient),
                        sha256_hex(std::string_view(mil::print_text(variant.program)))});
  }
  return prepared;
}

Result<FunctionPrediction> predict_program(const mil::Program& program,
                                           const PreparedVariant& prepared,
                                           const device::Chip& chip, bool is_lenient) {
  if (!prepared.work) return fail(prepared.work.error());
  FunctionPrediction predicted =
      device::predict_work(*program.main(), *prepared.work, device::chip_table(), chip);
  if (!is_lenient && !predicted.broken_limits.empty()) {
    return fail(ErrorCode::unsupported, "{}", fmt::join(predicted.broken_limits, "; "));
  }
  return predicted;
}

void add_times(const FunctionPrediction& predicted, record::Record& record) {
  const device::Prediction& prediction = predicted.prediction;
  const double total = prediction.total_ns();
  auto& metrics = record.metrics;
  const auto add_ms = [&](const char* tag, double ns, const char* description) {
    metrics.push_back(plain_metric(tag, ns * record::kMsPerNs, "ms", description));
  };
  add_ms("time.eval", total, "predicted time of an evaluation");
  add_ms("time.call", prediction.call_ns, "predicted: the call itself");
  add_ms("time.transfer", prediction.io_ns, "predicted: inputs and outputs");
  metrics.push_back(plain_metric("rate.ops", record.program.operations / (total * 1e-9), "ops/s",
                                 "predicted operations a second, a multiply-add counted as "
                                 "two"));
  std::map<std::string, double> by_bound;
  std::map<std::string, double> by_type;
  for (std::size_t i = 0; i < prediction.layers.size(); ++i) {
    const device::LayerTime& layer = prediction.layers[i];
    by_bound[std::string(to_string(layer.bound))] += layer.ns;
    by_type[predicted.work.layers[i].type] += layer.ns;
  }
  for (const auto& [bound, ns] : by_bound) {
    metrics.push_back(plain_metric("share.bound." + bound, ns / total, "1",
                                   "predicted share of the time that " + bound + " bound"));
  }
  for (const auto& [type, ns] : by_type) {
    metrics.push_back(plain_metric("share.op." + type, ns / total, "1",
                                   fmt::format("predicted share of {} operations", type)));
  }
}

void add_error(const std::string& chip, device::ProgramKind kind, record::Record& record) {
  const auto error = known_error(chip, kind);
  record.outcome.message =
      fmt::format("{}{}: {}", record.outcome.message.empty() ? "" : record.outcome.message + "; ",
                  to_string(kind), describe_error(error));
  if (!error) return;
  const std::string of = fmt::format(
      "absolute error of predictions of this kind of program ({}) on {} published rows of {}",
      to_string(kind), error->summary.rows, error->is_of_chip ? "this chip" : "other chips");
  record.metrics.push_back(plain_metric("error.mean", error->summary.mean, "1", "mean " + of));
  record.metrics.push_back(plain_metric("error.worst", error->summary.worst, "1", "largest " + of));
}

// What a variant changes of a layer.
enum class Change : std::uint8_t { arithmetic, weights, activations };

void apply(Change change, const device::LayerWork& from, device::LayerWork& to) {
  switch (change) {
    case Change::arithmetic: to.is_int8 = from.is_int8; break;
    case Change::weights:
      to.weight_bits = from.weight_bits;
      to.has_affine_weight = from.has_affine_weight;
      break;
    case Change::activations: to.activation_bytes = from.activation_bytes; break;
  }
}

constexpr std::array kChanges = {Change::arithmetic, Change::weights, Change::activations};
// Of a set of changes, as bits.
constexpr std::size_t kChangeSets = std::size_t{1} << kChanges.size();

bool contains(std::size_t set, std::size_t change) { return (set >> change & 1U) != 0; }

// The program before with a set of changes taken from the one after. Layers are the same where they
// have one name.
device::ProgramWork with_changes(std::size_t set, const device::ProgramWork& before,
                                 const device::ProgramWork& after) {
  std::map<std::string_view, const device::LayerWork*> layers;
  for (const device::LayerWork& layer : after.layers) layers.emplace(layer.name, &layer);
  device::ProgramWork work = before;
  for (device::LayerWork& layer : work.layers) {
    const auto found = layers.find(layer.name);
    if (found == layers.end()) continue;
    for (std::size_t i = 0; i < kChanges.size(); ++i) {
      if (contains(set, i)) apply(kChanges[i], *found->second, layer);
    }
  }
  return work;
}

// The factors of the gain of all changes together: Shapley values of its logarithm, that is, what
// each change brings when it is made, averaged over all orders of making them.
std::array<double, kChanges.size()> gain_factors(
    const std::array<double, kChangeSets>& times_by_set) {
  // Of the orders of three changes, the share in which exactly a given set of this size precedes.
  constexpr std::array kShareOfOrders = {1.0 / 3, 1.0 / 6, 1.0 / 3};
  std::array<double, kChanges.size()> factors = {};
  for (std::size_t i = 0; i < kChanges.size(); ++i) {
    double sum = 0;
    for (std::size_t set = 0; set < kChangeSets; ++set) {
      if (contains(set, i)) continue;
      const double gain = times_by_set[set] / times_by_set[set | std::size_t{1} << i];
      sum += kShareOfOrders[static_cast<std::size_t>(std::popcount(set))] * std::log(gain);
    }
    factors[i] = std::exp(sum);
  }
  return factors;
}

void add_quantization(const Quantization& quantization, record::Record& record) {
  record.metrics.push_back(plain_metric("count.quantized.weights",
                                        static_cast<double>(quantization.weights), "1",
                                        "weights stored in another form"));
  record.metrics.push_back(plain_metric("count.quantized.activations",
                                        static_cast<double>(quantization.activations), "1",
                                        "operations that take int8 activations"));
  if (!quantization.output_snr_db) return;
  record.metrics.push_back(plain_metric(
      "snr.output", *quantization.output_snr_db, "dB",
      fmt::format("computed, not predicted, on {}: the least of all outputs, against the program "
                  "before; null where every value is equal",
                  quantization.computed_by)));
}

// All variants on one chip.
class ChipPredictor {
 public:
  ChipPredictor(std::shared_ptr<const PredictSubject> subject,
                std::shared_ptr<const std::vector<PreparedVariant>> prepared,
                ContextPointer context, const device::Chip& chip)
      : subject_(std::move(subject)),
        prepared_(std::move(prepared)),
        context_(std::move(context)),
        chip_(chip) {}

  runner::Case plan(const std::shared_ptr<ChipPredictor>& self) const {
    runner::Case one;
    one.name = fmt::format("predict {} on {}", subject_->argument, chip_.name);
    // Nothing that belongs to measuring: a prediction has neither threads nor a seed.
    one.arguments = context_->identity.arguments;
    one.arguments.insert(one.arguments.end(), subject_->options.begin(), subject_->options.end());
    if (context_->settings.lenient) one.arguments.emplace_back("--lenient");
    for (std::size_t i = 0; i < subject_->variants.size(); ++i) {
      record::Program program;
      program.name = subject_->spec.name();
      program.parameters = subject_->spec.parameters();
      program.text_hash = (*prepared_)[i].text_hash;
      one.planned.push_back(
          plan_record(*context_, std::move(program), subject_->variants[i].name, {}, {}));
      one.planned.back().repro = command_line(one.arguments);
    }
    one.run = [self, planned = one.planned](runner::Reporter& reporter) {
      return self->run(planned, reporter);
    };
    return one;
  }

 private:
  Result<void> run(const std::vector<record::Record>& planned, runner::Reporter& reporter) const {
    std::vector<record::Record> records = planned;
    std::vector<std::optional<FunctionPrediction>> predictions;
    for (std::size_t i = 0; i < records.size(); ++i) {
      record::Record& record = records[i];
      record.time = record::utc_now();
      predictions.push_back(predict_into(i, record));
      if (const auto& quantization = subject_->variants[i].quantization) {
        add_quantization(*quantization, record);
      }
      if (i == 0 || !predictions.front() || !predictions.back()) continue;
      add_gains(records.front().variant, *predictions.front(), *predictions.back(), record);
    }
    for (const record::Record& record : records) ANEBENCH_TRY(reporter.record(record));
    return {};
  }

  // Nothing where the outcome says why.
  std::optional<FunctionPrediction> predict_into(std::size_t variant,
                                                 record::Record& record) const {
    auto predicted = predict_program(subject_->variants[variant].program, (*prepared_)[variant],
                                     chip_, context_->settings.lenient);
    if (!predicted) {
      record.outcome = outcome_of(predicted.error(), "compile");
      return std::nullopt;
    }
    double weight_bytes = 0;
    for (const device::LayerWork& layer : predicted->work.layers) {
      record.program.operations += layer.operations;
      weight_bytes += layer.weight_elements * layer.weight_bits / 8;
    }
    record.program.weight_bytes = static_cast<std::int64_t>(weight_bytes);
    record.program.io_bytes = static_cast<std::int64_t>(predicted->work.io_bytes);
    record.metrics.push_back(
        plain_metric("size.weights", weight_bytes, "bytes", "bytes of the weights as stored"));
    record.outcome.message = fmt::format("{}", fmt::join(predicted->broken_limits, "; "));
    add_times(*predicted, record);
    add_error(chip_.name, predicted->prediction.kind, record);
    return std::move(*predicted);
  }

  // What all of the change brings, as the product of what its parts bring.
  void add_gains(const std::string& first, const FunctionPrediction& before,
                 const FunctionPrediction& after, record::Record& record) const {
    const double whole = before.prediction.total_ns();
    record.metrics.push_back(
        plain_metric("ratio." + first, whole / after.prediction.total_ns(), "1",
                     fmt::format("predicted time of {} / predicted time of this", first)));
    const device::CostParameters parameters = device::cost_parameters(device::chip_table(), chip_);
    std::array<double, kChangeSets> times = {};
    for (std::size_t set = 0; set < kChangeSets; ++set) {
      times[set] =
          device::predict(with_changes(set, before.work, after.work), parameters).total_ns();
    }
    const auto factors = gain_factors(times);
    const auto add = [&](const char* tag, double factor, const char* what) {
      record.metrics.push_back(plain_metric(
          tag, factor, "1",
          fmt::format("predicted factor of the gain that {} brings, averaged over all orders of "
                      "making the changes",
                      what)));
    };
    add("gain.arithmetic", factors[0], "int8 arithmetic");
    add("gain.weights", factors[1], "the bytes of weights");
    add("gain.activations", factors[2], "the bytes of activations");
    record.metrics.push_back(
        plain_metric("gain.other", times.back() / after.prediction.total_ns(), "1",
                     "predicted factor of the gain that added operations bring, below 1 where "
                     "they take time"));
  }

  std::shared_ptr<const PredictSubject> subject_;
  std::shared_ptr<const std::vector<PreparedVariant>> prepared_;
  ContextPointer context_;
  const device::Chip& chip_;
};

}  // namespace

Result<std::vector<runner::Case>> predict_cases(PredictSubject subject,
                                                const std::vector<std::string>& chips,
                                                const Settings& settings) {
  const auto shared = std::make_shared<const PredictSubject>(std::move(subject));
  const auto prepared =
      std::make_shared<const std::vector<PreparedVariant>>(prepare(*shared, settings.lenient));
  CaseSelection selection(settings.filter);
  std::vector<runner::Case> cases;
  for (const std::string& name : chips) {
    if (!selection.accepts({{"chip", name}})) continue;
    ANEBENCH_ASSIGN(device, device::open_chip(name));
    ExperimentIdentity identity = {.experiment = "predict",
                                   .arguments = {"predict", shared->argument, "--chip", name},
                                   .qos = kDefaultQos};
    ANEBENCH_ASSIGN(context, make_context(std::move(identity), std::move(device), settings));
    const auto predictor = std::make_shared<ChipPredictor>(shared, prepared, std::move(context),
                                                           *device::chip_table().find(name));
    cases.push_back(predictor->plan(predictor));
  }
  ANEBENCH_TRY(selection.check("predict"));
  return cases;
}

}  // namespace anebench::experiments
