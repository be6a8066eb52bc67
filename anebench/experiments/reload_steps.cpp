#include "anebench/experiments/reload_steps.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "anebench/experiments/identity_check.h"

namespace anebench::experiments {
namespace {

// A smaller difference is no change of the weights.
constexpr double kLeastChange = 0.001;
// The specification's bound on the error, for outputs of up to 64.
constexpr double kErrorBound = 0.1;
// Larger outputs (more channels) round more coarsely: half a unit in the last place of an fp16
// number is at most 2^-11 of it.
constexpr double kHalfUnit = 0x1p-11;

// Evaluates once with a new request and new surfaces, on outputs that no correct result equals.
Result<std::vector<std::byte>> evaluate_anew(device::Device& device, device::Executable& executable,
                                             const mil::Value& input) {
  ANEBENCH_ASSIGN(request, executable.create_request());
  ANEBENCH_ASSIGN(x, device.create_surface(executable.inputs()[0].type));
  ANEBENCH_ASSIGN(y, device.create_surface(executable.outputs()[0].type));
  if (x->bytes().size() != input.bytes().size()) {
    return fail(ErrorCode::internal, "the input has {} bytes, its surface {}", input.bytes().size(),
                x->bytes().size());
  }
  std::memcpy(x->bytes().data(), input.bytes().data(), input.bytes().size());
  std::ranges::fill(y->bytes(), std::byte{0xff});
  ANEBENCH_TRY(request->bind_input(0, x));
  ANEBENCH_TRY(request->bind_output(0, y));
  ANEBENCH_TRY(executable.evaluate(*request));
  const auto bytes = y->bytes();
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

// A difference to a value that is no number is infinite.
double distance(double a, double b) {
  const double d = std::abs(a - b);
  return std::isnan(d) ? std::numeric_limits<double>::infinity() : d;
}

void judge(ReloadSteps& steps) {
  double largest = 0;
  for (std::size_t i = 0; i < steps.before.size(); ++i) {
    const double wanted = static_cast<double>(kReloadGain) * steps.before[i];
    steps.largest_difference =
        std::max(steps.largest_difference, distance(steps.after[i], steps.before[i]));
    steps.largest_error = std::max(steps.largest_error, distance(steps.after[i], wanted));
    if (std::isfinite(wanted)) largest = std::max(largest, std::abs(wanted));
  }
  steps.tolerance = std::max(kErrorBound, largest * kHalfUnit);
  const bool is_changed = steps.largest_difference > kLeastChange;
  const bool is_correct = steps.largest_error <= steps.tolerance;
  if (!is_changed) {
    steps.finding = ReloadFinding::fail;
  } else if (!is_correct) {
    steps.finding = ReloadFinding::partial;
  } else {
    steps.finding = steps.recompile_ns ? ReloadFinding::recompiled : ReloadFinding::success;
  }
}

}  // namespace

std::string_view to_string(ReloadFinding finding) {
  switch (finding) {
    case ReloadFinding::success: return "SUCCESS";
    case ReloadFinding::recompiled: return "RECOMPILED";
    case ReloadFinding::partial: return "PARTIAL";
    case ReloadFinding::fail: break;
  }
  return "FAIL";
}

Result<std::vector<std::byte>> weight_file_content(const programs::BenchmarkProgram& benchmark) {
  ANEBENCH_ASSIGN(content, benchmark.weights->content(programs::kWeightFile));
  return std::vector<std::byte>(content.bytes.begin(), content.bytes.end());
}

Result<ReloadSteps> run_reload_steps(device::Device& device, const programs::BenchmarkProgram& a,
                                     const programs::BenchmarkProgram& b,
                                     const device::CompileOptions& options) {
  const Clock& clock = device.clock();
  ReloadSteps steps;

  std::int64_t start = clock.now_ns();
  ANEBENCH_ASSIGN(executable, device.compile(a.program, a.weights, options), "compile");
  ANEBENCH_TRY(executable->load(), "load");
  steps.compile_load_ns = clock.now_ns() - start;
  const mil::Type type = executable->outputs()[0].type;
  ANEBENCH_ASSIGN(before, evaluate_anew(device, *executable, a.inputs[0]), "evaluate");

  ANEBENCH_ASSIGN(content, weight_file_content(b), "write");
  ANEBENCH_TRY(
      executable->replace_weight_file(std::string(programs::kWeightFile), std::move(content)),
      "write");
  start = clock.now_ns();
  ANEBENCH_TRY(executable->unload(), "load");
  const std::int64_t unloaded = clock.now_ns();
  const Result<void> loaded = executable->load();
  steps.unload_ns = unloaded - start;
  steps.load_ns = clock.now_ns() - unloaded;
  if (!loaded) {
    steps.load_error = loaded.error().to_string();
    executable.reset();
    start = clock.now_ns();
    ANEBENCH_ASSIGN(again, device.compile(b.program, b.weights, options), "compile");
    ANEBENCH_TRY(again->load(), "load");
    steps.recompile_ns = clock.now_ns() - start;
    executable = std::move(again);
  }
  ANEBENCH_ASSIGN(after, evaluate_anew(device, *executable, a.inputs[0]), "evaluate");

  steps.before = values_of(type, before);
  steps.after = values_of(type, after);
  steps.before_bytes = std::move(before);
  steps.after_bytes = std::move(after);
  judge(steps);
  return steps;
}

}  // namespace anebench::experiments
