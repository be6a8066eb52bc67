// An executable of a function with open dimensions, for devices that plan for known ones. The first
// evaluation with inputs of some shapes makes an executable for these (ops/specialize.h); the last
// few are kept, so that evaluations with the same shapes find theirs. Where none can be made, since
// dimensions depend on values, say, an executable that takes any shapes runs instead.
//
//   return make_shaped({.program = program, .options = options, .any_shapes = std::move(any),
//                       .compile = [=](const mil::Program& closed, auto weights) { … }},
//                      weights);
//
// Steps, notes and exactness are those of the latest evaluation; before the first, nothing is
// promised. Every executable has its weights packed for itself, and max_memory limits each by
// itself. Weight files that are replaced take effect at the next load, which forgets what was made.
// Evaluations wait for one another while one of them makes an executable.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "anebench/device/device.h"

namespace anebench::device {

// How many sets of shapes have an executable at a time: the least recently used goes. (One that a
// request has used last goes with the request, or when that is evaluated with other shapes.)
inline constexpr std::size_t kMostShapedExecutables = 4;

struct ShapedParts {
  mil::Program program;
  CompileOptions options;
  // Compiled from the program as it is; without states.
  std::unique_ptr<Executable> any_shapes;
  // Compiles a program that has the function alone, with all inputs' dimensions known. Errors say
  // why there is no executable; they become the reason in the steps.
  std::function<Result<std::unique_ptr<Executable>>(const mil::Program&,
                                                    const std::shared_ptr<weights::WeightFiles>&)>
      compile;
};

// `weights` may be null. Precondition: the program has options.function.
std::unique_ptr<Executable> make_shaped(ShapedParts parts,
                                        const std::shared_ptr<weights::WeightFiles>& weights);

}  // namespace anebench::device
