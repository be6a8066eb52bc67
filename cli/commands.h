// One function a command, each in its own file command_<name>.cpp: takes parsed arguments, gives
// the exit status.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "anebench/experiments/peak.h"
#include "anebench/experiments/probe.h"
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

struct RunArguments {
  std::string model;
  std::string device = "cpu";
  std::string function = "main";
  // "NAME=FILE" each.
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  // Seed of the inputs that no file gives.
  std::optional<std::uint64_t> random;
  std::size_t repeat = 1;
  // Inputs of any kind of number are converted.
  bool cast = false;
  int threads = 0;
  bool strict = false;
  bool lenient = false;
  ConsoleOptions console;
};

struct PeakArguments {
  experiments::PeakOptions peak;
  SharedOptions shared;
};

struct ProbeArguments {
  experiments::ProbeOptions probe;
  SharedOptions shared;
};

int run_devices(const DevicesArguments& arguments);
int run_programs(const ProgramsArguments& arguments);
int run_int8(const SharedOptions& options);
int run_peak(const PeakArguments& arguments);
int run_probe(const ProbeArguments& arguments);
int run_suite(const SharedOptions& options);
int run_inspect(const InspectArguments& arguments);
int run_run(const RunArguments& arguments);
int run_schema();
int run_version();

}  // namespace anebench::cli
