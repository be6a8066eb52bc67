// The report of `predict`: a row a chip, with the time, what bounds it, where it goes, the gain of
// each variant, and the known error. Pure; thread-safe.
#pragma once

#include <span>
#include <string>

#include "anebench/record/record.h"
#include "anebench/report/document.h"

namespace anebench::report {

Document predict_report(std::span<const record::Record> records,
                        std::span<const std::string> notes);

}  // namespace anebench::report
