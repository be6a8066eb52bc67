// The commands that read records.
#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "arguments.h"
#include "arguments_shared.h"
#include "commands.h"

namespace anebench::cli {
namespace {

constexpr std::string_view kCompareFooter = R"(A case is the same where its id is: program, device,
threads, seed and settings. Exit status 1: a regression beyond the threshold is established, or a
case that had a result has none now.

Examples:
  anebench compare main.jsonl branch.jsonl --threshold 5%
  anebench compare main.jsonl branch.jsonl --fail-on mistrusted,inconclusive)";

constexpr std::string_view kMergeFooter =
    R"(Duplicates (the same run and id) are dropped, everything else is kept in order, and
what is computed from all cases is computed again. The output may be one of the files.

Examples:
  anebench merge part1.jsonl part2.jsonl part3.jsonl -o all.jsonl
  anebench merge all.jsonl new.jsonl -o all.jsonl)";

constexpr std::string_view kReproFooter = R"(Examples:
  anebench repro 0f5208b8 results.jsonl
  anebench repro 0f5208b8 results.jsonl --run)";

Command add_compare(CLI::App& app) {
  const auto arguments = std::make_shared<CompareArguments>();
  CLI::App* sub = app.add_subcommand("compare", "What changed between two record files");
  sub->add_option("OLD", arguments->before, "Records of before")->type_name("")->required();
  sub->add_option("NEW", arguments->after, "Records of now")->type_name("")->required();
  add_parsed(*sub, "--threshold", "P%", parse_percentage, arguments->threshold,
             "A time that grew by more is a regression (default 2%)");
  add_parsed(*sub, "--fail-on", "WHAT", parse_fail_on, arguments->fail_on,
             "Exit with 4 for these: mistrusted,inconclusive");
  add_console_options(*sub, arguments->console);
  sub->footer(std::string(kCompareFooter));
  return {sub, [arguments] { return run_compare(*arguments); }};
}

Command add_merge(CLI::App& app) {
  const auto arguments = std::make_shared<MergeArguments>();
  CLI::App* sub = app.add_subcommand("merge", "Join record files of shards, runs or machines");
  sub->add_option("FILES", arguments->files, "Record files")->type_name("")->required();
  sub->add_option("-o,--output", arguments->output, "The file to write (- for stdout)")
      ->type_name("FILE")
      ->required();
  add_console_options(*sub, arguments->console);
  sub->footer(std::string(kMergeFooter));
  return {sub, [arguments] { return run_merge(*arguments); }};
}

Command add_repro(CLI::App& app) {
  const auto arguments = std::make_shared<ReproArguments>();
  CLI::App* sub = app.add_subcommand("repro", "The command that repeats a recorded case");
  sub->add_option("ID", arguments->id, "The record's id, or a beginning that only it has")
      ->type_name("")
      ->required();
  sub->add_option("FILE", arguments->file, "Where the record is")->type_name("")->required();
  sub->add_flag("--run", arguments->run, "Run it");
  add_console_options(*sub, arguments->console);
  sub->footer(std::string(kReproFooter));
  return {sub, [arguments] { return run_repro(*arguments); }};
}

}  // namespace

void add_result_commands(CLI::App& app, Commands& commands) {
  commands.push_back(add_compare(app));
  commands.push_back(add_merge(app));
  commands.push_back(add_repro(app));
}

}  // namespace anebench::cli
