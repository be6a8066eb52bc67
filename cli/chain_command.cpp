#include "chain_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "affinity.h"
#include "anebench/device/device.h"
#include "anebench/report/figures.h"
#include "console.h"
#include "interrupt.h"
#include "session.h"

namespace anebench::cli {
namespace {

bool has_data_on_stdout(const OutputOptions& output) {
  return output.json == "-" || output.csv == "-" || output.markdown == "-";
}

// The cases that would run, in the form that names a program everywhere.
void list_cases(const experiments::ChainExperiment& experiment, const SharedOptions& options,
                const experiments::Settings& settings, Console& console) {
  for (const std::string& device : options.devices) {
    for (const programs::ProgramSpec& spec : experiments::chain_specs(experiment, settings)) {
      console.print_raw(fmt::format("{} {} {}\n", experiment.name, device, spec.to_string()));
    }
  }
}

// The exit status that the records ask for.
Status status_of_records(const std::vector<record::Record>& records, const FailOn& fail_on) {
  const auto any = [&](auto&& predicate) {
    return std::any_of(records.begin(), records.end(), predicate);
  };
  if (any([](const record::Record& record) {
        return record.outcome.state == record::State::wrong ||
               record.outcome.state == record::State::failed ||
               record.outcome.state == record::State::timeout;
      })) {
    return kCheckFailed;
  }
  const auto has_outcome = [&](std::string_view outcome) {
    return any([&](const record::Record& record) {
      return record.pair && record.pair->outcome == outcome;
    });
  };
  const bool is_mistrusted = any([](const record::Record& record) {
    return report::trust_of(record) == report::Trust::mistrusted;
  });
  if (fail_on.mistrusted && (is_mistrusted || has_outcome("mistrusted"))) return kInconclusive;
  if (fail_on.inconclusive && has_outcome("inconclusive")) return kInconclusive;
  return kOk;
}

}  // namespace

int run_chain_command(const experiments::ChainExperiment& experiment, const SharedOptions& options,
                      ChainReport report) {
  Console console(options.console, has_data_on_stdout(options.output));
  const std::string what = "run " + experiment.name;
  const auto settings = settings_of(options);
  if (!settings) return console.error(what, settings.error());
  if (options.dry_run) {
    list_cases(experiment, options, *settings, console);
    return kOk;
  }
  if (!options.affinity.empty()) {
    // Before any device starts its threads.
    if (const auto set = set_affinity(options.affinity); !set) {
      return console.error("use --affinity", set.error());
    }
  }
  const std::atomic<bool>& interrupted = watch_for_interrupt();
  auto session = Session::open(options.output, console, interrupted);
  if (!session) return console.error(what, session.error());

  Status status = kOk;
  report::Document whole;
  for (const std::string& name : options.devices) {
    auto device = device::open(name, {.threads = options.threads});
    if (!device) {
      status = console.error(fmt::format("open device {}", name), device.error());
      continue;
    }
    const auto run = experiments::run_chain_experiment(experiment, **device, *settings, **session);
    console.clear_progress();
    const auto records = (*session)->take_records();
    if (!records.empty()) {
      report::Document document = report(records, (*session)->take_notes());
      console.print(document);
      whole.append(std::move(document));
    }
    if (interrupted) break;
    if (!run) status = console.error(fmt::format("{} on {}", what, name), run.error());
  }
  if (const auto written = (*session)->write_tables(whole); !written) {
    status = console.error("write the results", written.error());
  }
  if (interrupted) {
    console.message("Interrupted. " + (*session)->resume_hint());
    return kInterrupted;
  }
  return status != kOk ? status : status_of_records((*session)->records(), options.fail_on);
}

}  // namespace anebench::cli
