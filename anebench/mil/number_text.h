// Numbers as MIL text spells them: C99 hex floats, decimals, inf and nan.
//
// Reading is exact: a number is converted once, with one rounding, whatever its length, the
// platform's C library or the locale. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>

namespace anebench::mil {

// How a number that is no double is rounded. `nearest` (ties to even) is for fp64 itself. `odd`
// (towards the neighbour whose last bit is one) keeps enough to round once more, correctly, to any
// format of at most 27 significant bits, which is every other one: rounding to nearest twice would
// get ties wrong.
enum class RealRounding : std::uint8_t { nearest, odd };

// Reads a number at `begin`: an optional '-', then a decimal ("1", "0.5", "1e-5", ".5"), a hex
// float ("0x1.8p-3", "0x10"), "inf" or "nan". Magnitudes beyond a double become infinity. Returns
// the end of the number, null where there is none.
const char* read_real(const char* begin, const char* end, RealRounding rounding, double& value);

// Room that write_real may need.
inline constexpr std::size_t kRealTextSize = 32;

// Writes `value` as the shortest hex float, normalised ("-0x1.8p-1", "0x0p+0", "inf", "nan"), and
// returns the end.
char* write_real(double value, char* out);

}  // namespace anebench::mil
