// Runs conformance cases on devices and prints passed, wrong, failed and unsupported ones by op.
//
//   conformance_cases --data conformance.tar.xz --device reference --op conv --name fp16
//
// Wrong outputs and errors end it with 1. An op or a form that a device does not support is
// reported and is no failure. Without data it ends with 77, which CTest takes as skipped.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "anebench/base/file.h"
#include "case.h"
#include "test_data.h"

namespace anebench::tests {
namespace {

namespace fs = std::filesystem;

constexpr int kSkipped = 77;

struct Options {
  std::string data = shared_data("conformance.tar.xz").string();
  std::vector<std::string> devices = {"reference", "cpu"};
  // Judge by the number of passed cases alone, for a test that must not fall back.
  std::optional<int> at_least;
  std::string op;
  std::string name;
  bool list_all = false;
};

// Of one op on one device, by Verdict::State.
using Counts = std::array<int, 4>;

constexpr std::array<const char*, 4> kStateNames = {"passed", "WRONG", "unsupported", "FAILED"};

bool is_chosen(const Case& found, const Options& options) {
  if (!options.name.empty() && found.name.find(options.name) == std::string::npos) return false;
  return options.op.empty() ||
         std::find(found.ops.begin(), found.ops.end(), options.op) != found.ops.end();
}

// Runs all chosen cases; the number of those that are wrong or failed.
// `bad` are wrong or failed; what a device does not support is neither.
struct Outcome {
  int passed = 0;
  int bad = 0;
};

Outcome run_on(device::Device& device, const std::vector<Case>& cases, const Options& options) {
  std::map<std::string, Counts> by_op;
  Counts all = {};
  for (const Case& found : cases) {
    if (!is_chosen(found, options)) continue;
    const Verdict verdict = run_case(found, device);
    const auto state = static_cast<std::size_t>(verdict.state);
    ++all[state];
    for (const std::string& op : found.ops) ++by_op[op][state];
    if (options.list_all || verdict.state == Verdict::State::wrong ||
        verdict.state == Verdict::State::failed) {
      fmt::print("{:11} {}: {}{}{}\n", kStateNames[state], device.info().name, found.name,
                 verdict.reason.empty() ? "" : ": ", verdict.reason);
      std::fflush(stdout);
    }
  }
  fmt::print("\n{:40} {:>7} {:>7} {:>7} {:>11}\n", device.info().name, "passed", "wrong", "failed",
             "unsupported");
  by_op["all cases"] = all;
  for (const auto& [op, counts] : by_op) {
    fmt::print("{:40} {:>7} {:>7} {:>7} {:>11}\n", op, counts[0], counts[1], counts[3], counts[2]);
  }
  return {.passed = all[0], .bad = all[1] + all[3]};
}

int run(const Options& options) {
  std::error_code ignored;
  if (!fs::exists(options.data, ignored)) {
    fmt::print("skipped: {} is absent\n", options.data);
    return kSkipped;
  }
  fs::path folder = options.data;
  std::optional<TemporaryDirectory> unpacked;
  if (!fs::is_directory(folder, ignored)) {
    auto made = TemporaryDirectory::create("anebench-conformance");
    if (!made) {
      fmt::print(stderr, "{}\n", made.error().to_string());
      return 1;
    }
    unpacked = std::move(*made);
    const std::string command =
        fmt::format("tar -xJf '{}' -C '{}'", options.data, unpacked->path().string());
    if (std::system(command.c_str()) != 0) {
      fmt::print("skipped: tar cannot read {}\n", options.data);
      return kSkipped;
    }
    folder = unpacked->path() / "conformance";
  }
  const auto cases = read_cases(folder);
  if (!cases) {
    fmt::print(stderr, "{}\n", cases.error().to_string());
    return 1;
  }
  int bad = 0;
  bool has_regressed = false;
  for (const std::string& name : options.devices) {
    const auto device = device::open(name, {.threads = 1});
    if (!device) {
      fmt::print(stderr, "{}\n", device.error().to_string());
      return 1;
    }
    const Outcome outcome = run_on(**device, *cases, options);
    bad += outcome.bad;
    if (options.at_least && outcome.passed < *options.at_least) {
      has_regressed = true;
      fmt::print(stderr, "{}: {} cases passed, fewer than the {} that have passed before\n", name,
                 outcome.passed, *options.at_least);
    }
  }
  if (options.at_least) return has_regressed ? 1 : 0;
  return bad == 0 ? 0 : 1;
}

}  // namespace
}  // namespace anebench::tests

int main(int argc, char** argv) {
  anebench::tests::Options options;
  CLI::App app("Runs conformance cases on devices");
  app.add_option("--data", options.data, "The archive of cases, or the folder it was unpacked to");
  app.add_option("--device", options.devices, "Devices to run on")->delimiter(',');
  app.add_option("--op", options.op, "Only cases with this op type");
  app.add_option("--name", options.name, "Only cases whose name contains this");
  app.add_option("--at-least", options.at_least,
                 "Fail only where fewer cases than this pass on a device");
  app.add_flag("--all", options.list_all, "List passed and unsupported cases, too");
  CLI11_PARSE(app, argc, argv);
  return anebench::tests::run(options);
}
