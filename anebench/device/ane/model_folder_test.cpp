#include "anebench/device/ane/model_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "anebench/base/file.h"

namespace anebench::device::ane {
namespace {

using testing::IsEmpty;

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

// A process that is certain to be gone.
pid_t dead_process() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  return child;
}

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

TEST(ModelFolder, HoldsItsFilesAndLeavesNothing) {
  const auto parent = TemporaryDirectory::create();
  ASSERT_TRUE(parent);
  {
    const auto folder = ModelFolder::create(parent->path(), "abc");
    ASSERT_TRUE(folder) << folder.error().to_string();
    ASSERT_TRUE(folder->write("weights/weight.bin", bytes_of("one")));
    ASSERT_TRUE(folder->write("weights/weight.bin", bytes_of("two")));
    EXPECT_EQ(*read_text_file(parent->path() / "abc/weights/weight.bin"), "two");
    EXPECT_FALSE(folder->write("../outside", bytes_of("x")));
  }
  EXPECT_THAT(names_in(parent->path()), IsEmpty());
}

TEST(ModelFolder, NamesThatLeadOutAreRefused) {
  const auto parent = TemporaryDirectory::create();
  ASSERT_TRUE(parent);
  for (const char* name : {"", "..", "a/b", "/tmp/x"}) {
    EXPECT_FALSE(ModelFolder::create(parent->path(), name)) << name;
  }
  EXPECT_THAT(names_in(parent->path()), IsEmpty());
}

TEST(ModelFolder, WhatADeadProcessLeftIsRemovedAndNothingElse) {
  const auto parent = TemporaryDirectory::create();
  ASSERT_TRUE(parent);
  const auto make = [&](const std::string& marker, const std::string& folder) {
    ASSERT_TRUE(make_directories(parent->path() / folder / "weights"));
    ASSERT_TRUE(write_file_atomically(parent->path() / marker, std::string_view()));
  };
  make(fmt::format("anebench-ane-{}-dead", dead_process()), "dead");
  make(fmt::format("anebench-ane-{}-alive", ::getpid()), "alive");
  make("anebench-ane-x-other", "other");
  make("anebench-ane-1", "none");
  EXPECT_EQ(remove_abandoned_folders(parent->path()), 1u);
  EXPECT_THAT(names_in(parent->path()),
              testing::UnorderedElementsAre("alive", "other", "none",
                                            fmt::format("anebench-ane-{}-alive", ::getpid()),
                                            "anebench-ane-x-other", "anebench-ane-1"));
}

}  // namespace
}  // namespace anebench::device::ane
