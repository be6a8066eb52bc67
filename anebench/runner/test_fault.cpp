#include "anebench/runner/test_fault.h"

#ifdef ANEBENCH_TEST_FAULTS

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <new>
#include <string>
#include <thread>

#include "anebench/base/env.h"

namespace anebench::runner {
namespace {

using namespace std::chrono_literals;

void crash() {
  // Past any handler of a sanitizer, which would turn it into an exit status.
  std::signal(SIGSEGV, SIG_DFL);
  ::kill(::getpid(), SIGSEGV);
}

[[noreturn]] void hang() {
  for (;;) std::this_thread::sleep_for(1s);
}

// Slowly enough to be seen growing.
void allocate() {
  constexpr std::size_t kStepBytes = std::size_t{16} << 20;
  constexpr int kSteps = 64;
  for (int i = 0; i < kSteps; ++i) {
    auto* memory = static_cast<char*>(::operator new(kStepBytes, std::nothrow));
    if (memory == nullptr) break;
    std::memset(memory, i + 1, kStepBytes);
    std::this_thread::sleep_for(20ms);
  }
  ::_exit(4);
}

}  // namespace

void act_on_test_fault(std::string_view case_name) {
  const std::string request = env("ANEBENCH_TEST_FAULT").value_or("");
  const std::size_t colon = request.find(':');
  const std::string kind = request.substr(0, colon);
  if (colon != std::string::npos &&
      case_name.find(request.substr(colon + 1)) == std::string_view::npos) {
    return;
  }
  if (kind == "crash") crash();
  if (kind == "hang") hang();
  if (kind == "allocate") allocate();
  if (kind == "exit") {
    std::fputs("the test wanted it so\n", stderr);
    ::_exit(3);
  }
  if (kind == "garbage") {
    std::fputs("this is no record\n", stdout);
    std::fflush(stdout);
  }
}

}  // namespace anebench::runner

#else

namespace anebench::runner {

void act_on_test_fault(std::string_view /*case_name*/) {}

}  // namespace anebench::runner

#endif
