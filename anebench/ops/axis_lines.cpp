#include "anebench/ops/axis_lines.h"

#include <fmt/format.h>

namespace anebench::ops {

Result<std::size_t> axis_or(const Arguments& arguments, std::string_view parameter,
                            std::size_t rank, std::int64_t fallback) {
  if (arguments.has(parameter)) return arguments.axis(parameter, rank);
  const auto signed_rank = static_cast<std::int64_t>(rank);
  if (fallback < -signed_rank || fallback >= signed_rank) {
    return arguments.error(parameter, fmt::format("is {} by default, outside [-{}, {})", fallback,
                                                  signed_rank, signed_rank));
  }
  return static_cast<std::size_t>(fallback < 0 ? fallback + signed_rank : fallback);
}

}  // namespace anebench::ops
