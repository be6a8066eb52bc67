// The experiments as commands run them: their cases and their reports.
#pragma once

#include "anebench/experiments/ceiling.h"
#include "anebench/experiments/chain_experiment.h"
#include "anebench/experiments/probe.h"
#include "anebench/experiments/reload.h"
#include "experiment_command.h"

namespace anebench::cli {

Experiment probe_experiment(experiments::ProbeOptions options);
Experiment int8_experiment();
Experiment peak_experiment(experiments::ChainExperiment chains);
Experiment reload_experiment(experiments::ReloadOptions options);
Experiment ceiling_experiment(experiments::CeilingOptions options);

// The same with at most so many seconds a configuration under --quick: for the suite, which is to
// end in about two minutes then.
Experiment with_quick_seconds(Experiment experiment, double seconds);

}  // namespace anebench::cli
