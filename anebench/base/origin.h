// Where a number comes from. Every figure that the program prints or stores carries one of these;
// figures of different origins never share a column without a label.
#pragma once

#include <cstdint>
#include <string_view>

namespace anebench {

enum class Origin : std::uint8_t { measured, predicted, published, stand_in, simulated };

// As written in records: "measured", "predicted", "published", "stand-in", "simulated".
constexpr std::string_view to_string(Origin origin) {
  switch (origin) {
    case Origin::measured: return "measured";
    case Origin::predicted: return "predicted";
    case Origin::published: return "published";
    case Origin::stand_in: return "stand-in";
    case Origin::simulated: break;
  }
  return "simulated";
}

}  // namespace anebench
