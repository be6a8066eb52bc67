// A function with open dimensions, made for inputs of known shapes.
//
//   const std::vector<Type> inputs = {Type::tensor(DataType::fp16, {1, 7})};
//   ANEBENCH_ASSIGN(closed, specialize(function, inputs, &weights));
//   if (const mil::NamedType* open = find_open(closed)) …  // depends on more than shapes
//
// Operations keep their places, so that indices into the body mean the same in both functions.
// Pure; thread-safe.
#pragma once

#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/mil/resolver.h"

namespace anebench::ops {

// A tensor with at least one unknown dimension.
bool is_open(const mil::Type& type);

// The first input or result of an executed operation that is open; null where there is none. Those
// of nested blocks are not looked at.
const mil::NamedType* find_open(const mil::Function& function);

// The function with `inputs` as the types of its inputs, in their order, and with what follows from
// them: each operation outside nested blocks has the types that its definition infers, and small
// results that depend on nothing but shapes and constants (a `shape`, what is gathered and
// concatenated from it, a range as long as an input) become a `const` in the operation's place.
//
// What depends on values stays open. So does what an operation gives that does not take the shapes:
// the verifier and the evaluation explain it. Results of several outputs are not made constants.
// `resolver` reads constants in weight files; it may be null.
// Errors: a number of types, or a type, that does not fit the function's inputs.
Result<mil::Function> specialize(mil::Function function, const std::vector<mil::Type>& inputs,
                                 const mil::BlobResolver* resolver);

}  // namespace anebench::ops
