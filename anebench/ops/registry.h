// Finds op definitions. Immutable after first use; safe from several threads.
//
//   const Definition* conv = find("conv");
//   const Version* version = version_for(*conv, mil::Opset::ios18);
#pragma once

#include <span>
#include <string_view>

#include "anebench/ops/definition.h"

namespace anebench::ops {

// Null for op types that are not known.
const Definition* find(std::string_view op_type);

// The newest version of `definition` that `opset` has; null where the op is newer than the opset.
const Version* version_for(const Definition& definition, mil::Opset opset);

// All definitions, sorted by name.
std::span<const Definition* const> all_definitions();

}  // namespace anebench::ops
