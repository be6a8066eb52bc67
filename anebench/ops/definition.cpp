#include "anebench/ops/definition.h"

#include <algorithm>

#include "anebench/ops/arguments.h"

namespace anebench::ops {
namespace {

Result<double> bytes_of(const mil::Type& type) {
  const mil::Type& stored = type.kind() == mil::Type::Kind::state ? type.elements()[0] : type;
  if (stored.is_tensor() && stored.data_type() == mil::DataType::string) return 0.0;
  const auto bytes = stored.byte_size();
  if (!bytes) {
    return fail(ErrorCode::unsupported, "the size of {} is not known", to_string(type));
  }
  return static_cast<double>(*bytes);
}

}  // namespace

std::string to_string(TypeSet types) {
  std::string text;
  for (int i = 0; i < mil::kDataTypeCount; ++i) {
    const auto type = static_cast<mil::DataType>(i);
    if (!types.contains(type)) continue;
    if (!text.empty()) text += ", ";
    text += to_string(type);
  }
  return text;
}

const Parameter* Version::find(std::string_view name) const {
  const auto it = std::ranges::find(parameters, name, &Parameter::name);
  return it == parameters.end() ? nullptr : &*it;
}

bool Definition::attributes_are_parameters() const { return is_constexpr || name == "const"; }

Result<OpCost> cost(const Arguments& arguments) {
  const Definition& definition = arguments.definition();
  ANEBENCH_ASSIGN(outputs, definition.infer(arguments), arguments.describe());
  OpCost total;
  for (const Parameter& parameter : arguments.version().parameters) {
    for (std::size_t i = 0; i < arguments.count(parameter.name); ++i) {
      ANEBENCH_ASSIGN(type, arguments.type(parameter.name, i));
      ANEBENCH_ASSIGN(bytes, bytes_of(type), arguments.describe());
      total.bytes_read += bytes;
      if (arguments.is_constant(parameter.name, i)) total.weight_bytes += bytes;
    }
  }
  for (const mil::Type& type : outputs) {
    ANEBENCH_ASSIGN(bytes, bytes_of(type), arguments.describe());
    total.bytes_written += bytes;
  }
  if (definition.count_operations != nullptr) {
    ANEBENCH_ASSIGN(operations, definition.count_operations(arguments, outputs),
                    arguments.describe());
    total.operations = operations;
  }
  return total;
}

}  // namespace anebench::ops
