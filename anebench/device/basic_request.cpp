#include "anebench/device/basic_request.h"

#include <fmt/ranges.h>

#include <utility>

namespace anebench::device {
namespace {

Result<void> bind_surface(std::string_view what, const std::vector<mil::NamedType>& values,
                          std::vector<SurfacePointer>& surfaces, std::size_t index,
                          SurfacePointer surface) {
  if (index >= values.size()) {
    return fail(ErrorCode::invalid_argument, "there is no {} {}; the function has {}", what, index,
                values.size());
  }
  const mil::NamedType& value = values[index];
  if (surface == nullptr) {
    return fail(ErrorCode::invalid_argument, "{} '{}': no surface was given", what, value.name);
  }
  if (!mil::compatible(surface->type(), value.type)) {
    return fail(ErrorCode::invalid_argument, "{} '{}' is a {}, but the surface holds a {}", what,
                value.name, mil::to_string(value.type), mil::to_string(surface->type()));
  }
  surfaces[index] = std::move(surface);
  return {};
}

tl::unexpected<Error> not_bound(std::string_view what, const mil::NamedType& value) {
  return fail(ErrorCode::invalid_argument, "{} '{}' ({}) has no surface bound", what, value.name,
              mil::to_string(value.type));
}

}  // namespace

BasicRequest::BasicRequest(const std::vector<mil::NamedType>& inputs,
                           const std::vector<mil::NamedType>& outputs)
    : inputs_(inputs),
      outputs_(outputs),
      input_surfaces_(inputs.size()),
      output_surfaces_(outputs.size()) {}

Result<void> BasicRequest::bind_input(std::size_t index, SurfacePointer surface) {
  return bind_surface("input", inputs_, input_surfaces_, index, std::move(surface));
}

Result<void> BasicRequest::bind_output(std::size_t index, SurfacePointer surface) {
  return bind_surface("output", outputs_, output_surfaces_, index, std::move(surface));
}

Result<void> BasicRequest::require_bound() const {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (input_surfaces_[i] == nullptr) return not_bound("input", inputs_[i]);
  }
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (output_surfaces_[i] == nullptr && fits_surface(outputs_[i].type)) {
      return not_bound("output", outputs_[i]);
    }
  }
  return {};
}

Result<std::vector<mil::NamedType>> output_types(const mil::Function& function) {
  std::vector<mil::NamedType> outputs;
  for (const std::string& name : function.body.outputs) {
    const mil::Type* type = nullptr;
    for (const mil::NamedType& input : function.inputs) {
      if (input.name == name) type = &input.type;
    }
    for (const mil::Operation& operation : function.body.operations) {
      for (const mil::NamedType& output : operation.outputs) {
        if (output.name == name) type = &output.type;
      }
    }
    if (type == nullptr) {
      return fail(ErrorCode::verification_error, "function {} returns '{}', which it never defines",
                  function.name, name);
    }
    outputs.push_back({name, *type});
  }
  return outputs;
}

Result<const mil::Function*> require_function(const mil::Program& program, std::string_view name) {
  if (const mil::Function* function = program.find_function(name)) return function;
  std::vector<std::string_view> names;
  for (const mil::Function& function : program.functions()) names.push_back(function.name);
  return fail(ErrorCode::not_found, "the program has no function '{}'; it has: {}", name,
              fmt::join(names, ", "));
}

}  // namespace anebench::device
