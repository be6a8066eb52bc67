// Reads /proc and /sys. Every file is optional: containers, virtual machines and other processors
// have only some of them.
#if defined(__linux__)

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <memory>
#include <string_view>
#include <system_error>

#include "anebench/base/cpu_features.h"
#include "anebench/base/number.h"
#include "anebench/measure/environment.h"

namespace anebench::measure {
namespace {

namespace fs = std::filesystem;

// Bounds on what is read, in case these are not the kernel's files.
constexpr std::size_t kMaxLine = 4096;
constexpr int kMaxLines = 20'000;
constexpr int kMaxEntries = 4096;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// The first line without white space around it; empty where the file cannot be read.
std::string read_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line(kMaxLine, '\0');
  file.read(line.data(), static_cast<std::streamsize>(line.size()));
  line.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return std::string(trimmed(std::string_view(line).substr(0, line.find('\n'))));
}

// The text's first word as a number.
std::optional<double> parse_number(std::string_view text) {
  const std::string_view line = trimmed(text);
  const std::optional<double> value = parse_double(line.substr(0, line.find_first_of(" \t")));
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<double> read_number(const fs::path& path) { return parse_number(read_line(path)); }

// Calls visit(path) for the entries of a folder whose names start with `prefix`.
template <typename Visit>
void for_each_entry(const fs::path& folder, std::string_view prefix, const Visit& visit) {
  std::error_code error;
  int left = kMaxEntries;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end && left > 0;
       entry.increment(error), --left) {
    if (entry->path().filename().string().starts_with(prefix)) visit(entry->path());
  }
}

std::string os_name(const fs::path& root, const utsname& names) {
  std::ifstream file(root / "etc/os-release");
  std::string line;
  constexpr std::string_view kKey = "PRETTY_NAME=";
  for (int i = 0; i < kMaxLines && std::getline(file, line); ++i) {
    if (!line.starts_with(kKey)) continue;
    std::string_view name = trimmed(std::string_view(line).substr(kKey.size()));
    if (name.size() >= 2 && name.front() == '"') name = name.substr(1, name.size() - 2);
    if (!name.empty()) return std::string(name);
  }
  return names.sysname;
}

std::string power_source(const fs::path& root) {
  bool has_battery = false;
  bool on_mains = false;
  bool discharging = false;
  for_each_entry(root / "sys/class/power_supply", "", [&](const fs::path& supply) {
    const std::string type = read_line(supply / "type");
    if (type == "Mains" || type == "USB") on_mains |= read_line(supply / "online") == "1";
    if (type != "Battery" || read_line(supply / "scope") == "Device") return;  // a mouse's
    has_battery = true;
    discharging |= read_line(supply / "status") == "Discharging";
  });
  if (on_mains) return "ac";
  if (!has_battery) return "";
  return discharging ? "battery" : "ac";
}

std::optional<double> hottest(const fs::path& root) {
  std::optional<double> celsius;
  for_each_entry(root / "sys/class/thermal", "thermal_zone", [&](const fs::path& zone) {
    const auto millidegrees = read_number(zone / "temp");
    // Absent sensors report absurd values.
    if (!millidegrees || *millidegrees < -50e3 || *millidegrees > 200e3) return;
    celsius = std::max(celsius.value_or(-1e9), *millidegrees / 1000);
  });
  return celsius;
}

std::vector<int> usable_cpus() {
  std::vector<int> cpus;
  // Larger masks are needed on machines with more processors than the default's 1,024.
  for (int size = CPU_SETSIZE; size <= 64 * CPU_SETSIZE; size *= 2) {
    const auto free_set = [](cpu_set_t* set) { CPU_FREE(set); };
    const std::unique_ptr<cpu_set_t, decltype(free_set)> set(CPU_ALLOC(size), free_set);
    const std::size_t bytes = CPU_ALLOC_SIZE(size);
    if (!set || sched_getaffinity(0, bytes, set.get()) != 0) continue;
    for (int cpu = 0; cpu < size; ++cpu) {
      if (CPU_ISSET_S(cpu, bytes, set.get())) cpus.push_back(cpu);
    }
    break;
  }
  return cpus;
}

// "0-3,8".
std::string ranges(const std::vector<int>& ascending) {
  std::string text;
  for (std::size_t i = 0; i < ascending.size();) {
    std::size_t last = i;
    while (last + 1 < ascending.size() && ascending[last + 1] == ascending[last] + 1) ++last;
    if (!text.empty()) text += ',';
    text += last == i ? fmt::format("{}", ascending[i])
                      : fmt::format("{}-{}", ascending[i], ascending[last]);
    i = last + 1;
  }
  return text;
}

fs::path cpu_folder(const fs::path& root, int cpu) {
  return root / "sys/devices/system/cpu" / fmt::format("cpu{}", cpu);
}

// By the frequency driver, else by /proc/cpuinfo (which virtual machines have, mostly constant).
std::optional<double> mean_frequency_mhz(const fs::path& root, const std::vector<int>& cpus) {
  double sum = 0;
  int count = 0;
  for (const int cpu : cpus) {
    if (const auto khz = read_number(cpu_folder(root, cpu) / "cpufreq/scaling_cur_freq")) {
      sum += *khz / 1000;
      ++count;
    }
  }
  if (count == 0) {
    std::ifstream file(root / "proc/cpuinfo");
    std::string line;
    for (int i = 0; i < kMaxLines && std::getline(file, line); ++i) {
      const auto colon = line.find(':');
      if (!line.starts_with("cpu MHz") || colon == std::string::npos) continue;
      if (const auto mhz = parse_number(std::string_view(line).substr(colon + 1))) {
        sum += *mhz;
        ++count;
      }
    }
  }
  return count > 0 ? std::optional(sum / count) : std::nullopt;
}

std::optional<std::uint64_t> throttle_events(const fs::path& root, const std::vector<int>& cpus) {
  std::optional<std::uint64_t> events;
  for (const int cpu : cpus) {
    const auto count = read_number(cpu_folder(root, cpu) / "thermal_throttle/core_throttle_count");
    if (count && *count >= 0 && *count < 1e15) {
      events = events.value_or(0) + static_cast<std::uint64_t>(*count);
    }
  }
  return events;
}

}  // namespace

Environment read_environment(const EnvironmentOptions& options) {
  const fs::path& root = options.root;
  Environment environment;
  utsname names{};
  if (uname(&names) == 0) {
    environment.os = os_name(root, names);
    environment.kernel = names.release;
  }
  environment.machine = read_line(root / "sys/class/dmi/id/product_name");
  environment.cpu_model = cpu_model_name();
  const std::vector<int> cpus = usable_cpus();
  environment.cpus = static_cast<std::size_t>(std::max(sysconf(_SC_NPROCESSORS_ONLN), 1L));
  environment.power_source = power_source(root);
  environment.temperature_celsius = hottest(root);
  environment.throttle_events = throttle_events(root, cpus);
  environment.load_1min = read_number(root / "proc/loadavg");
  environment.frequency_mhz = mean_frequency_mhz(root, cpus);
  if (!cpus.empty()) {
    environment.governor = read_line(cpu_folder(root, cpus.front()) / "cpufreq/scaling_governor");
  }
  environment.threads = options.threads;
  environment.affinity = ranges(cpus);
  environment.isa = options.isa;
  return environment;
}

}  // namespace anebench::measure

#endif  // defined(__linux__)
