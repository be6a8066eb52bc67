#include "anebench/transform/positions.h"

#include <cstring>
#include <utility>

#include "anebench/transform/extract.h"

namespace anebench::transform {

Result<mil::Program> with_activation_shape(const mil::Program& program, std::string_view function,
                                           const mil::Shape& from, const mil::Shape& to) {
  mil::ProgramData data = program.data();
  mil::Function* found = nullptr;
  for (mil::Function& candidate : data.functions) {
    if (candidate.name == function) found = &candidate;
  }
  if (found == nullptr) {
    return fail(ErrorCode::not_found, "the program has no function '{}'", function);
  }
  bool changed = false;
  const auto change = [&](mil::NamedType& value) {
    if (!value.type.is_tensor() || value.type.shape() != from) return;
    value.type = mil::Type::tensor(value.type.data_type(), to);
    changed = true;
  };
  for (mil::NamedType& input : found->inputs) change(input);
  for (mil::Operation& operation : found->body.operations) {
    if (is_constant_operation(operation)) continue;
    for (mil::NamedType& output : operation.outputs) change(output);
  }
  if (!changed) {
    return fail(ErrorCode::not_found, "function '{}' has no value of shape {}", function,
                mil::to_string(from));
  }
  return mil::Program(std::move(data));
}

std::vector<std::byte> gather_positions(std::span<const std::byte> elements,
                                        std::size_t element_bytes, const mil::Shape& shape,
                                        std::span<const std::size_t> positions) {
  const auto channels = static_cast<std::size_t>(shape[1].size());
  const auto plane = static_cast<std::size_t>(shape[2].size() * shape[3].size());
  std::vector<std::byte> out(channels * positions.size() * element_bytes);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const std::size_t image = positions[i] / plane;
    const std::size_t within = positions[i] % plane;
    for (std::size_t c = 0; c < channels; ++c) {
      const std::size_t from = (image * channels + c) * plane + within;
      const std::size_t to = c * positions.size() + i;
      std::memcpy(out.data() + to * element_bytes, elements.data() + from * element_bytes,
                  element_bytes);
    }
  }
  return out;
}

}  // namespace anebench::transform
