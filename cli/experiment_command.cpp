#include "experiment_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "affinity.h"
#include "anebench/device/device.h"
#include "anebench/programs/program_spec.h"
#include "anebench/report/figures.h"
#include "anebench/runner/run.h"
#include "console.h"
#include "interrupt.h"
#include "session.h"

namespace anebench::cli {
namespace {

bool has_data_on_stdout(const OutputOptions& output) {
  return output.json == "-" || output.csv == "-" || output.markdown == "-";
}

// The exit status that the records ask for.
Status status_of_records(std::span<const record::Record> records, const FailOn& fail_on) {
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

// The cases of one experiment on one device.
struct Group {
  const Experiment* experiment = nullptr;
  std::string device;
  std::vector<runner::Case> cases;
};

// All groups, devices first. A device that cannot be opened, and an experiment that cannot be
// planned, is said and left out; `status` then tells.
std::vector<Group> plan(const std::string& what, std::span<const Experiment> experiments,
                        const SharedOptions& options, const experiments::Settings& settings,
                        Console& console, Status& status) {
  std::vector<Group> groups;
  for (const std::string& name : options.devices) {
    console.progress("opening " + name);
    auto opened = device::open(name, {.threads = options.threads});
    if (!opened) {
      status = console.error(fmt::format("open device {}", name), opened.error());
      continue;
    }
    const std::shared_ptr<device::Device> device = std::move(*opened);
    for (const Experiment& experiment : experiments) {
      auto cases = experiment.cases(device, settings);
      if (!cases) {
        status = console.error(fmt::format("{} on {}", what, name), cases.error());
        continue;
      }
      groups.push_back({&experiment, name, std::move(*cases)});
    }
  }
  return groups;
}

// What would run, a record a line, in the form that names a program everywhere.
void list_cases(std::span<const Group> groups, const runner::Shard& shard, Console& console) {
  std::size_t position = 0;
  for (const Group& group : groups) {
    for (const runner::Case& one : group.cases) {
      if (!shard.selects(one, position++)) continue;
      for (const record::Record& record : one.planned) {
        const programs::ProgramSpec spec(record.program.name, record.program.parameters);
        console.print_raw(fmt::format("{} {} {} {}\n", record.experiment, record.device.name,
                                      record.variant, spec.to_string()));
      }
    }
  }
}

}  // namespace

int run_experiments(const std::string& what, std::span<const Experiment> experiments,
                    const SharedOptions& options) {
  Console console(options.console, has_data_on_stdout(options.output));
  // Before anything that could hang.
  if (options.output.is_isolated_child) runner::end_with_parent();
  const auto settings = settings_of(options);
  if (!settings) return console.error(what, settings.error());
  auto run_options = run_options_of(options);
  if (!run_options) return console.error(what, run_options.error());
  if (!options.affinity.empty()) {
    // Before any device starts its threads.
    if (const auto set = set_affinity(options.affinity); !set) {
      return console.error("use --affinity", set.error());
    }
  }
  const std::atomic<bool>& interrupted = watch_for_interrupt();
  Status status = kOk;
  if (options.dry_run) {
    list_cases(plan(what, experiments, options, *settings, console, status), options.shard,
               console);
    return status;
  }
  auto session = Session::open(options.output, console, interrupted);
  if (!session) return console.error(what, session.error());
  const auto groups = plan(what, experiments, options, *settings, console, status);

  for (const Group& group : groups) run_options->total += group.cases.size();
  report::Document whole;
  for (const Group& group : groups) {
    const auto run = runner::run_cases(group.cases, *run_options, **session);
    run_options->first += group.cases.size();
    console.clear_progress();
    const auto records = (*session)->take_records();
    if (!records.empty() && !options.output.is_isolated_child) {
      report::Document document = group.experiment->report(records, (*session)->take_notes());
      console.print(document);
      whole.append(std::move(document));
    }
    if (interrupted) break;
    if (!run) status = console.error(fmt::format("{} on {}", what, group.device), run.error());
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
