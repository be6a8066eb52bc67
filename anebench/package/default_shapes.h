// A model with open dimensions as it is with the shapes that it names as its default.
//
//   ANEBENCH_ASSIGN(fixed, with_default_shapes(model.program, "main", model.weights.get()));
//
// Pure; thread-safe.
#pragma once

#include <string_view>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/mil/resolver.h"

namespace anebench::package {

// The type with its open dimensions filled in from the function's default shapes; as it is where
// there are none.
mil::Type with_default_shape(const mil::NamedType& input, const mil::Function& function);

// The program with the default shapes of the function's inputs, and what follows from them for
// every operation (ops/specialize.h): dimensions that depend on values stay open. `resolver` reads
// constants; it may be null. Errors: no such function.
Result<mil::Program> with_default_shapes(const mil::Program& program, std::string_view function,
                                         const mil::BlobResolver* resolver);

}  // namespace anebench::package
