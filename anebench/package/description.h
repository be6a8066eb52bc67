// The description of a model: what its inputs, outputs and states are to an application.
//
// Flexible shapes stand in the description, while in text they are an attribute of the function,
// "FlexibleShapeInformation"; reading and writing turn the one into the other. Pure functions;
// thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/package/image_type.h"

namespace anebench::package {

inline constexpr std::string_view kFlexibleShapes = "FlexibleShapeInformation";

// Adds the attribute to each function that has inputs of flexible shape. `description` is the
// content of a ModelDescription message. Errors: parse_error, resource_exhausted.
Result<void> add_flexible_shapes(std::string_view description, mil::ProgramData& program);

// The inputs and outputs of a function that are images. Errors: as above.
Result<ImageFeatures> image_features(std::string_view description, std::string_view function);

// A description (the content of a ModelDescription message) with the inputs, outputs and states of
// each function. Errors: unsupported for types that applications cannot pass, such as int64.
Result<std::string> make_description(const mil::Program& program);

}  // namespace anebench::package
