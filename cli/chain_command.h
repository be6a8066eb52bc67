// What `int8` and `peak` have in common: devices, session, report, exit status.
#pragma once

#include <span>
#include <string>

#include "anebench/experiments/chain_experiment.h"
#include "anebench/report/document.h"
#include "options.h"

namespace anebench::cli {

using ChainReport = report::Document (*)(std::span<const record::Record> records,
                                         std::span<const std::string> notes);

// Runs the experiment on every device asked for, prints a report each, writes what the options
// say. Gives the exit status.
int run_chain_command(const experiments::ChainExperiment& experiment, const SharedOptions& options,
                      ChainReport report);

}  // namespace anebench::cli
