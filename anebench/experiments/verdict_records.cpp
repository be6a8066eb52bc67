#include "anebench/experiments/verdict_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "anebench/base/json.h"
#include "anebench/measure/validity.h"
#include "anebench/stats/quantile.h"

namespace anebench::experiments {
namespace {

using record::Record;

constexpr double kNsPerMs = 1e6;
// A dimension beyond this is no program that anybody ran; it bounds what is multiplied below.
constexpr std::int64_t kMaxDimension = std::int64_t{1} << 20;

bool is_of_ladder(const Record& record, std::string_view device) {
  return record.experiment == kLadderExperiment && record.device.name == device &&
         record.program.name == "conv_chain" && record.parameters.is_object() &&
         json_string(record.parameters, "part").value_or("") == kLadderPart;
}

// A positive integer parameter of the program; `fallback` where it is absent, nothing where it is
// something else.
std::optional<std::int64_t> dimension(const record::Program& program, std::string_view key,
                                      std::optional<std::int64_t> fallback = std::nullopt) {
  for (const auto& [name, text] : program.parameters) {
    if (name != key) continue;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_whole = error == std::errc() && end == text.data() + text.size();
    if (!is_whole || value < 1 || value > kMaxDimension) return std::nullopt;
    return value;
  }
  return fallback;
}

std::optional<LadderTime> chain_of(const Record& record) {
  const auto channels = dimension(record.program, "channels");
  const auto height = dimension(record.program, "height");
  const auto width = dimension(record.program, "width");
  const auto depth = dimension(record.program, "depth");
  const auto batch = dimension(record.program, "batch", 1);
  if (!channels || !height || !width || !depth || !batch) return std::nullopt;
  if (*height * *width > kMaxDimension) return std::nullopt;
  return LadderTime{{*channels, *height * *width * *batch}, *depth, 0};
}

bool is_trusted(const Record& record) {
  const auto& codes = record.outcome.validity;
  return std::none_of(codes.begin(), codes.end(), measure::is_mistrust_code) &&
         !(record.pair && record.pair->outcome == "mistrusted");
}

std::optional<stats::Estimate> ratio_of(const Record& record, std::string_view baseline) {
  const record::Metric* metric = record.find_metric(fmt::format("ratio.{}.joint", baseline));
  if (metric == nullptr || !(metric->value > 0)) return std::nullopt;
  stats::Estimate ratio{.value = metric->value};
  if (metric->low && metric->high) {
    ratio.low = *metric->low;
    ratio.high = *metric->high;
  }
  return ratio;
}

// The shape of a record's rung; null where fp16 was not measured there.
LadderShape* find(std::vector<LadderShape>& shapes, const LadderRung& rung) {
  const auto found = std::find_if(shapes.begin(), shapes.end(), [&](const LadderShape& shape) {
    return shape.fp16.rung == rung;
  });
  return found == shapes.end() ? nullptr : &*found;
}

void add_baseline(const Record& record, VerdictInput& input, std::vector<double>& floors) {
  auto chain = chain_of(record);
  const record::Metric* time = record.find_metric(kAnchoredTime);
  if (time == nullptr) time = record.find_metric("time.eval");
  if (!chain || record.outcome.state != record::State::ok || time == nullptr ||
      !(time->value > 0)) {
    return;
  }
  chain->time_ns = time->value * kNsPerMs;
  LadderShape shape{*chain, is_trusted(record), std::nullopt, true};
  if (LadderShape* known = find(input.shapes, chain->rung)) {
    *known = shape;
  } else {
    input.shapes.push_back(shape);
  }
  const record::Metric* floor = record.find_metric(kFloorTime);
  if (floor != nullptr && floor->value >= 0) floors.push_back(floor->value * kNsPerMs);
}

void add_variant(const Record& record, VerdictInput& input) {
  const auto chain = chain_of(record);
  if (!chain) return;
  const record::Outcome& outcome = record.outcome;
  const LadderFailure failure{chain->rung, outcome.stage, outcome.message};
  switch (outcome.state) {
    case record::State::wrong: input.wrong.push_back(failure); return;
    // What compiles and is then not evaluated is refused, too.
    case record::State::failed:
    case record::State::unsupported: input.refused.push_back(failure); return;
    case record::State::timeout: return;
    case record::State::ok: break;
  }
  LadderShape* shape = find(input.shapes, chain->rung);
  if (shape == nullptr) return;
  shape->ratio = ratio_of(record, input.baseline);
  shape->ratio_is_trusted = is_trusted(record);
}

// The last record of each shape. Records of comparisons with another baseline are left out.
std::vector<const Record*> last_of_each(std::span<const Record> records, std::string_view device,
                                        std::string_view variant, std::string_view baseline) {
  std::vector<std::pair<LadderRung, const Record*>> last;
  for (const Record& record : records) {
    if (!is_of_ladder(record, device) || record.variant != variant) continue;
    if (json_string(record.parameters, "baseline").value_or(std::string(baseline)) != baseline) {
      continue;
    }
    const auto chain = chain_of(record);
    if (!chain) continue;
    const auto known = std::find_if(last.begin(), last.end(),
                                    [&](const auto& item) { return item.first == chain->rung; });
    if (known == last.end()) {
      last.emplace_back(chain->rung, &record);
    } else {
      known->second = &record;
    }
  }
  std::vector<const Record*> result;
  for (const auto& [rung, record] : last) result.push_back(record);
  return result;
}

// Whether the step from W8 to W8A8, the activations, makes the difference.
std::string cause_text(const Finding& against_w8) {
  std::string text = "Against W8, the same weights with fp16 activations: ";
  switch (against_w8.kind) {
    case VerdictKind::native_compute:
      text += "faster arithmetic, so it comes with the int8 activations, not with the weights. ";
      break;
    case VerdictKind::slower:
      text += "slower, so quantizing the activations costs more than it gains. ";
      break;
    case VerdictKind::not_native:
      if (against_w8.compressed_activations) {
        text += "a gain where activations decide, so they are moved compressed. ";
      } else if (against_w8.dequantized) {
        text += "no difference, so whatever W8A8 gains, its weights gain. ";
      } else {
        text += describe(against_w8) + ". ";
      }
      break;
    case VerdictKind::unsupported:
    case VerdictKind::wrong_result:
    case VerdictKind::inconclusive: text += describe(against_w8) + ". "; break;
  }
  return text + (against_w8.evidence.empty() ? "" : against_w8.evidence.front());
}

}  // namespace

std::optional<VerdictInput> verdict_input(std::span<const Record> records, std::string_view device,
                                          std::string_view variant, std::string_view baseline) {
  const auto variants = last_of_each(records, device, variant, baseline);
  if (variants.empty()) return std::nullopt;
  VerdictInput input;
  input.baseline = baseline;
  std::vector<double> floors;
  for (const Record* record : last_of_each(records, device, kLadderBaseline, baseline)) {
    add_baseline(*record, input, floors);
  }
  for (const Record* record : variants) add_variant(*record, input);
  if (!floors.empty()) input.floor_ns = stats::median(floors);
  return input;
}

std::optional<Finding> verdict_from_records(std::span<const Record> records,
                                            std::string_view device, std::string_view variant,
                                            const stats::VerdictRules& rules) {
  const auto input = verdict_input(records, device, variant);
  if (!input) return std::nullopt;
  Finding finding = judge(*input, rules);
  const auto against_w8 = verdict_input(records, device, variant, "w8");
  const bool was_compared =
      against_w8 && std::any_of(against_w8->shapes.begin(), against_w8->shapes.end(),
                                [](const LadderShape& shape) { return shape.ratio.has_value(); });
  if (was_compared) finding.evidence.push_back(cause_text(judge(*against_w8, rules)));
  return finding;
}

}  // namespace anebench::experiments
