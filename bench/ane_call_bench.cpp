// What the Neural Engine's device adds to a call: the time of Executable::evaluate() less the time
// that the stand-in spends in its own evaluate method, which it counts itself. Wanted: under 2 µs.
#include <dlfcn.h>
#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "anebench/device/ane/ane_device.h"
#include "anebench/device/loaded_program.h"
#include "anebench/programs/catalogue.h"

namespace {

using WallClock = std::chrono::steady_clock;
using namespace anebench;

constexpr int kRounds = 50;
constexpr int kCallsARound = 200;
constexpr double kWantedMicroseconds = 2;

int give_up(const std::string& reason) {
  fmt::print(stderr, "ane_call_bench: {}\n", reason);
  return 1;
}

}  // namespace

int main() {
  ::setenv("ANEBENCH_ANE_FRAMEWORK", ANEBENCH_ANE_STANDIN_LIBRARY, 1);
  void* library = ::dlopen(ANEBENCH_ANE_STANDIN_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return give_up(::dlerror());
  const auto count =
      reinterpret_cast<std::int64_t (*)(const char*)>(::dlsym(library, "anebench_standin_count"));
  if (count == nullptr) return give_up("the stand-in counts nothing");
  const auto device = device::open_ane();
  if (!device) return give_up(device.error().to_string());
  const auto benchmark = programs::build("identity_conv:channels=16,width=8,io=fp16");
  if (!benchmark) return give_up(benchmark.error().to_string());
  auto loaded = device::LoadedProgram::open(**device, benchmark->program, benchmark->weights, {});
  if (!loaded) return give_up(loaded.error().to_string());

  std::vector<double> added;
  std::vector<double> whole;
  for (int round = 0; round < kRounds; ++round) {
    const std::int64_t inside_before = count("evaluate_ns");
    const auto start = WallClock::now();
    for (int i = 0; i < kCallsARound; ++i) {
      if (const auto done = loaded->evaluate(); !done) return give_up(done.error().to_string());
    }
    const double ns = std::chrono::duration<double, std::nano>(WallClock::now() - start).count();
    const auto inside = static_cast<double>(count("evaluate_ns") - inside_before);
    whole.push_back(ns / kCallsARound / 1e3);
    added.push_back((ns - inside) / kCallsARound / 1e3);
  }
  std::sort(added.begin(), added.end());
  std::sort(whole.begin(), whole.end());
  const double median = added[added.size() / 2];
  fmt::print(
      "a call {:.2f} us, of which the device adds {:.2f} us (median of {} rounds; {:.2f} to "
      "{:.2f}); wanted: under {} us\n",
      whole[whole.size() / 2], median, kRounds, added.front(), added.back(), kWantedMicroseconds);
  return median < kWantedMicroseconds ? 0 : 1;
}
