#include "anebench/experiments/probe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "anebench/experiments/probe_parts.h"
#include "anebench/experiments/verdict_records.h"
#include "anebench/programs/quantized_conv.h"

namespace anebench::experiments {
namespace {

constexpr std::size_t kClassicWarmup = 10;
constexpr std::size_t kClassicIterations = 100;
// Of a comparison, with Settings::quick: there are 70 of them, most far shorter.
constexpr double kQuickPairSeconds = 4;
// One of each kind: integer weights, blocks of four bits, a table, and integer arithmetic.
constexpr std::string_view kQuickVariants[] = {"w8", "u4b32", "lut4", "w8a8"};

std::vector<std::string> chosen_variants(const ProbeOptions& options, bool quick) {
  if (!options.variants.empty()) return options.variants;
  if (quick) return {std::begin(kQuickVariants), std::end(kQuickVariants)};
  return probe_variants();
}

// Of these, those that a chain can have: the published probe's two outside the language cannot.
std::vector<std::string> ladder_variants(const std::vector<std::string>& variants) {
  std::vector<std::string> result;
  for (const programs::QuantizedConvVariant& known : programs::quantized_conv_variants()) {
    if (known.is_valid &&
        std::find(variants.begin(), variants.end(), known.name) != variants.end()) {
      result.emplace_back(known.name);
    }
  }
  return result;
}

template <typename T>
void append_list(std::vector<std::string>& words, std::string option, const std::vector<T>& list) {
  if (list.empty()) return;
  words.push_back(std::move(option));
  words.push_back(fmt::format("{}", fmt::join(list, ",")));
}

std::vector<std::string> arguments_of(const ProbeOptions& options) {
  std::vector<std::string> words = {"probe"};
  append_list(words, "--channels", options.channels);
  append_list(words, "--positions", options.positions);
  append_list(words, "--variants", options.variants);
  if (options.ladder_only) words.emplace_back("--ladder-only");
  return words;
}

Result<void> check_variants(const std::vector<std::string>& variants) {
  const std::vector<std::string> known = probe_variants();
  for (const std::string& variant : variants) {
    if (std::find(known.begin(), known.end(), variant) == known.end()) {
      return fail(ErrorCode::invalid_argument, "probe has no variant \"{}\"; it has {}", variant,
                  fmt::join(known, ", "));
    }
  }
  return {};
}

}  // namespace

std::vector<std::string> probe_variants() {
  std::vector<std::string> names;
  for (const programs::QuantizedConvVariant& variant : programs::quantized_conv_variants()) {
    if (variant.name != "fp16") names.emplace_back(variant.name);
  }
  return names;
}

std::vector<LadderRung> probe_rungs(const ProbeOptions& options, bool quick) {
  std::vector<LadderRung> rungs = ladder_rungs(quick ? LadderSize::shortened : LadderSize::full);
  if (options.channels.empty() && options.positions.empty()) return rungs;
  const auto values = [&](const std::vector<std::int64_t>& asked, std::int64_t LadderRung::* of) {
    std::vector<std::int64_t> result = asked;
    if (result.empty()) {
      for (const LadderRung& rung : rungs) result.push_back(rung.*of);
    }
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return result;
  };
  std::vector<LadderRung> chosen;
  for (const std::int64_t channels : values(options.channels, &LadderRung::channels)) {
    for (const std::int64_t positions : values(options.positions, &LadderRung::positions)) {
      chosen.push_back({channels, positions});
    }
  }
  return chosen;
}

Result<std::vector<runner::Case>> probe_cases(const ProbeOptions& options,
                                              std::shared_ptr<device::Device> device,
                                              const Settings& settings) {
  ANEBENCH_TRY(check_variants(options.variants));
  Settings actual = settings;
  actual.plan.classic_warmup = kClassicWarmup;
  actual.plan.classic_iterations = kClassicIterations;
  if (settings.quick) {
    actual.plan.max_seconds = std::min(actual.plan.max_seconds, kQuickPairSeconds);
  }
  ANEBENCH_ASSIGN(context, make_context({.experiment = std::string(kLadderExperiment),
                                         .arguments = arguments_of(options),
                                         .qos = kDefaultQos},
                                        std::move(device), actual));
  const std::vector<std::string> variants = chosen_variants(options, settings.quick);
  CaseSelection selection(settings.filter);
  std::vector<runner::Case> cases;
  if (!options.ladder_only) {
    ANEBENCH_ASSIGN(classic, classic_probe_cases(context, variants, selection));
    cases = std::move(classic);
  }
  ANEBENCH_ASSIGN(ladder, ladder_probe_cases(context,
                                             {.rungs = probe_rungs(options, settings.quick),
                                              .variants = ladder_variants(variants)},
                                             selection));
  ANEBENCH_TRY(selection.check("probe"));
  std::move(ladder.begin(), ladder.end(), std::back_inserter(cases));
  return cases;
}

}  // namespace anebench::experiments
