// What `doctor` prints: this machine, the way to the Neural Engine, what runs here, what to do.
// Pure; thread-safe.
#pragma once

#include <span>

#include "anebench/device/ane/ane_device.h"
#include "anebench/device/device.h"
#include "anebench/measure/environment.h"
#include "anebench/report/document.h"

namespace anebench::report {

struct DoctorFindings {
  measure::Environment environment;
  device::AneInspection engine;
  std::span<const device::DeviceListing> devices;
};

Document doctor_report(const DoctorFindings& findings);

}  // namespace anebench::report
