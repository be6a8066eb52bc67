// The list that `programs` prints. Pure; thread-safe.
#pragma once

#include <span>

#include "anebench/programs/catalogue.h"
#include "anebench/report/document.h"

namespace anebench::report {

// Each program with its description and a table of its parameters: name, default, what it takes.
Document program_list(std::span<const programs::CatalogueEntry> programs);

}  // namespace anebench::report
