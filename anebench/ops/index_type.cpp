#include "anebench/ops/index_type.h"

#include <fmt/format.h>

#include <limits>

namespace anebench::ops {

using mil::DataType;

Result<DataType> index_type(const Arguments& arguments, std::string_view parameter, mil::Dim size) {
  ANEBENCH_ASSIGN(name, arguments.string_or(parameter, "int32"));
  if (name != "int32" && name != "uint16") {
    return arguments.error(parameter, fmt::format("is '{}'; indices are int32 or uint16", name));
  }
  const DataType type = name == "uint16" ? DataType::uint16 : DataType::int32;
  const std::int64_t greatest = type == DataType::uint16 ? std::numeric_limits<std::uint16_t>::max()
                                                         : std::numeric_limits<std::int32_t>::max();
  if (size.is_known() && size.size() - 1 > greatest) {
    return arguments.error(parameter,
                           fmt::format("is {}, which cannot count {} elements", name, size.size()));
  }
  return type;
}

}  // namespace anebench::ops
