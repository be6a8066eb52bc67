#include <fmt/format.h>

#include "anebench/base/cpu_features.h"
#include "anebench/device/ane/ane_device.h"
#include "anebench/device/chip/chip_device.h"
#include "anebench/device/cpu/cpu_device.h"
#include "anebench/device/device.h"
#include "anebench/device/reference/reference_device.h"

namespace anebench::device {
namespace {

constexpr Isa kAllIsas[] = {Isa::avx512vnni, Isa::avx512, Isa::avx2,
                            Isa::neondot,    Isa::neon,   Isa::portable};

constexpr std::string_view kDequantizing = "cpu:dequant";
constexpr std::string_view kNeuralEngine = "ane";

std::string unavailable_reason(Isa isa) {
  if (isa_available(isa)) return "";
  return fmt::format("this processor ({}) does not have the instructions of {}", cpu_model_name(),
                     to_string(isa));
}

}  // namespace

std::vector<DeviceListing> list_devices() {
  std::vector<DeviceListing> devices = {
      {"reference", "exact and slow: each op in double, rounded once to its type", ""},
      {"cpu", "this machine's processor, with its best instructions", ""},
  };
  for (const Isa isa : kAllIsas) {
    devices.push_back({fmt::format("cpu:{}", to_string(isa)),
                       fmt::format("this machine's processor, limited to {}", to_string(isa)),
                       unavailable_reason(isa)});
  }
  devices.push_back({std::string(kDequantizing),
                     "a control: cpu without integer arithmetic, known not to be native int8", ""});
  devices.push_back(
      {std::string(kNeuralEngine), "Apple's Neural Engine", ane_unavailable_reason()});
  return devices;
}

Result<std::unique_ptr<Device>> open(std::string_view name, const DeviceOptions& options) {
  if (name == "reference") return open_reference(options);
  if (name == "cpu") {
    ANEBENCH_ASSIGN(isa, selected_isa());
    return open_cpu("cpu", isa, options);
  }
  if (name == kNeuralEngine) return open_ane();
  if (name == kDequantizing) {
    ANEBENCH_ASSIGN(isa, selected_isa());
    return open_cpu(std::string(kDequantizing), isa, options, Int8Kernels::left_out);
  }
  if (name.starts_with("cpu:")) {
    if (const auto isa = parse_isa(name.substr(4))) {
      if (const std::string reason = unavailable_reason(*isa); !reason.empty()) {
        return fail(ErrorCode::unavailable, "device {}: {}", name, reason);
      }
      return open_cpu(std::string(name), *isa, options);
    }
  }
  if (name.starts_with(kChipPrefix)) return open_chip(name.substr(kChipPrefix.size()));
  std::string known;
  for (const DeviceListing& listing : list_devices()) {
    if (listing.unavailable_reason.empty()) known += (known.empty() ? "" : ", ") + listing.name;
  }
  return fail(ErrorCode::invalid_argument,
              "there is no device \"{}\"; this machine has {}, and chip:NAME predicts (anebench "
              "chips lists them)",
              name, known);
}

}  // namespace anebench::device
