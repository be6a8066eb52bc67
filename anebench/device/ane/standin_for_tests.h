// For tests of the Neural Engine's device on the stand-in (tests/ane_standin/). Each test begins
// with the strict personality and a folder for temporary files of its own, and fails where it
// leaves an object, a surface, an open pool or anything in that folder behind.
//
//   class Failures : public OnStandin {};
//   TEST_F(Failures, ARefusalIsNamed) { behave("fail=compile"); … open() … }
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "anebench/base/file.h"
#include "anebench/device/device.h"

namespace anebench::device::ane {

class OnStandin : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // From now on; tests/ane_standin/personality.h has the words.
  static void behave(const std::string& personality);
  // Of what is alive and of what was done (tests/ane_standin/standin_exports.h).
  static std::int64_t count(const char* what);
  // The device `ane`; a failure to open it fails the test.
  static std::unique_ptr<Device> open_device();
  static std::string library();
  // What lies in the folder for temporary files.
  std::vector<std::string> files_left() const;
  const std::filesystem::path& temporary() const { return directory_->path(); }

 private:
  std::optional<TemporaryDirectory> directory_;
  std::string old_temporary_;
  std::int64_t objects_ = 0;
  std::int64_t surfaces_ = 0;
};

}  // namespace anebench::device::ane
