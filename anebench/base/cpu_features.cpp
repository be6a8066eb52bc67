#include "anebench/base/cpu_features.h"

#include <algorithm>
#include <fstream>
#include <thread>

#include "anebench/base/env.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#if defined(__linux__)
#include <sched.h>
#include <sys/auxv.h>
#endif
#if defined(__APPLE__)
#include <sys/sysctl.h>
#endif

namespace anebench {
namespace {

#if defined(__x86_64__)

struct CpuidResult {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

CpuidResult cpuid(unsigned leaf, unsigned subleaf) {
  CpuidResult r;
  if (__get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx) == 0) return {};
  return r;
}

// The register state that the operating system saves (XCR0).
std::uint64_t saved_state() {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return std::uint64_t{high} << 32 | low;
}

// Bit numbers: Intel 64 and IA-32 Architectures Software Developer's Manual, vol. 2A, CPUID, and
// vol. 1, 13.1 (XCR0).
bool x86_isa_available(Isa isa) {
  const auto bit = [](unsigned word, int index) { return (word >> index & 1) != 0; };
  const CpuidResult leaf1 = cpuid(1, 0);
  const CpuidResult leaf7 = cpuid(7, 0);
  const bool osxsave = bit(leaf1.ecx, 27);
  if (!osxsave) return false;
  const std::uint64_t state = saved_state();
  constexpr std::uint64_t kYmm = 0x6;   // SSE, AVX
  constexpr std::uint64_t kZmm = 0xe0;  // opmask, ZMM high parts
  const bool avx2 = bit(leaf1.ecx, 12) /* FMA */ && bit(leaf1.ecx, 28) /* AVX */ &&
                    bit(leaf1.ecx, 29) /* F16C */ && bit(leaf7.ebx, 5) /* AVX2 */ &&
                    (state & kYmm) == kYmm;
  if (isa == Isa::avx2) return avx2;
  const bool avx512 = avx2 && bit(leaf7.ebx, 16) /* F */ && bit(leaf7.ebx, 17) /* DQ */ &&
                      bit(leaf7.ebx, 30) /* BW */ && bit(leaf7.ebx, 31) /* VL */ &&
                      (state & kZmm) == kZmm;
  if (isa == Isa::avx512) return avx512;
  return isa == Isa::avx512vnni && avx512 && bit(leaf7.ecx, 11) /* VNNI */;
}

#endif

#if defined(__aarch64__)

bool has_dot_product() {
#if defined(__linux__)
  constexpr unsigned long kAsimdDp = 1UL << 20;  // HWCAP_ASIMDDP, Linux: arch/arm64 uapi hwcap.h
  return (getauxval(AT_HWCAP) & kAsimdDp) != 0;
#elif defined(__APPLE__)
  int value = 0;
  std::size_t size = sizeof(value);
  return sysctlbyname("hw.optional.arm.FEAT_DotProd", &value, &size, nullptr, 0) == 0 && value != 0;
#else
  return false;
#endif
}

#endif

std::string joined_available() {
  std::string names;
  for (const Isa isa : available_isas()) {
    if (!names.empty()) names += ", ";
    names += to_string(isa);
  }
  return names;
}

#if defined(__linux__)

// Core names by implementer and part: Arm's "Main ID Register" lists, as in Linux's cputype.h.
struct ArmCore {
  std::string_view implementer, part, name;
};
constexpr ArmCore kArmCores[] = {
    {"0x41", "0xd03", "Arm Cortex-A53"},  {"0x41", "0xd05", "Arm Cortex-A55"},
    {"0x41", "0xd08", "Arm Cortex-A72"},  {"0x41", "0xd0b", "Arm Cortex-A76"},
    {"0x41", "0xd0c", "Arm Neoverse-N1"}, {"0x41", "0xd40", "Arm Neoverse-V1"},
    {"0x41", "0xd49", "Arm Neoverse-N2"}, {"0x41", "0xd4f", "Arm Neoverse-V2"},
    {"0x61", "0x022", "Apple M1"},        {"0x61", "0x023", "Apple M1"},
    {"0x61", "0x032", "Apple M2"},        {"0x61", "0x033", "Apple M2"},
};

std::string model_name_from_proc() {
  std::ifstream file("/proc/cpuinfo");
  std::string implementer;
  std::string part;
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string key = line.substr(0, line.find_last_not_of(" \t", colon - 1) + 1);
    const std::size_t start = line.find_first_not_of(" \t", colon + 1);
    if (start == std::string::npos) continue;
    const std::string value = line.substr(start);
    if (key == "model name") return value;
    if (key == "CPU implementer" && implementer.empty()) implementer = value;
    if (key == "CPU part" && part.empty()) part = value;
  }
  if (implementer.empty()) return {};
  for (const ArmCore& core : kArmCores) {
    if (core.implementer == implementer && core.part == part) return std::string(core.name);
  }
  return fmt::format("Arm 64 (implementer {}, part {})", implementer, part);
}

#endif

}  // namespace

std::string_view to_string(Isa isa) {
  switch (isa) {
    case Isa::portable: return "portable";
    case Isa::avx2: return "avx2";
    case Isa::avx512: return "avx512";
    case Isa::avx512vnni: return "avx512vnni";
    case Isa::neon: return "neon";
    case Isa::neondot: break;
  }
  return "neondot";
}

std::optional<Isa> parse_isa(std::string_view name) {
  const auto* found =
      std::ranges::find_if(kAllIsas, [&](Isa isa) { return to_string(isa) == name; });
  if (found == std::end(kAllIsas)) return std::nullopt;
  return *found;
}

bool isa_available(Isa isa) {
  if (isa == Isa::portable) return true;
#if defined(__x86_64__)
  return x86_isa_available(isa);
#elif defined(__aarch64__)
  return isa == Isa::neon || (isa == Isa::neondot && has_dot_product());
#else
  return false;
#endif
}

std::vector<Isa> available_isas() {
  std::vector<Isa> available;
  std::ranges::copy_if(kAllIsas, std::back_inserter(available), isa_available);
  return available;
}

Isa best_isa() { return available_isas().back(); }

Result<Isa> selected_isa() {
  const std::string wanted = env("ANEBENCH_ISA").value_or("");
  if (wanted.empty()) return best_isa();
  const std::optional<Isa> isa = parse_isa(wanted);
  if (!isa) {
    return fail(ErrorCode::invalid_argument,
                "ANEBENCH_ISA is \"{}\", which is not an instruction set known here; this machine "
                "has {}",
                wanted, joined_available());
  }
  if (!isa_available(*isa)) {
    return fail(ErrorCode::unavailable,
                "ANEBENCH_ISA asks for {}, which this machine lacks; it has {}", wanted,
                joined_available());
  }
  return *isa;
}

std::string cpu_model_name() {
  std::string name;
#if defined(__linux__)
  name = model_name_from_proc();
#elif defined(__APPLE__)
  char buffer[256] = {};
  std::size_t size = sizeof(buffer) - 1;
  if (sysctlbyname("machdep.cpu.brand_string", buffer, &size, nullptr, 0) == 0) name = buffer;
#endif
  if (!name.empty()) return name;
#if defined(__x86_64__)
  return "x86-64";
#elif defined(__aarch64__)
  return "Arm 64";
#else
  return "unknown processor";
#endif
}

int hardware_threads() {
#if defined(__linux__)
  // The kernel refuses a mask smaller than its own, so ask with larger ones until it fits.
  for (std::size_t cpus = 1024; cpus <= std::size_t{1} << 20; cpus *= 4) {
    std::vector<unsigned long> mask(cpus / (8 * sizeof(unsigned long)));
    const std::size_t bytes = mask.size() * sizeof(unsigned long);
    auto* set = reinterpret_cast<cpu_set_t*>(mask.data());
    if (sched_getaffinity(0, bytes, set) == 0) return std::max(1, CPU_COUNT_S(bytes, set));
  }
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace anebench
