// Documents as Markdown (CommonMark with the tables of GitHub). Pure; thread-safe.
#pragma once

#include <string>

#include "anebench/report/document.h"

namespace anebench::report {

std::string to_markdown(const Document& document);

}  // namespace anebench::report
