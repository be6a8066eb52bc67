// Shapes that an application may choose among, and the function attribute that names them in text.
//
//   FlexibleShapeInformation = tuple<…>((("DefaultShapes", {{"x", [1, 1]}}),
//                                        ("RangeDims", {{"x", [[1, 1], [1, 32000]]}})))
//
// Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "anebench/mil/value.h"

namespace anebench::package {

// Of one input. Either ranges or an enumeration is given, never both.
struct FlexibleShape {
  std::string input;
  std::vector<std::int64_t> default_shape = {};
  // Lowest and highest size of each dimension; -1 for no bound.
  std::vector<std::pair<std::int64_t, std::int64_t>> ranges = {};
  std::vector<std::vector<std::int64_t>> enumerated = {};
};

// Precondition: not empty.
mil::Value flexible_shapes_value(const std::vector<FlexibleShape>& shapes);
// What the attribute says; inputs that it does not name in the expected form are left out.
std::vector<FlexibleShape> flexible_shapes_of(const mil::Value& value);

}  // namespace anebench::package
