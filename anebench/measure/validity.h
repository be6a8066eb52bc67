// Reason codes that make a number mistrusted, unconverged or approximate.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace anebench::measure {

enum class Validity : std::uint8_t {
  // Approximate: the figure stands, its interval is not quite at its level.
  autocorrelated,
  drifting,
  // Too many blocks were disturbed; the figure is of the others alone, which are enough.
  disturbed_blocks_left_out,
  // Incomplete: the interval is right but wider than asked for, or missing.
  unconverged,
  too_few_samples,
  interrupted,
  // Mistrusted: something other than the measured work had a part in the figure.
  core_contended,
  power_source_changed,
  thermal_state_changed,
  frequency_fell,
  load_rose,
  affinity_changed,
  system_changed,
};

// The code as records give it: the enumerator's name.
std::string_view to_string(Validity validity);
// Nothing for codes that this version does not know.
std::optional<Validity> parse_validity(std::string_view code);
// One sentence for people: what was seen, why it matters, what to do.
std::string_view explanation(Validity validity);
// True for the codes that make a comparison's outcome mistrusted.
bool is_mistrust(Validity validity);
// The same of a code as records give it; codes that this version does not know do, too.
bool is_mistrust_code(std::string_view code);
// The first code that is_mistrust, as text; empty where there is none.
std::string_view first_mistrust(const std::vector<Validity>& validity);
// Adds a code that is not there yet.
void add(std::vector<Validity>& validity, Validity code);
void remove(std::vector<Validity>& validity, Validity code);

}  // namespace anebench::measure
