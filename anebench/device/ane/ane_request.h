// The surfaces of one evaluation on the Neural Engine, and the framework's request objects made of
// them: one for each part of the program, made anew when a binding has changed.
//
// All input surfaces of a request must have one size, and so must all outputs (transform/
// ane_limits.h). Where those that were bound do not, the smaller ones are copied through surfaces
// of the largest one's size; everywhere else the engine works in the bound surfaces themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "anebench/device/ane/ane_model.h"
#include "anebench/device/ane/ane_surface.h"
#include "anebench/device/basic_request.h"

namespace anebench::device::ane {

// Where a part's input or output comes from or goes to.
struct Port {
  enum class Place : std::uint8_t { input, output, between };
  Place place = Place::input;
  std::size_t index = 0;  // among the function's inputs or outputs, or the values between parts
};

// One program of the engine's, as a step of the whole.
struct ExecutablePart {
  std::unique_ptr<AneModel> model;
  // In the engine's order.
  std::vector<Port> inputs;
  std::vector<Port> outputs;
};

class AneRequest final : public BasicRequest {
 public:
  // `parts` and `between`, the types of the values between parts, outlive it.
  AneRequest(std::shared_ptr<const Framework> framework, const std::vector<mil::NamedType>& inputs,
             const std::vector<mil::NamedType>& outputs, const std::vector<ExecutablePart>& parts,
             const std::vector<mil::Type>& between);

  Result<void> bind_input(std::size_t index, SurfacePointer surface) override;
  Result<void> bind_output(std::size_t index, SurfacePointer surface) override;

  // Makes what evaluating needs; costs nothing where no binding has changed. Precondition: all are
  // bound.
  Result<void> prepare();
  // Runs one part. Precondition: prepared, and loaded.
  Result<void> run(std::size_t part);

 private:
  struct Copy {
    AneSurface* from;
    AneSurface* to;
  };
  struct PartRequest {
    Handle object;
    std::vector<AneSurface*> surfaces;  // that the engine uses
    std::vector<Copy> before;
    std::vector<Copy> after;
  };

  AneSurface* surface_at(const Port& port) const;
  // The surfaces of one size that take the place of those at `ports`.
  Result<std::vector<AneSurface*>> of_one_size(const std::vector<Port>& ports,
                                               std::vector<Copy>& copies, bool is_input);
  Result<PartRequest> make(const ExecutablePart& part);

  std::shared_ptr<const Framework> framework_;
  const std::vector<ExecutablePart>& parts_;
  const std::vector<mil::Type>& between_types_;
  std::vector<std::shared_ptr<AneSurface>> between_;
  std::vector<std::shared_ptr<AneSurface>> copies_;
  std::vector<PartRequest> requests_;
  bool is_prepared_ = false;
};

}  // namespace anebench::device::ane
