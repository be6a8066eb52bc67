#include "anebench/device/ane/ane_request.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace anebench::device::ane {
namespace {

// A surface of the same values was made before, within its limit.
constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

Result<void> require_own(const SurfacePointer& surface) {
  if (surface == nullptr || dynamic_cast<const AneSurface*>(surface.get()) != nullptr) return {};
  return fail(ErrorCode::invalid_argument,
              "the surface belongs to another device; the Neural Engine works in its own");
}

void copy_values(AneSurface& from, AneSurface& to) {
  const auto source = from.bytes();
  std::memcpy(to.bytes().data(), source.data(), source.size());
}

// An array of objects and one of their indices.
struct BoundSurfaces {
  Id objects = nullptr;
  Id indices = nullptr;
};

Result<BoundSurfaces> bound_surfaces(const Framework& framework,
                                     const std::vector<AneSurface*>& surfaces) {
  std::vector<Id> objects;
  std::vector<Id> numbers;
  for (std::size_t i = 0; i < surfaces.size(); ++i) {
    objects.push_back(surfaces[i]->object());
    ANEBENCH_ASSIGN(number, framework.number(i));
    numbers.push_back(number);
  }
  ANEBENCH_ASSIGN(array, framework.array(objects));
  ANEBENCH_ASSIGN(indices, framework.array(numbers));
  return BoundSurfaces{array, indices};
}

}  // namespace

AneRequest::AneRequest(std::shared_ptr<const Framework> framework,
                       const std::vector<mil::NamedType>& inputs,
                       const std::vector<mil::NamedType>& outputs,
                       const std::vector<ExecutablePart>& parts,
                       const std::vector<mil::Type>& between)
    : BasicRequest(inputs, outputs),
      framework_(std::move(framework)),
      parts_(parts),
      between_types_(between) {}

Result<void> AneRequest::bind_input(std::size_t index, SurfacePointer surface) {
  ANEBENCH_TRY(require_own(surface));
  is_prepared_ = false;
  return BasicRequest::bind_input(index, std::move(surface));
}

Result<void> AneRequest::bind_output(std::size_t index, SurfacePointer surface) {
  ANEBENCH_TRY(require_own(surface));
  is_prepared_ = false;
  return BasicRequest::bind_output(index, std::move(surface));
}

AneSurface* AneRequest::surface_at(const Port& port) const {
  switch (port.place) {
    // require_own() let no others in.
    case Port::Place::input: return static_cast<AneSurface*>(input(port.index));
    case Port::Place::output: return static_cast<AneSurface*>(output(port.index));
    case Port::Place::between: break;
  }
  return between_[port.index].get();
}

Result<std::vector<AneSurface*>> AneRequest::of_one_size(const std::vector<Port>& ports,
                                                         std::vector<Copy>& copies, bool is_input) {
  std::vector<AneSurface*> surfaces;
  std::size_t size = 0;
  for (const Port& port : ports) {
    surfaces.push_back(surface_at(port));
    size = std::max(size, surfaces.back()->capacity());
  }
  for (AneSurface*& surface : surfaces) {
    if (surface->capacity() == size) continue;
    ANEBENCH_ASSIGN(larger, AneSurface::create(framework_, surface->type(), kNoLimit, size));
    copies.push_back(is_input ? Copy{surface, larger.get()} : Copy{larger.get(), surface});
    surface = larger.get();
    copies_.push_back(std::move(larger));
  }
  return surfaces;
}

Result<AneRequest::PartRequest> AneRequest::make(const ExecutablePart& part) {
  PartRequest request;
  ANEBENCH_ASSIGN(inputs, of_one_size(part.inputs, request.before, true));
  ANEBENCH_ASSIGN(outputs, of_one_size(part.outputs, request.after, false));
  const Pool pool(framework_->runtime());
  ANEBENCH_ASSIGN(taken, bound_surfaces(*framework_, inputs));
  ANEBENCH_ASSIGN(given, bound_surfaces(*framework_, outputs));
  ANEBENCH_ASSIGN(procedure, framework_->number(0));
  const Framework::Engine& engine = framework_->engine();
  ANEBENCH_ASSIGN(
      object, engine.make_request(engine.request_class, taken.objects, taken.indices, given.objects,
                                  given.indices, nullptr, nullptr, procedure));
  if (object == nullptr) {
    return fail(ErrorCode::unsupported,
                "the framework made no request of {} inputs and {} outputs and did not say why",
                inputs.size(), outputs.size());
  }
  request.object = Handle::retain(framework_->runtime(), object);
  request.surfaces = std::move(inputs);
  request.surfaces.insert(request.surfaces.end(), outputs.begin(), outputs.end());
  return request;
}

Result<void> AneRequest::prepare() {
  if (is_prepared_) return {};
  requests_.clear();
  copies_.clear();
  if (between_.empty()) {
    for (const mil::Type& type : between_types_) {
      ANEBENCH_ASSIGN(surface, AneSurface::create(framework_, type, kNoLimit));
      between_.push_back(std::move(surface));
    }
  }
  for (const ExecutablePart& part : parts_) {
    ANEBENCH_ASSIGN(request, make(part));
    requests_.push_back(std::move(request));
  }
  is_prepared_ = true;
  return {};
}

Result<void> AneRequest::run(std::size_t part) {
  const PartRequest& request = requests_[part];
  for (const Copy& copy : request.before) copy_values(*copy.from, *copy.to);
  for (AneSurface* surface : request.surfaces) surface->hand_over();
  ANEBENCH_TRY(parts_[part].model->evaluate(request.object.get()));
  for (const Copy& copy : request.after) copy_values(*copy.from, *copy.to);
  return {};
}

}  // namespace anebench::device::ane
