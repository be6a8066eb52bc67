// The part of a Request that devices with surfaces in ordinary memory share: which surfaces are
// bound, and the checks on binding. Not thread-safe, like any request.
#pragma once

#include <cstddef>
#include <vector>

#include "anebench/device/executable.h"

namespace anebench::device {

class BasicRequest : public Request {
 public:
  // Both outlive the request.
  BasicRequest(const std::vector<mil::NamedType>& inputs,
               const std::vector<mil::NamedType>& outputs);

  Result<void> bind_input(std::size_t index, SurfacePointer surface) override;
  Result<void> bind_output(std::size_t index, SurfacePointer surface) override;

  // An error naming the first input or output without a surface; outputs that no surface fits
  // beforehand (unknown dimensions, no tensors) need none.
  Result<void> require_bound() const;

  // Null where nothing is bound.
  Surface* input(std::size_t index) const { return input_surfaces_[index].get(); }
  Surface* output(std::size_t index) const { return output_surfaces_[index].get(); }
  const SurfacePointer& input_surface(std::size_t index) const { return input_surfaces_[index]; }
  const SurfacePointer& output_surface(std::size_t index) const { return output_surfaces_[index]; }

 private:
  const std::vector<mil::NamedType>& inputs_;
  const std::vector<mil::NamedType>& outputs_;
  std::vector<SurfacePointer> input_surfaces_;
  std::vector<SurfacePointer> output_surfaces_;
};

// The named types of the values that a function returns. Errors: a name that the body does not
// define.
Result<std::vector<mil::NamedType>> output_types(const mil::Function& function);

// The function to compile, or an error that lists those there are.
Result<const mil::Function*> require_function(const mil::Program& program, std::string_view name);

}  // namespace anebench::device
