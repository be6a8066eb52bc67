// The Neural Engine as a device, through the system's private framework (framework.h).
//
//   ANEBENCH_ASSIGN(device, open_ane());
//
// What a program needs to get onto the engine is done here and said in the executable's notes:
// text in the form that the compiler takes, surfaces of a size that every host accepts, inputs and
// outputs in the engine's order. It is not bit-exact: the engine rounds as it likes.
// Thread-safe as device.h says.
#pragma once

#include <memory>
#include <string>

#include "anebench/device/ane/framework.h"
#include "anebench/device/device.h"

namespace anebench::device {

// Errors: unavailable, with what is missing.
Result<std::unique_ptr<Device>> open_ane();

// Why there is none on this machine; empty where there is.
std::string ane_unavailable_reason();

// What `doctor` says of it.
struct AneInspection {
  ane::FrameworkLocation location;
  ane::Survey survey;
  std::string obstacle;  // empty where the engine can be used
  ane::EngineFacts engine;
  std::string temporary_directory;
  // Why models' folders cannot be made in it; empty where they can.
  std::string folder_problem;
  // What killed processes had left there, now removed.
  std::size_t abandoned_folders = 0;
};
AneInspection inspect_ane();

}  // namespace anebench::device
