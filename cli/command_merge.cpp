#include <fmt/format.h>

#include "anebench/base/file.h"
#include "anebench/experiments/summaries.h"
#include "anebench/report/merge.h"
#include "commands.h"
#include "console.h"

namespace anebench::cli {

int run_merge(const MergeArguments& arguments) {
  Console console(arguments.console, arguments.output == "-");
  std::vector<report::MergeInput> inputs;
  for (const std::string& file : arguments.files) {
    bool torn = false;
    auto lines = record::read_record_lines(file, &torn);
    if (!lines) return console.error("merge " + file, lines.error());
    if (torn) {
      console.message(fmt::format(
          "Warning: the last line of {} is torn (its run was killed while it wrote) and is left "
          "out; --resume runs that case again.",
          file));
    }
    inputs.push_back({file, std::move(*lines)});
  }
  const report::Merged merged = report::merge(inputs, experiments::summaries);
  const auto written = arguments.output == "-"
                           ? write_stdout(merged.text)
                           : write_file_atomically(arguments.output, merged.text);
  if (!written) return console.error("merge", written.error());
  console.message(
      fmt::format("{} records of {} runs in {} files: {} duplicates dropped, {} "
                  "summaries computed; {} records in {}.",
                  merged.read, merged.runs, inputs.size(), merged.duplicates, merged.summaries,
                  merged.kept, arguments.output == "-" ? "all" : arguments.output));
  if (merged.differing > 0) {
    console.message(fmt::format(
        "Warning: {} of the duplicates differed from the record that was kept (the one with raw "
        "samples, else the first).",
        merged.differing));
  }
  return kOk;
}

}  // namespace anebench::cli
