#include "anebench/device/ane/standin_for_tests.h"

#include <dlfcn.h>
#include <stdlib.h>

#include <utility>

#include "anebench/base/env.h"
#include "anebench/device/ane/ane_device.h"
#include "anebench/device/ane/compile_budget.h"

namespace anebench::device::ane {
namespace {

template <typename Function>
Function standin_function(const char* name) {
  static void* library = ::dlopen(ANEBENCH_ANE_STANDIN_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    ADD_FAILURE() << ::dlerror();
    std::abort();
  }
  return reinterpret_cast<Function>(::dlsym(library, name));
}

}  // namespace

std::string OnStandin::library() { return ANEBENCH_ANE_STANDIN_LIBRARY; }

void OnStandin::behave(const std::string& personality) {
  standin_function<void (*)(const char*)>("anebench_standin_configure")(personality.c_str());
}

std::int64_t OnStandin::count(const char* what) {
  return standin_function<std::int64_t (*)(const char*)>("anebench_standin_count")(what);
}

std::unique_ptr<Device> OnStandin::open_device() {
  auto device = open_ane();
  if (!device) {
    ADD_FAILURE() << device.error().to_string();
    std::abort();
  }
  return std::move(*device);
}

std::vector<std::string> OnStandin::files_left() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(temporary())) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

void OnStandin::SetUp() {
  auto directory = TemporaryDirectory::create("anebench-test");
  ASSERT_TRUE(directory) << directory.error().to_string();
  directory_.emplace(std::move(*directory));
  old_temporary_ = env("TMPDIR").value_or("");
  ::setenv("TMPDIR", directory_->path().c_str(), 1);
  ::setenv("ANEBENCH_ANE_FRAMEWORK", ANEBENCH_ANE_STANDIN_LIBRARY, 1);
  behave("");
  compile_budget().reset();
  objects_ = count("objects");
  surfaces_ = count("surfaces");
}

void OnStandin::TearDown() {
  behave("");
  EXPECT_EQ(count("objects"), objects_);
  EXPECT_EQ(count("surfaces"), surfaces_);
  EXPECT_EQ(count("pools"), 0);
  EXPECT_EQ(files_left(), std::vector<std::string>());
  if (old_temporary_.empty()) {
    ::unsetenv("TMPDIR");
  } else {
    ::setenv("TMPDIR", old_temporary_.c_str(), 1);
  }
}

}  // namespace anebench::device::ane
