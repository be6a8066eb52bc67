// Which operation of one block is which of another: for comparing two versions of a model, say
// before and after quantization.
//
//   const ListMatch match = match_operations(before.body, after.body);
//   for (const MatchedPair& pair : match.pairs) …
//
// Operations are matched by the name of their first output; those without a partner then in order
// with one of the same type and output shapes, which finds what was only renamed. Constants (const
// and constexpr operations) are left out: they are compared where they are used. Pure;
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "anebench/mil/program.h"

namespace anebench::transform {

enum class MatchKind : std::uint8_t { by_name, in_order };
std::string_view to_string(MatchKind kind);

// Positions in the two lists that were matched.
struct MatchedPair {
  std::size_t before = 0;
  std::size_t after = 0;
  MatchKind kind = MatchKind::by_name;
};

struct ListMatch {
  std::vector<MatchedPair> pairs;    // ascending by `before`
  std::vector<std::size_t> removed;  // only before, ascending
  std::vector<std::size_t> added;    // only after, ascending
};

// Operations that run; positions in Block::operations.
ListMatch match_operations(const mil::Block& before, const mil::Block& after);
// By name, the rest in order with one of equal shape: inputs, or outputs with their types.
ListMatch match_values(const std::vector<mil::NamedType>& before,
                       const std::vector<mil::NamedType>& after);

// What a function returns, with types; names that it does not define are left out.
std::vector<mil::NamedType> outputs_of(const mil::Function& function);

}  // namespace anebench::transform
