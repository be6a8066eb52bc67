// The numbers by which model files name element types. Pure functions; thread-safe.
//
// These are those of the program; weight files have their own (weights/blob_format.h), and so have
// features (feature_type.h).
#pragma once

#include <cstdint>
#include <optional>

#include "anebench/mil/data_type.h"

namespace anebench::package {

std::int32_t data_type_number(mil::DataType type);
std::optional<mil::DataType> data_type_from_number(std::int32_t number);

}  // namespace anebench::package
