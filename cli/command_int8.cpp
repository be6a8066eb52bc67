#include "anebench/experiments/int8.h"

#include "anebench/report/chain_reports.h"
#include "chain_command.h"
#include "commands.h"

namespace anebench::cli {

int run_int8(const SharedOptions& options) {
  return run_chain_command(experiments::int8_experiment(), options, report::int8_report);
}

}  // namespace anebench::cli
