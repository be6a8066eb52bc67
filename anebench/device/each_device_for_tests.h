// For tests that run on every device that this build knows. A device that is not on this machine
// is skipped with its reason.
//
//   class Loops : public OnEachDevice {};
//   INSTANTIATE_TEST_SUITE_P(Devices, Loops, testing::ValuesIn(list_devices()), device_test_name);
//   TEST_P(Loops, Run) { … device_ … }
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "anebench/device/device.h"

namespace anebench::device {

// So that tests are named by the device, not by the bytes of the parameter.
inline void PrintTo(const DeviceListing& listing, std::ostream* out) { *out << listing.name; }

// Devices that run whatever the language has: loops, lists, states, unknown dimensions. The Neural
// Engine takes none of these.
inline std::vector<DeviceListing> general_devices() {
  std::vector<DeviceListing> devices = list_devices();
  std::erase_if(devices, [](const DeviceListing& device) { return device.name == "ane"; });
  return devices;
}

inline std::string device_test_name(const testing::TestParamInfo<DeviceListing>& listing) {
  std::string name = listing.param.name;
  for (char& c : name) c = c == ':' ? '_' : c;
  return name;
}

class OnEachDevice : public testing::TestWithParam<DeviceListing> {
 protected:
  void SetUp() override {
    if (!GetParam().unavailable_reason.empty()) GTEST_SKIP() << GetParam().unavailable_reason;
    auto opened = open(GetParam().name, {.threads = 2});
    ASSERT_TRUE(opened) << opened.error().to_string();
    device_ = std::move(*opened);
  }

  std::unique_ptr<Device> device_;
};

}  // namespace anebench::device
