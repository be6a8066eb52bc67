#include "experiment_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "affinity.h"
#include "anebench/device/device.h"
#include "anebench/experiments/case_record.h"
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
               (record.outcome.state == record::State::timeout &&
                record.outcome.stage != experiments::kLeftOutStage);
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

// The most programs that a case compiles; those that would compile more (reload) make do with what
// is left. Where a process has fewer left, a case gets another.
constexpr std::size_t kCompilationsOfACase = 60;

// The cases of one experiment on one device.
struct Group {
  const Experiment* experiment = nullptr;
  std::string device_name;
  std::shared_ptr<device::Device> device;
  std::vector<runner::Case> cases;
};

// All groups, devices first. A device that cannot be opened, and an experiment that cannot be
// planned, is said and left out; `status` then tells.
class Planner {
 public:
  Planner(const std::string& what, const SharedOptions& options,
          const experiments::Settings& settings, Console& console)
      : what_(what), options_(options), settings_(settings), console_(console) {}

  void add(const Experiment& experiment, const std::string& device_name) {
    const std::shared_ptr<device::Device> device = open(device_name);
    if (!device) return;
    console_.progress(fmt::format("planning {} on {}", experiment.name, device_name));
    auto cases = experiment.cases(device, settings_);
    if (!cases) {
      status_ = console_.error(fmt::format("{} on {}", what_, device_name), cases.error());
      return;
    }
    groups_.push_back({&experiment, device_name, device, std::move(*cases)});
  }
  std::span<const Group> groups() const { return groups_; }
  Status status() const { return status_; }

 private:
  // Null where it cannot be opened, which is said once.
  std::shared_ptr<device::Device> open(const std::string& name) {
    const auto known = devices_.find(name);
    if (known != devices_.end()) return known->second;
    console_.progress("opening " + name);
    auto opened = device::open(name, {.threads = options_.threads});
    if (!opened) status_ = console_.error(fmt::format("open device {}", name), opened.error());
    return devices_[name] = opened ? std::move(*opened) : nullptr;
  }

  const std::string& what_;
  const SharedOptions& options_;
  const experiments::Settings& settings_;
  Console& console_;
  std::map<std::string, std::shared_ptr<device::Device>> devices_;
  std::vector<Group> groups_;
  Status status_ = kOk;
};

// A device that compiles only so much in a process has its later cases in others.
Result<std::optional<runner::FreshProcess>> fresh_process_for(const Group& group) {
  const std::shared_ptr<device::Device> device = group.device;
  if (!device->compilations_left()) return std::optional<runner::FreshProcess>();
  ANEBENCH_ASSIGN(program, runner::this_program());
  runner::FreshProcess fresh;
  fresh.is_needed = [device] { return *device->compilations_left() < kCompilationsOfACase; };
  fresh.isolation.program = std::move(program);
  return std::optional(std::move(fresh));
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
  std::unique_ptr<Session> session;
  if (!options.dry_run) {
    auto opened = Session::open(options.output, console, interrupted);
    if (!opened) return console.error(what, opened.error());
    session = std::move(*opened);
  }
  Planner planner(what, options, *settings, console);
  for (const std::string& device : options.devices) {
    for (const Experiment& experiment : experiments) {
      if (experiment.devices.empty()) planner.add(experiment, device);
    }
  }
  for (const Experiment& experiment : experiments) {
    for (const std::string& device : experiment.devices) planner.add(experiment, device);
  }
  console.clear_progress();
  const std::span<const Group> groups = planner.groups();
  Status status = planner.status();
  if (options.dry_run) {
    list_cases(groups, options.shard, console);
    return status;
  }

  for (const Group& group : groups) run_options->total += group.cases.size();
  report::Document whole;
  for (const Group& group : groups) {
    auto fresh_process = fresh_process_for(group);
    if (!fresh_process) return console.error(what, fresh_process.error());
    run_options->fresh_process = std::move(*fresh_process);
    const auto run = runner::run_cases(group.cases, *run_options, *session);
    run_options->first += group.cases.size();
    console.clear_progress();
    const auto records = session->take_records();
    if (!records.empty() && !options.output.is_isolated_child) {
      report::Document document = group.experiment->report(records, session->take_notes());
      console.print(document);
      whole.append(std::move(document));
    }
    if (interrupted) break;
    if (!run) status = console.error(fmt::format("{} on {}", what, group.device_name), run.error());
  }
  if (const auto written = session->write_tables(whole); !written) {
    status = console.error("write the results", written.error());
  }
  if (interrupted) {
    console.message("Interrupted. " + session->resume_hint());
    return kInterrupted;
  }
  return status != kOk ? status : status_of_records(session->records(), options.fail_on);
}

}  // namespace anebench::cli
