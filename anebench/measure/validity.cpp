#include "anebench/measure/validity.h"

#include <algorithm>

namespace anebench::measure {

std::string_view to_string(Validity validity) {
  switch (validity) {
    case Validity::autocorrelated: return "autocorrelated";
    case Validity::drifting: return "drifting";
    case Validity::disturbed_blocks_left_out: return "disturbed_blocks_left_out";
    case Validity::unconverged: return "unconverged";
    case Validity::too_few_samples: return "too_few_samples";
    case Validity::interrupted: return "interrupted";
    case Validity::core_contended: return "core_contended";
    case Validity::power_source_changed: return "power_source_changed";
    case Validity::thermal_state_changed: return "thermal_state_changed";
    case Validity::frequency_fell: return "frequency_fell";
    case Validity::load_rose: return "load_rose";
    case Validity::affinity_changed: return "affinity_changed";
    case Validity::system_changed: break;
  }
  return "system_changed";
}

std::optional<Validity> parse_validity(std::string_view code) {
  for (auto value = Validity::autocorrelated; value <= Validity::system_changed;
       value = static_cast<Validity>(static_cast<std::uint8_t>(value) + 1)) {
    if (to_string(value) == code) return value;
  }
  return std::nullopt;
}

std::string_view explanation(Validity validity) {
  switch (validity) {
    case Validity::autocorrelated:
      return "Neighbouring samples resemble each other, so the interval of this single time is "
             "narrower than it should be; trust the paired ratio, or measure for longer.";
    case Validity::drifting:
      return "The times drift, so the median depends on when it was taken; let the machine warm "
             "up (--warmup) or cool down, and trust the paired ratio.";
    case Validity::disturbed_blocks_left_out:
      return "A control loop ran slower than its best in more than a quarter of the blocks, so "
             "something else used the cores; the ratio is of the other blocks alone.";
    case Validity::unconverged:
      return "The time limit came before the precision asked for; the interval is right but "
             "wider: raise --max-time or --precision.";
    case Validity::too_few_samples:
      return "There are too few samples for an interval; raise --max-time or --samples.";
    case Validity::interrupted:
      return "The measurement was stopped early; the figure is of the samples until then.";
    case Validity::core_contended:
      return "A control loop ran slower than its best in more than a quarter of the blocks, so "
             "something else used the cores; close other programs and repeat.";
    case Validity::power_source_changed:
      return "The power source changed meanwhile, and clocks with it; repeat on mains power.";
    case Validity::thermal_state_changed:
      return "The system slowed down against heat meanwhile; let the machine cool and repeat.";
    case Validity::frequency_fell:
      return "The clock frequency fell by more than 15 % meanwhile; let the machine cool, fix "
             "the frequency, and repeat.";
    case Validity::load_rose: return "Other programs became busy meanwhile; close them and repeat.";
    case Validity::affinity_changed:
      return "The processors or threads in use changed meanwhile; repeat with a fixed set.";
    case Validity::system_changed: break;
  }
  return "Before and after were not the same system; measure on one machine only.";
}

bool is_mistrust(Validity validity) { return validity >= Validity::core_contended; }

bool is_mistrust_code(std::string_view code) {
  const std::optional<Validity> known = parse_validity(code);
  return !known || is_mistrust(*known);
}

std::string_view first_mistrust(const std::vector<Validity>& validity) {
  const auto found = std::find_if(validity.begin(), validity.end(), is_mistrust);
  return found == validity.end() ? std::string_view{} : to_string(*found);
}

void add(std::vector<Validity>& validity, Validity code) {
  if (std::find(validity.begin(), validity.end(), code) == validity.end()) {
    validity.push_back(code);
  }
}

void remove(std::vector<Validity>& validity, Validity code) { std::erase(validity, code); }

}  // namespace anebench::measure
