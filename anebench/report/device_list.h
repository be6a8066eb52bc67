// The list that `devices` prints. Pure; thread-safe.
#pragma once

#include <span>
#include <vector>

#include "anebench/device/device.h"
#include "anebench/report/document.h"

namespace anebench::report {

struct ListedDevice {
  device::DeviceListing listing;
  // Where they were asked for.
  std::vector<device::Peak> peaks;
};

// Name, availability with its reason, description; with `has_peaks` also each peak and its origin.
Document device_list(std::span<const ListedDevice> devices, bool has_peaks);

}  // namespace anebench::report
