// What the commands that run experiments have in common: devices, session, reports, exit status.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "anebench/device/device.h"
#include "anebench/experiments/settings.h"
#include "anebench/report/document.h"
#include "anebench/runner/case.h"
#include "options.h"

namespace anebench::cli {

using ExperimentReport = std::function<report::Document(std::span<const record::Record> records,
                                                        std::span<const std::string> notes)>;

// An experiment as a command sees it.
struct Experiment {
  std::string name;
  std::function<Result<std::vector<runner::Case>>(std::shared_ptr<device::Device> device,
                                                  const experiments::Settings& settings)>
      cases;
  ExperimentReport report = nullptr;
  // Instead of those asked for.
  std::vector<std::string> devices = {};
};

// Runs the experiments on every device asked for, prints a report each, writes what the options
// say. `what` is the command's name, for messages. Gives the exit status.
int run_experiments(const std::string& what, std::span<const Experiment> experiments,
                    const SharedOptions& options);

}  // namespace anebench::cli
