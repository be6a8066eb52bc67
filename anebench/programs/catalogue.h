// All benchmark programs by name.
//
//   ANEBENCH_ASSIGN(benchmark, programs::build("conv_chain:channels=512,depth=16"));
#pragma once

#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/programs/benchmark_program.h"

namespace anebench::programs {

struct CatalogueEntry {
  std::string_view name;
  std::string_view description;
  const std::vector<Key>& (*keys)();
  Result<BenchmarkProgram> (*build)(const ProgramSpec& completed);
};

const std::vector<CatalogueEntry>& catalogue();

// Null where unknown.
const CatalogueEntry* find(std::string_view name);

// Checks the name and the parameters and fills in the defaults. Errors: invalid_argument naming
// what is unknown and what is known.
Result<ProgramSpec> complete(const ProgramSpec& spec);

Result<BenchmarkProgram> build(const ProgramSpec& spec);
Result<BenchmarkProgram> build(std::string_view text);

}  // namespace anebench::programs
