// macOS: sysctl, the thermal notification, and the power source by IOKit, loaded at run time so
// that the library links no framework. Elsewhere than on Linux and macOS: what is portable.
#if !defined(__linux__)

#include "anebench/base/cpu_features.h"
#include "anebench/measure/environment.h"

#if defined(__APPLE__)

#include <dlfcn.h>
#include <notify.h>
#include <stdlib.h>
#include <sys/sysctl.h>

#include <array>

namespace anebench::measure {
namespace {

std::string sysctl_text(const char* name) {
  std::array<char, 256> buffer{};
  std::size_t size = buffer.size() - 1;  // the last byte stays zero
  if (sysctlbyname(name, buffer.data(), &size, nullptr, 0) != 0) return {};
  return buffer.data();
}

std::size_t sysctl_count(const char* name) {
  int value = 0;
  std::size_t size = sizeof(value);
  if (sysctlbyname(name, &value, &size, nullptr, 0) != 0 || value < 0) return 0;
  return static_cast<std::size_t>(value);
}

// Levels of OSThermalNotification.h, in the words of NSProcessInfo's thermal state.
std::string thermal_state() {
  int token = 0;
  if (notify_register_check("com.apple.system.thermalpressurelevel", &token) != NOTIFY_STATUS_OK) {
    return {};
  }
  std::uint64_t level = 0;
  const bool known = notify_get_state(token, &level) == NOTIFY_STATUS_OK;
  notify_cancel(token);
  if (!known) return {};
  constexpr std::array<const char*, 3> kNames = {"nominal", "fair", "serious"};
  return level < kNames.size() ? kNames[level] : "critical";
}

template <typename Function>
Function symbol(void* library, const char* name) {
  return reinterpret_cast<Function>(dlsym(library, name));
}

std::string power_source() {
  void* io_kit = dlopen("/System/Library/Frameworks/IOKit.framework/IOKit", RTLD_LAZY);
  void* foundation =
      dlopen("/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation", RTLD_LAZY);
  if (io_kit == nullptr || foundation == nullptr) return {};
  const auto copy_info = symbol<const void* (*)()>(io_kit, "IOPSCopyPowerSourcesInfo");
  const auto providing =
      symbol<const void* (*)(const void*)>(io_kit, "IOPSGetProvidingPowerSourceType");
  const auto to_c_string = symbol<unsigned char (*)(const void*, char*, long, std::uint32_t)>(
      foundation, "CFStringGetCString");
  const auto release = symbol<void (*)(const void*)>(foundation, "CFRelease");
  if (copy_info == nullptr || providing == nullptr || to_c_string == nullptr ||
      release == nullptr) {
    return {};
  }
  const void* info = copy_info();
  if (info == nullptr) return {};
  std::array<char, 64> text{};
  constexpr std::uint32_t kUtf8 = 0x08000100;  // kCFStringEncodingUTF8
  const void* name = providing(info);          // not ours to release
  const bool known =
      name != nullptr && to_c_string(name, text.data(), static_cast<long>(text.size()), kUtf8) != 0;
  release(info);
  if (!known) return {};
  return std::string(text.data()) == "AC Power" ? "ac" : "battery";
}

}  // namespace

Environment read_environment(const EnvironmentOptions& options) {
  Environment environment;
  environment.os = "macOS " + sysctl_text("kern.osproductversion");
  environment.kernel = sysctl_text("kern.osrelease");
  environment.machine = sysctl_text("hw.model");
  environment.cpu_model = cpu_model_name();
  environment.cpus = sysctl_count("hw.logicalcpu");
  environment.power_source = power_source();
  environment.thermal_state = thermal_state();
  double load = 0;
  if (getloadavg(&load, 1) == 1) environment.load_1min = load;
  environment.threads = options.threads;
  environment.isa = options.isa;
  return environment;
}

}  // namespace anebench::measure

#else  // neither Linux nor macOS

namespace anebench::measure {

Environment read_environment(const EnvironmentOptions& options) {
  Environment environment;
  environment.cpu_model = cpu_model_name();
  environment.cpus = static_cast<std::size_t>(hardware_threads());
  environment.threads = options.threads;
  environment.isa = options.isa;
  return environment;
}

}  // namespace anebench::measure

#endif  // defined(__APPLE__)
#endif  // !defined(__linux__)
