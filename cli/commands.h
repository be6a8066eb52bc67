// One function a command, each in its own file command_<name>.cpp: takes parsed arguments, gives
// the exit status.
#pragma once

#include <string>
#include <vector>

#include "anebench/experiments/peak.h"
#include "anebench/stats/thresholds.h"
#include "options.h"

namespace anebench::cli {

struct DevicesArguments {
  bool peaks = false;
  int threads = 0;
  ConsoleOptions console;
};

struct ProgramsArguments {
  ConsoleOptions console;
};

struct InspectArguments {
  std::string model;
  bool text = false;
  bool strict = false;
  bool lenient = false;
  ConsoleOptions console;
};

struct PeakArguments {
  experiments::PeakOptions peak;
  SharedOptions shared;
};

struct CompareArguments {
  std::string before;
  std::string after;
  double threshold = stats::kDefaultMargin;
  FailOn fail_on;
  ConsoleOptions console;
};

struct MergeArguments {
  std::vector<std::string> files;
  std::string output;
  ConsoleOptions console;
};

struct ReproArguments {
  std::string id;
  std::string file;
  bool run = false;
  ConsoleOptions console;
};

int run_devices(const DevicesArguments& arguments);
int run_programs(const ProgramsArguments& arguments);
int run_int8(const SharedOptions& options);
int run_peak(const PeakArguments& arguments);
int run_inspect(const InspectArguments& arguments);
int run_compare(const CompareArguments& arguments);
int run_merge(const MergeArguments& arguments);
int run_repro(const ReproArguments& arguments);
int run_schema();
int run_version();

}  // namespace anebench::cli
