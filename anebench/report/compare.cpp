#include "anebench/report/compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "anebench/measure/validity.h"
#include "anebench/programs/program_spec.h"
#include "anebench/report/figures.h"
#include "anebench/report/sentences.h"
#include "anebench/stats/holm.h"
#include "anebench/stats/paired.h"
#include "anebench/stats/unpaired.h"

namespace anebench::report {
namespace {

// The last record of each id, in the order in which ids first came.
struct Cases {
  std::vector<const record::Record*> order;
  std::map<std::string, std::size_t, std::less<>> places;
  std::size_t repeated = 0;

  explicit Cases(std::span<const record::Record> records) {
    for (const record::Record& record : records) {
      const auto [place, is_new] = places.emplace(record.id, order.size());
      if (is_new) {
        order.push_back(&record);
      } else {
        order[place->second] = &record;
        ++repeated;
      }
    }
  }
  const record::Record* find(std::string_view id) const {
    const auto found = places.find(id);
    return found == places.end() ? nullptr : order[found->second];
  }
};

// A figure's raw values in logarithms; empty where the record does not have them.
using Values = std::vector<double>;

std::span<const double> steady(const record::Record& record, std::string_view series_name) {
  if (!record.samples) return {};
  for (const record::Series& series : record.samples->series) {
    if (series.name != series_name || series.warmup_count > series.values.size()) continue;
    return std::span<const double>(series.values).subspan(series.warmup_count);
  }
  return {};
}

bool all_positive(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(),
                     [](double value) { return std::isfinite(value) && value > 0; });
}

Values log_times(const record::Record& record) {
  const std::span<const double> times = steady(record, record.variant);
  // A mean without an interval (the classic protocol) is not the median of these.
  const record::Metric* time = record.find_metric("time.eval");
  if (!all_positive(times) || !time->low || !time->high) return {};
  Values logs(times.size());
  std::transform(times.begin(), times.end(), logs.begin(), [](double t) { return std::log(t); });
  return logs;
}

// Block i took samples 2i and 2i + 1 of either series; the ratio's sign does not depend on their
// order within the block.
Values log_ratios(const record::Record& record) {
  const std::span<const double> a = steady(record, "fp16");
  const std::span<const double> b = steady(record, record.variant);
  const std::size_t blocks = record.pair ? record.pair->orders.size() : 0;
  if (!all_positive(a) || !all_positive(b) || a.size() < 2 * blocks || b.size() < 2 * blocks) {
    return {};
  }
  Values ratios;
  for (std::size_t i = 0; i < blocks; ++i) {
    ratios.push_back(stats::log_ratio(stats::BlockOrder::abba,
                                      {a[2 * i], b[2 * i], b[2 * i + 1], a[2 * i + 1]}));
  }
  return ratios;
}

stats::Estimate log_of(const record::Metric& metric) {
  stats::Estimate estimate;
  estimate.value = std::log(metric.value);
  if (metric.low && metric.high && *metric.low > 0) {
    estimate.low = std::log(*metric.low);
    estimate.high = std::log(*metric.high);
  }
  return estimate;
}

// The first code for which either record is mistrusted.
std::string mistrust_of(const record::Record& before, const record::Record& after) {
  for (const record::Record* record : {&before, &after}) {
    for (const std::string& code : record->outcome.validity) {
      if (measure::is_mistrust_code(code)) return code;
    }
  }
  return {};
}

struct Sides {
  const record::Metric* metric = nullptr;
  Values values;
};

// The difference in logarithms is the gain's.
Change change_of(const Sides& minuend, const Sides& subtrahend, const std::string& mistrust) {
  Change change;
  stats::Estimate gain;
  if (!minuend.values.empty() && !subtrahend.values.empty()) {
    gain = stats::median_difference(minuend.values, subtrahend.values);
    change.p_value = stats::separation_p_value(minuend.values, subtrahend.values);
  } else {
    gain = stats::difference_of(log_of(*minuend.metric), log_of(*subtrahend.metric));
  }
  change.gain = {std::exp(gain.value), std::exp(gain.low), std::exp(gain.high)};
  change.judgement = stats::judge(change.gain, mistrust);
  return change;
}

bool has_value(const record::Metric* metric) {
  return metric != nullptr && std::isfinite(metric->value) && metric->value > 0;
}

class Comparer {
 public:
  explicit Comparer(const CompareOptions& options) { result_.options = options; }

  Comparison run(std::span<const record::Record> before, std::span<const record::Record> after) {
    const Cases old_cases(before);
    const Cases new_cases(after);
    for (const record::Record* record : old_cases.order) {
      if (const record::Record* now = new_cases.find(record->id)) {
        add(*record, *now);
      } else {
        result_.missing.push_back(case_name(*record));
      }
    }
    for (const record::Record* record : new_cases.order) {
      if (old_cases.find(record->id) == nullptr) result_.added.push_back(case_name(*record));
    }
    correct();
    warn(before, after, old_cases.repeated + new_cases.repeated);
    return std::move(result_);
  }

 private:
  void add(const record::Record& before, const record::Record& after) {
    const std::string name = case_name(after);
    const auto skip = [&](std::string_view why) {
      result_.not_compared.push_back(fmt::format("{}: {}", name, why));
    };
    if (before.outcome.state != record::State::ok || after.outcome.state != record::State::ok) {
      if (before.outcome.state == record::State::ok) {
        result_.broken.push_back(fmt::format("{}: {}: {}", name, to_string(after.outcome.state),
                                             after.outcome.message.substr(0, 200)));
      } else {
        skip(fmt::format("was {}, is {}", to_string(before.outcome.state),
                         to_string(after.outcome.state)));
      }
      return;
    }
    if (before.origin != after.origin) {
      return skip(fmt::format("was {}, is {}: such figures are not compared",
                              to_string(before.origin), to_string(after.origin)));
    }
    if (before.program.parameters != after.program.parameters) {
      return skip(fmt::format("--quick shortened it differently ({} and {}): not the same work",
                              describe(before.program), describe(after.program)));
    }
    const record::Metric* old_time = before.find_metric("time.eval");
    const record::Metric* new_time = after.find_metric("time.eval");
    if (!has_value(old_time) || !has_value(new_time)) return skip("a time is missing");
    ComparedCase one;
    one.before = before;
    one.after = after;
    const std::string mistrust = mistrust_of(before, after);
    const Sides old_side{old_time, log_times(before)};
    const Sides new_side{new_time, log_times(after)};
    one.time = change_of(old_side, new_side, mistrust);
    one.time.before = old_time->value;
    one.time.after = new_time->value;
    regression_p_.push_back(regression_p_value(old_side, new_side));
    const record::Metric* old_ratio = before.find_metric("ratio.fp16");
    const record::Metric* new_ratio = after.find_metric("ratio.fp16");
    if (has_value(old_ratio) && has_value(new_ratio)) {
      one.ratio =
          change_of({new_ratio, log_ratios(after)}, {old_ratio, log_ratios(before)}, mistrust);
      one.ratio->before = old_ratio->value;
      one.ratio->after = new_ratio->value;
    }
    result_.cases.push_back(std::move(one));
  }

  // Of "the time did not grow by more than the threshold". Without samples the interval alone must
  // do: 0 where it lies beyond the threshold.
  double regression_p_value(const Sides& before, const Sides& after) const {
    const double shift = std::log1p(result_.options.threshold);
    if (before.values.empty() || after.values.empty()) {
      const auto gain = stats::difference_of(log_of(*before.metric), log_of(*after.metric));
      return gain.high < -shift ? 0 : 1;
    }
    Values shifted = before.values;
    for (double& value : shifted) value += shift;
    const bool is_beyond = stats::median_difference(shifted, after.values).value < 0;
    return is_beyond ? stats::separation_p_value(shifted, after.values) : 1;
  }

  void correct() {
    std::vector<Change*> changes;
    for (ComparedCase& one : result_.cases) {
      if (one.time.p_value) changes.push_back(&one.time);
      if (one.ratio && one.ratio->p_value) changes.push_back(&*one.ratio);
    }
    std::vector<stats::Judgement> judgements;
    std::vector<double> p_values;
    for (const Change* change : changes) {
      judgements.push_back(change->judgement);
      p_values.push_back(*change->p_value);
    }
    stats::correct_together(judgements, p_values);
    for (std::size_t i = 0; i < changes.size(); ++i) changes[i]->judgement = judgements[i];
    const std::vector<bool> established = stats::holm_rejected(regression_p_);
    for (std::size_t i = 0; i < result_.cases.size(); ++i) {
      ComparedCase& one = result_.cases[i];
      one.is_regression = established[i] && one.time.judgement.outcome == stats::Outcome::slower;
    }
  }

  void warn(std::span<const record::Record> before, std::span<const record::Record> after,
            std::size_t repeated) {
    warn_of_difference("Devices", before, after, [](const record::Record& record) {
      return record.device.subtype.empty()
                 ? record.device.name
                 : fmt::format("{} ({})", record.device.name, record.device.subtype);
    });
    warn_of_difference("Threads", before, after, [](const record::Record& record) {
      return std::to_string(record.device.threads);
    });
    warn_of_difference("Processors", before, after, [](const record::Record& record) {
      return record.host.before ? record.host.before->cpu_model : std::string();
    });
    warn_of_difference("Systems", before, after, [](const record::Record& record) {
      return record.host.before ? record.host.before->os : std::string();
    });
    if (repeated > 0) {
      result_.warnings.push_back(
          fmt::format("{} older records of a case that was measured again were left out: the last "
                      "one of each file counts.",
                      repeated));
    }
    const bool lacks_samples =
        std::any_of(result_.cases.begin(), result_.cases.end(),
                    [](const ComparedCase& one) { return !one.time.p_value; });
    if (lacks_samples) {
      result_.warnings.emplace_back(
          "Some records have no raw samples (--no-samples, or the classic protocol): their "
          "intervals come from the 95 % intervals of both, hold at 90 % only, and are not "
          "corrected for the number of comparisons.");
    }
    const bool is_approximate =
        std::any_of(result_.cases.begin(), result_.cases.end(), [](const ComparedCase& one) {
          return trust_of(one.before) == Trust::approximate ||
                 trust_of(one.after) == Trust::approximate;
        });
    if (is_approximate) {
      result_.warnings.emplace_back(
          "Times marked ~ drifted, resemble their neighbours, or did not converge: their intervals "
          "may be too narrow, so a small change of such a case can be noise. Measure both again, "
          "by turns.");
    }
  }

  template <typename Get>
  void warn_of_difference(std::string_view what, std::span<const record::Record> before,
                          std::span<const record::Record> after, Get&& get) {
    const auto all = [&](std::span<const record::Record> records) {
      std::set<std::string> values;
      for (const record::Record& record : records) {
        if (std::string value = get(record); !value.empty()) values.insert(std::move(value));
      }
      return values;
    };
    const std::set<std::string> left = all(before);
    const std::set<std::string> right = all(after);
    if (left == right || left.empty() || right.empty()) return;
    result_.warnings.push_back(
        fmt::format("{} differ: old {}, new {}. What changed may be the machine, not the program.",
                    what, fmt::join(left, ", "), fmt::join(right, ", ")));
  }

  static std::string describe(const record::Program& program) {
    return programs::ProgramSpec(program.name, program.parameters).to_string();
  }

  Comparison result_;
  std::vector<double> regression_p_;  // of each case
};

std::string configuration_of(const record::Program& program) {
  return program.name == "conv_chain"
             ? configuration_name(program)
             : programs::ProgramSpec(program.name, program.parameters).to_string();
}

std::string short_name(const record::Record& record) {
  return fmt::format("{} {}", configuration_of(record.program), record.variant);
}

Style style_of(const ComparedCase& one) {
  if (one.is_regression) return Style::bad;
  switch (one.time.judgement.outcome) {
    case stats::Outcome::faster: return Style::good;
    case stats::Outcome::mistrusted:
    case stats::Outcome::inconclusive:
    case stats::Outcome::slower: return Style::warning;
    case stats::Outcome::same: break;
  }
  return Style::plain;
}

// The reason where it says more than the word.
std::string outcome_text(const Change& change) {
  const auto& [outcome, reason] = change.judgement;
  const bool is_plain = outcome == stats::Outcome::same || outcome == stats::Outcome::faster ||
                        outcome == stats::Outcome::slower;
  return is_plain ? std::string(to_string(outcome))
                  : fmt::format("{}: {}", to_string(outcome), reason);
}

std::string gain_text(const stats::Estimate& gain) {
  if (!gain.is_bounded()) return fmt::format("{:.3f}", gain.value);
  return fmt::format("{:.3f} [{:.3f}, {:.3f}]", gain.value, gain.low, gain.high);
}

// With where its times come from, unless they were measured.
std::string labelled_name(const record::Record& record) {
  if (record.origin == Origin::measured) return short_name(record);
  return fmt::format("{} ({})", short_name(record), to_string(record.origin));
}

Table table_of(const Comparison& comparison) {
  const bool has_ratios = std::any_of(comparison.cases.begin(), comparison.cases.end(),
                                      [](const ComparedCase& one) { return one.ratio; });
  Table table;
  table.columns = {
      {"Case", Align::left}, {"old ms"}, {"new ms"}, {"old ÷ new"}, {"Outcome", Align::left}};
  if (has_ratios) table.columns.insert(table.columns.end(), {{"fp16 ratio"}, {"", Align::left}});
  for (const ComparedCase& one : comparison.cases) {
    std::vector<Cell> row = {{labelled_name(one.after)},
                             time_cell(one.before),
                             time_cell(one.after),
                             {gain_text(one.time.gain)},
                             {outcome_text(one.time), style_of(one)}};
    if (one.is_regression) row.back().text = "REGRESSION";
    if (has_ratios && one.ratio) {
      row.push_back({fmt::format("{:.2f} → {:.2f}", one.ratio->before, one.ratio->after)});
      row.push_back({outcome_text(*one.ratio)});
    }
    row.resize(table.columns.size());
    table.rows.push_back(std::move(row));
  }
  return table;
}

void add_list(Document& document, std::string heading, const std::vector<std::string>& items,
              Style style) {
  if (items.empty()) return;
  document.add(Paragraph{std::move(heading), style});
  Bullets bullets;
  for (const std::string& item : items) bullets.items.push_back({item, Style::plain});
  document.add(std::move(bullets));
}

}  // namespace

std::string case_name(const record::Record& record) {
  return fmt::format("{} {} {}", record.experiment, record.device.name, short_name(record));
}

bool Comparison::has_regression() const {
  return !broken.empty() || std::any_of(cases.begin(), cases.end(),
                                        [](const ComparedCase& one) { return one.is_regression; });
}

bool Comparison::has_outcome(stats::Outcome outcome) const {
  return std::any_of(cases.begin(), cases.end(), [&](const ComparedCase& one) {
    return one.time.judgement.outcome == outcome;
  });
}

Comparison compare(std::span<const record::Record> before, std::span<const record::Record> after,
                   const CompareOptions& options) {
  return Comparer(options).run(before, after);
}

Document compare_report(const Comparison& comparison) {
  Document document;
  document.add(Heading{"Old against new"});
  if (comparison.cases.empty()) {
    document.add(Paragraph{"No case could be compared: a case is the same where its id is.",
                           Style::warning});
  } else {
    document.add(table_of(comparison));
    document.add(Paragraph{
        "The two runs were not interleaved: nothing cancels what changed on the machine between "
        "them. The intervals are conservative (95 %, from the far ends of both medians' "
        "intervals), and Holm's correction covers all figures together. The fp16 ratio comes from "
        "interleaved blocks within each run: where times changed and it did not, suspect the "
        "machine.",
        Style::faint});
  }
  const auto regressions = std::count_if(comparison.cases.begin(), comparison.cases.end(),
                                         [](const ComparedCase& one) { return one.is_regression; });
  if (regressions > 0) {
    document.add(
        Paragraph{fmt::format("{} of {} cases take over {:g} % more time than before.", regressions,
                              comparison.cases.size(), comparison.options.threshold * 100),
                  Style::bad});
  }
  add_list(document, "Had a result and has none now:", comparison.broken, Style::bad);
  add_list(document, "Not compared:", comparison.not_compared, Style::warning);
  add_list(document, "Only in the old file:", comparison.missing, Style::warning);
  add_list(document, "Only in the new file:", comparison.added, Style::plain);
  add_list(document, "Mind:", comparison.warnings, Style::warning);
  return document;
}

}  // namespace anebench::report
