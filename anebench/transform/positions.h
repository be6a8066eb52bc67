// Runs a program of 1x1 operations on a subset of its positions. Such programs compute every
// position on its own, so a full-size output can be checked exactly on a few of them.
//
//   ANEBENCH_ASSIGN(narrow, with_activation_shape(program, "main", {1, 512, 64, 64},
//                                                 {1, 512, 1, 64}));
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"

namespace anebench::transform {

// The program with every value of shape `from` (constants apart) declared with shape `to`. The
// result is valid where all operations treat positions alike; the verifier tells. Errors: no such
// function; no value of that shape.
Result<mil::Program> with_activation_shape(const mil::Program& program, std::string_view function,
                                           const mil::Shape& from, const mil::Shape& to);

// Copies positions of an [n, c, h, w] tensor (position p = (image·h + row)·w + column) into a
// [1, c, 1, positions.size()] tensor. Preconditions: `elements` holds n·c·h·w elements of
// `element_bytes`; positions are below n·h·w.
std::vector<std::byte> gather_positions(std::span<const std::byte> elements,
                                        std::size_t element_bytes, const mil::Shape& shape,
                                        std::span<const std::size_t> positions);

}  // namespace anebench::transform
