#include "anebench/ops/elementwise.h"

#include <fmt/format.h>

namespace anebench::ops {

Result<std::vector<mil::Type>> infer_scalars(const Arguments& arguments) {
  for (const Parameter& parameter : arguments.version().parameters) {
    if (parameter.name == "x" || !arguments.has(parameter.name)) continue;
    ANEBENCH_ASSIGN(type, arguments.tensor_type(parameter.name));
    if (type.element_count() != 1) {
      return arguments.error(parameter.name,
                             fmt::format("wants one number, got {}", to_string(type)));
    }
  }
  return infer_like_x(arguments);
}

}  // namespace anebench::ops
