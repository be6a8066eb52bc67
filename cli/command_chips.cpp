#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "anebench/base/file.h"
#include "anebench/experiments/chip_fit.h"
#include "anebench/experiments/chip_validation.h"
#include "anebench/report/chip_plot.h"
#include "anebench/report/chip_reports.h"
#include "commands.h"
#include "console.h"

namespace anebench::cli {

int run_chips_list(const ChipsArguments& arguments) {
  Console(arguments.console).print(report::chip_list(device::chip_table()));
  return kOk;
}

int run_chips_validate(const ChipsArguments& arguments) {
  Console console(arguments.console);
  const experiments::ChipValidation& validation = experiments::chip_validation();
  console.progress("fitting without each depth and each chip");
  const experiments::HeldOut held_out =
      experiments::held_out_chains(validation.published, device::chip_table());
  console.clear_progress();
  const std::vector<report::ValidationTarget> targets =
      report::validation_targets(validation, held_out);
  console.print(report::validation_report(validation, targets, arguments.all_rows));
  if (!arguments.svg.empty()) {
    const auto written = write_file_atomically(arguments.svg, report::validation_svg(validation));
    if (!written) return console.error("write the plot", written.error());
  }
  const bool all_met = std::ranges::all_of(
      targets, [](const report::ValidationTarget& target) { return target.is_met(); });
  return all_met ? kOk : kCheckFailed;
}

int run_chips_fit(const ChipsArguments& arguments) {
  Console(arguments.console)
      .print(report::fit_report(
          experiments::fit_chips(device::chip_table(), experiments::chip_validation().published,
                                 [](const experiments::ChipRow&) { return true; })));
  return kOk;
}

}  // namespace anebench::cli
