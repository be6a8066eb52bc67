#include "anebench/transform/match.h"

#include <algorithm>
#include <map>
#include <string>

#include "anebench/transform/extract.h"

namespace anebench::transform {
namespace {

// One thing to be matched.
struct Candidate {
  std::size_t index = 0;
  std::string_view name;  // empty for none
  std::string signature;  // what two of different names must share
};

ListMatch match(const std::vector<Candidate>& before, const std::vector<Candidate>& after) {
  ListMatch result;
  std::map<std::string_view, std::size_t> by_name;
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (!after[i].name.empty()) by_name.emplace(after[i].name, i);
  }
  std::vector<bool> is_taken(after.size(), false);
  std::vector<const Candidate*> rest;
  for (const Candidate& candidate : before) {
    const auto found = by_name.find(candidate.name);
    if (found == by_name.end() || is_taken[found->second]) {
      rest.push_back(&candidate);
      continue;
    }
    is_taken[found->second] = true;
    result.pairs.push_back({candidate.index, after[found->second].index, MatchKind::by_name});
  }

  // The k-th of a signature that is left before with the k-th that is left after.
  std::map<std::string_view, std::vector<std::size_t>> left;
  for (std::size_t i = after.size(); i-- > 0;) {
    if (!is_taken[i]) left[after[i].signature].push_back(i);
  }
  for (const Candidate* candidate : rest) {
    const auto found = left.find(candidate->signature);
    if (found == left.end() || found->second.empty()) {
      result.removed.push_back(candidate->index);
      continue;
    }
    const std::size_t partner = found->second.back();
    found->second.pop_back();
    is_taken[partner] = true;
    result.pairs.push_back({candidate->index, after[partner].index, MatchKind::in_order});
  }
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (!is_taken[i]) result.added.push_back(after[i].index);
  }
  std::sort(result.pairs.begin(), result.pairs.end(),
            [](const MatchedPair& a, const MatchedPair& b) { return a.before < b.before; });
  return result;
}

// Element types are left out: a change of precision keeps an operation what it is.
std::string shape_text(const mil::Type& type) {
  return type.is_tensor() ? mil::to_string(type.shape()) : mil::to_string(type);
}

std::vector<Candidate> candidates(const mil::Block& block) {
  std::vector<Candidate> result;
  for (std::size_t i = 0; i < block.operations.size(); ++i) {
    const mil::Operation& operation = block.operations[i];
    if (is_constant_operation(operation)) continue;
    Candidate candidate{i, {}, operation.type};
    if (!operation.outputs.empty()) candidate.name = operation.outputs.front().name;
    for (const mil::NamedType& output : operation.outputs) {
      candidate.signature += shape_text(output.type);
    }
    result.push_back(std::move(candidate));
  }
  return result;
}

std::vector<Candidate> candidates(const std::vector<mil::NamedType>& values) {
  std::vector<Candidate> result;
  for (std::size_t i = 0; i < values.size(); ++i) {
    result.push_back({i, values[i].name, shape_text(values[i].type)});
  }
  return result;
}

}  // namespace

std::string_view to_string(MatchKind kind) { return kind == MatchKind::by_name ? "name" : "order"; }

ListMatch match_operations(const mil::Block& before, const mil::Block& after) {
  return match(candidates(before), candidates(after));
}

ListMatch match_values(const std::vector<mil::NamedType>& before,
                       const std::vector<mil::NamedType>& after) {
  return match(candidates(before), candidates(after));
}

std::vector<mil::NamedType> outputs_of(const mil::Function& function) {
  std::map<std::string_view, const mil::Type*> types;
  for (const mil::NamedType& input : function.inputs) types[input.name] = &input.type;
  for (const mil::Operation& operation : function.body.operations) {
    for (const mil::NamedType& output : operation.outputs) types[output.name] = &output.type;
  }
  std::vector<mil::NamedType> outputs;
  for (const std::string& name : function.body.outputs) {
    const auto found = types.find(name);
    if (found != types.end()) outputs.push_back({name, *found->second});
  }
  return outputs;
}

}  // namespace anebench::transform
