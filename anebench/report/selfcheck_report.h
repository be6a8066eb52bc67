// The reports of `selfcheck`: on this machine (from records), of the statistics and of the verdict
// (from their cells). Pure; thread-safe.
#pragma once

#include <span>
#include <string>

#include "anebench/experiments/selfcheck.h"
#include "anebench/record/record.h"
#include "anebench/report/document.h"

namespace anebench::report {

Document selfcheck_report(std::span<const record::Record> records,
                          std::span<const std::string> notes);

// A row a noise: coverage, false alarms, power, series, codes; then what failed.
Document statistics_report(std::span<const experiments::StatisticsCell> cells);

// A row a cell: how many runs got the expected label, and which others they got; then what failed.
Document confusion_report(std::span<const experiments::ConfusionCell> cells);

}  // namespace anebench::report
