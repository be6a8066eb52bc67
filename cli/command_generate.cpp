#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "anebench/base/file.h"
#include "anebench/base/units.h"
#include "anebench/package/package.h"
#include "anebench/programs/catalogue.h"
#include "anebench/programs/int8_compute.h"
#include "commands.h"
#include "console.h"
#include "nearest.h"

namespace anebench::cli {
namespace {

namespace fs = std::filesystem;

struct Job {
  // As `programs::build` takes it.
  std::string program;
  fs::path path;
};

// "conv_chain:channels=64,depth=2" makes "conv_chain-channels=64-depth=2".
std::string file_name_of(const std::string& program) {
  std::string name = program;
  std::replace(name.begin(), name.end(), ':', '-');
  std::replace(name.begin(), name.end(), ',', '-');
  return name;
}

// A published model's name, "all" of them, or a program's.
Result<std::vector<Job>> jobs_of(const GenerateArguments& arguments) {
  const auto path_of = [&](std::string_view name) {
    return fs::path(arguments.folder) /
           (std::string(name) + (arguments.text ? ".mlmodelc" : ".mlpackage"));
  };
  std::vector<Job> jobs;
  for (const std::string& name : arguments.names) {
    const auto models = programs::published_models();
    const std::size_t before = jobs.size();
    for (const programs::PublishedModel& model : models) {
      if (name == "all" || name == model.name) {
        jobs.push_back({std::string(model.spec), path_of(model.name)});
      }
    }
    if (jobs.size() > before) continue;
    if (programs::find(name.substr(0, name.find(':'))) == nullptr) {
      std::vector<std::string> known = {"all"};
      for (const programs::PublishedModel& model : models) known.emplace_back(model.name);
      for (const auto& entry : programs::catalogue()) known.emplace_back(entry.name);
      return fail(ErrorCode::not_found, "there is no program \"{}\"{}; there are {}", name,
                  suggestion(name, known), joined(known));
    }
    // Parameters are checked before anything is written.
    ANEBENCH_ASSIGN(spec, programs::ProgramSpec::parse(name));
    ANEBENCH_TRY(programs::complete(spec));
    jobs.push_back({name, path_of(file_name_of(name))});
  }
  return jobs;
}

Result<void> refuse_to_replace(const std::vector<Job>& jobs) {
  for (const Job& job : jobs) {
    std::error_code ignored;
    if (!fs::exists(job.path, ignored)) continue;
    return fail(ErrorCode::invalid_argument, "{} is there already; --force replaces it",
                job.path.string());
  }
  return {};
}

std::uint64_t bytes_in(const fs::path& folder) {
  std::uint64_t total = 0;
  std::error_code ignored;
  for (fs::recursive_directory_iterator entry(folder, ignored), end; entry != end;
       entry.increment(ignored)) {
    if (entry->is_regular_file(ignored)) total += entry->file_size(ignored);
  }
  return total;
}

Result<void> write_job(const Job& job, bool as_text, Console& console) {
  using Time = std::chrono::steady_clock::time_point;
  const auto ns_since = [](Time start) {
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start)
        .count();
  };
  console.progress(fmt::format("making {}", job.program));
  const auto start = std::chrono::steady_clock::now();
  ANEBENCH_ASSIGN(built, programs::build(job.program));
  const double built_ns = ns_since(start);
  console.progress(fmt::format("writing {}", job.path.string()));
  const auto write_start = std::chrono::steady_clock::now();
  if (as_text) {
    ANEBENCH_TRY(package::write_text_folder(built.program, built.weights.get(), job.path));
  } else {
    ANEBENCH_ASSIGN(package, package::make_package(built.program, built.weights));
    ANEBENCH_TRY(package::write_package(package, job.path));
  }
  const double written_ns = ns_since(write_start);
  const std::uint64_t bytes = bytes_in(job.path);
  console.clear_progress();
  console.print_raw(
      fmt::format("{}: {} operations, {} of weights, {} in all; made in {}, written in {} ({})\n",
                  job.path.string(), built.program.main()->body.operations.size(),
                  format_bytes(static_cast<std::uint64_t>(built.weight_bytes)), format_bytes(bytes),
                  format_duration_ns(built_ns), format_duration_ns(written_ns),
                  format_si(static_cast<double>(bytes) / (written_ns * 1e-9), "B/s")));
  return {};
}

Result<void> generate(const GenerateArguments& arguments, Console& console) {
  ANEBENCH_ASSIGN(jobs, jobs_of(arguments));
  if (!arguments.force) ANEBENCH_TRY(refuse_to_replace(jobs));
  ANEBENCH_TRY(make_directories(arguments.folder));
  for (const Job& job : jobs) ANEBENCH_TRY(write_job(job, arguments.text, console), job.program);
  return {};
}

}  // namespace

int run_generate(const GenerateArguments& arguments) {
  Console console(arguments.console);
  const auto done = generate(arguments, console);
  return done ? kOk : console.error("generate the models", done.error());
}

}  // namespace anebench::cli
