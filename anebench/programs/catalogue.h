// All benchmark programs by name.
//
//   ANEBENCH_ASSIGN(benchmark, programs::build("conv_chain:channels=512,depth=16"));
//   ANEBENCH_ASSIGN(shape, programs::build("conv_chain:channels=2048", Content::structure));
//
// Pure functions; thread-safe.
#pragma once

#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/programs/benchmark_program.h"

namespace anebench::programs {

struct CatalogueEntry {
  std::string_view name;
  // Rises whenever the text of any of the entry's programs changes: name, parameters and this
  // number identify a program's text without building it.
  int text_version;
  std::string_view description;
  const std::vector<Key>& (*keys)();
  Result<BenchmarkProgram> (*build)(const ProgramSpec& completed, Content content);
};

const std::vector<CatalogueEntry>& catalogue();

// Null where unknown.
const CatalogueEntry* find(std::string_view name);

// Checks the name and the parameters and fills in the defaults. Errors: invalid_argument naming
// what is unknown and what is known.
Result<ProgramSpec> complete(const ProgramSpec& spec);

Result<BenchmarkProgram> build(const ProgramSpec& spec, Content content = Content::complete);
Result<BenchmarkProgram> build(std::string_view text, Content content = Content::complete);

}  // namespace anebench::programs
