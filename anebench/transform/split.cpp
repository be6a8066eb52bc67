#include "anebench/transform/split.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "anebench/mil/names_read.h"
#include "anebench/transform/extract.h"
#include "anebench/transform/walk.h"

namespace anebench::transform {
namespace {

using PartNumbers = std::map<std::string, std::size_t, std::less<>>;

// For each operation, the convolutions on the longest path that ends in it.
std::vector<std::size_t> depths_of(const mil::Function& function) {
  PartNumbers depth_of_value;
  std::vector<std::size_t> depths;
  for (const mil::Operation& operation : function.body.operations) {
    std::size_t depth = 0;
    mil::visit_names_read(operation, [&](const std::string& name) {
      const auto found = depth_of_value.find(name);
      if (found != depth_of_value.end()) depth = std::max(depth, found->second);
    });
    if (operation.type == "conv") ++depth;
    for (const mil::NamedType& output : operation.outputs) depth_of_value[output.name] = depth;
    depths.push_back(depth);
  }
  return depths;
}

class ConvolutionSplitter {
 public:
  ConvolutionSplitter(const mil::Program& program, const mil::Function& function,
                      std::size_t max_depth)
      : program_(program), function_(function), types_(types_in(function)) {
    const std::vector<std::size_t> depths = depths_of(function);
    const auto& operations = function.body.operations;
    for (std::size_t i = 0; i < operations.size(); ++i) {
      if (is_constant_operation(operations[i])) {
        for (const mil::NamedType& output : operations[i].outputs) constants_[output.name] = i;
        part_of_operation_.push_back(0);
        continue;
      }
      // Depths never fall along the data, so a part needs only earlier ones.
      const std::size_t part = depths[i] == 0 ? 0 : (depths[i] - 1) / max_depth;
      part_of_operation_.push_back(part);
      part_count_ = std::max(part_count_, part + 1);
      for (const mil::NamedType& output : operations[i].outputs) part_of_value_[output.name] = part;
    }
    find_crossings();
  }

  Result<std::vector<ProgramPart>> split() const {
    std::vector<ProgramPart> parts;
    for (std::size_t part = 0; part < part_count_; ++part) {
      ANEBENCH_ASSIGN(made, make(part));
      parts.push_back(std::move(made));
    }
    return parts;
  }

 private:
  using Names = std::set<std::string, std::less<>>;

  // Which values later parts, or the caller, want from each part.
  void find_crossings() {
    wanted_from_.resize(part_count_);
    const auto& operations = function_.body.operations;
    for (std::size_t i = 0; i < operations.size(); ++i) {
      if (is_constant_operation(operations[i])) continue;
      mil::visit_names_read(operations[i], [&](const std::string& name) {
        const auto source = part_of_value_.find(name);
        if (source == part_of_value_.end() || source->second == part_of_operation_[i]) return;
        wanted_from_[source->second].insert(name);
      });
    }
    for (const std::string& name : function_.body.outputs) {
      const auto source = part_of_value_.find(name);
      // What no operation computes, an input say, comes out of the last part.
      wanted_from_[source == part_of_value_.end() ? part_count_ - 1 : source->second].insert(name);
    }
  }

  // The constant operations that `name` needs, itself among them.
  void add_constants(const std::string& name, std::set<std::size_t>& needed) const {
    const auto found = constants_.find(name);
    if (found == constants_.end() || !needed.insert(found->second).second) return;
    mil::visit_names_read(function_.body.operations[found->second],
                          [&](const std::string& used) { add_constants(used, needed); });
  }

  Result<ProgramPart> make(std::size_t part) const {
    const auto& operations = function_.body.operations;
    ProgramPart result;
    std::set<std::size_t> needed;
    Names taken;
    const auto use = [&](const std::string& name) {
      add_constants(name, needed);
      const auto source = part_of_value_.find(name);
      const bool comes_from_outside =
          source == part_of_value_.end() ? !constants_.contains(name) : source->second != part;
      if (comes_from_outside && types_.contains(name)) taken.insert(name);
    };
    for (std::size_t i = 0; i < operations.size(); ++i) {
      if (is_constant_operation(operations[i]) || part_of_operation_[i] != part) continue;
      needed.insert(i);
      result.operations.push_back(i);
      mil::visit_names_read(operations[i], use);
    }
    for (const std::string& name : wanted_from_[part]) use(name);

    mil::Function function = function_;
    function.inputs.clear();
    function.body.operations.clear();
    function.body.outputs.clear();
    for (const std::string& name : taken) {
      const mil::Type& type = types_.find(name)->second;
      if (!type.is_tensor() && part > 0) {
        return fail(ErrorCode::unsupported,
                    "'{}', a {}, cannot pass from one part of the program to the next", name,
                    mil::to_string(type));
      }
      function.inputs.push_back({name, type});
    }
    for (const std::size_t i : needed) function.body.operations.push_back(operations[i]);
    for (const std::string& name : wanted_from_[part]) function.body.outputs.push_back(name);
    result.program = with_function(program_, std::move(function));
    return result;
  }

  const mil::Program& program_;
  const mil::Function& function_;
  mil::TypeEnvironment types_;
  std::map<std::string, std::size_t, std::less<>> constants_;  // positions
  std::vector<std::size_t> part_of_operation_;                 // of constants: unused
  PartNumbers part_of_value_;                                  // of what is computed
  std::size_t part_count_ = 1;
  std::vector<Names> wanted_from_;
};

}  // namespace

std::size_t convolution_depth(const mil::Function& function) {
  const std::vector<std::size_t> depths = depths_of(function);
  return depths.empty() ? 0 : *std::max_element(depths.begin(), depths.end());
}

Result<std::vector<ProgramPart>> split_convolutions(const mil::Program& program,
                                                    std::string_view function,
                                                    std::size_t max_depth) {
  const mil::Function* found = program.find_function(function);
  if (found == nullptr) {
    return fail(ErrorCode::not_found, "the program has no function '{}'", function);
  }
  return ConvolutionSplitter(program, *found, std::max<std::size_t>(max_depth, 1)).split();
}

}  // namespace anebench::transform
