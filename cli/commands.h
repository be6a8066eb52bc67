// One function a command, each in its own file command_<name>.cpp: takes parsed arguments, gives
// the exit status.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "anebench/experiments/ceiling.h"
#include "anebench/experiments/peak.h"
#include "anebench/experiments/probe.h"
#include "anebench/experiments/reload.h"
#include "anebench/stats/thresholds.h"
#include "options.h"
#include "program_inputs.h"

namespace anebench::cli {

struct DevicesArguments {
  bool peaks = false;
  int threads = 0;
  ConsoleOptions console;
};

struct DoctorArguments {
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
  std::string device{kDefaultDevice};
  std::string function = "main";
  InputOptions inputs;
  // "NAME=FILE" each; named_files.h has the exceptions.
  std::vector<std::string> outputs;
  std::size_t repeat = 1;
  // Of all loops of one evaluation together.
  std::optional<std::size_t> max_iterations;
  int threads = 0;
  bool strict = false;
  bool lenient = false;
  ConsoleOptions console;
};

struct GenerateArguments {
  // Of published models or programs.
  std::vector<std::string> names;
  std::string folder;
  // Folders with model.mil, not packages.
  bool text = false;
  bool force = false;
  ConsoleOptions console;
};

struct QuantizeArguments {
  std::string model;
  std::string scheme;
  std::string output;
  std::string function;                     // empty for all
  std::optional<std::size_t> min_elements;  // of a weight
  bool keeps_opset = false;
  bool force = false;
  // Of the run that observes activations.
  InputOptions inputs;
  std::string device = "cpu";
  int threads = 0;
  bool strict = false;
  std::string json;
  ConsoleOptions console;
};

struct CheckArguments {
  std::string model;
  std::string function;       // empty for all
  bool skips_engine = false;  // leaves the Neural Engine's limits out
  bool strict = false;
  bool lenient = false;
  std::string json;
  ConsoleOptions console;
};

struct DiffArguments {
  std::string before;
  std::string after;
  std::string function = "main";
  std::string device = "reference";
  int threads = 0;
  InputOptions inputs;
  // Of every output, in dB.
  std::optional<double> threshold;
  bool strict = false;
  bool lenient = false;
  std::string json;
  ConsoleOptions console;
};

struct ProfileArguments {
  std::string model;
  // Paths; empty for none.
  std::string trace;
  std::string svg;
  SharedOptions shared;
};

struct PredictArguments {
  std::string model;
  // "all" alone, or names of chips.
  std::vector<std::string> chips = {"all"};
  // Names of quantization schemes; empty for the program as it is.
  std::vector<std::string> quantize;
  // What the quantized forms are calibrated and compared on; nothing: random values, seed 1.
  InputOptions inputs;
  SharedOptions shared;
};

struct ChipsArguments {
  bool all_rows = false;
  std::string svg;  // path; empty for none
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

struct SelfcheckArguments {
  // At most one of them; neither: this machine.
  bool verdict = false;
  bool statistics = false;
  std::optional<std::size_t> runs;
  SharedOptions shared;
};

struct ReloadArguments {
  experiments::ReloadOptions reload;
  SharedOptions shared;
};

struct CeilingArguments {
  experiments::CeilingOptions ceiling;
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
int run_doctor(const DoctorArguments& arguments);
int run_programs(const ProgramsArguments& arguments);
int run_int8(const SharedOptions& options);
int run_peak(const PeakArguments& arguments);
int run_probe(const ProbeArguments& arguments);
int run_suite(const SharedOptions& options);
int run_reload(const ReloadArguments& arguments);
int run_ceiling(const CeilingArguments& arguments);
int run_inspect(const InspectArguments& arguments);
int run_run(const RunArguments& arguments);
int run_generate(const GenerateArguments& arguments);
int run_quantize(const QuantizeArguments& arguments);
int run_check(const CheckArguments& arguments);
int run_diff(const DiffArguments& arguments);
int run_profile(const ProfileArguments& arguments);
int run_predict(const PredictArguments& arguments);
int run_chips_list(const ChipsArguments& arguments);
int run_chips_validate(const ChipsArguments& arguments);
int run_chips_fit(const ChipsArguments& arguments);
int run_selfcheck(const SelfcheckArguments& arguments);
int run_compare(const CompareArguments& arguments);
int run_merge(const MergeArguments& arguments);
int run_repro(const ReproArguments& arguments);
int run_schema();
int run_version();

}  // namespace anebench::cli
