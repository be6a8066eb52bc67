#include "anebench/device/ane/model_folder.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "anebench/base/file.h"

namespace anebench::device::ane {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

class ModelFolderTest : public testing::Test {
 protected:
  ModelFolderTest() : directory_(*TemporaryDirectory::create()) {}

  const std::filesystem::path& parent() const { return directory_.path(); }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(parent())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }
  void make_folder(const std::string& folder, const std::string& file) const {
    ASSERT_TRUE(make_directories(parent() / folder / "weights"));
    ASSERT_TRUE(write_file_atomically(parent() / folder / file, std::string_view("x")));
  }
  void make_marker(const std::string& marker) const {
    ASSERT_TRUE(write_file_atomically(parent() / marker, std::string_view()));
  }

 private:
  TemporaryDirectory directory_;
};

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

TEST_F(ModelFolderTest, HoldsItsFilesAndLeavesNothing) {
  {
    const auto folder = ModelFolder::create(parent(), "A1_b2");
    ASSERT_TRUE(folder) << folder.error().to_string();
    ASSERT_TRUE(folder->write("weights/weight.bin", bytes_of("one")));
    ASSERT_TRUE(folder->write("weights/weight.bin", bytes_of("two")));
    EXPECT_EQ(*read_text_file(parent() / "A1_b2/weights/weight.bin"), "two");
    EXPECT_FALSE(folder->write("../outside", bytes_of("x")));
  }
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(ModelFolderTest, ALinkSharesTheFileUntilOneIsReplaced) {
  const auto first = ModelFolder::create(parent(), "first");
  const auto second = ModelFolder::create(parent(), "second");
  ASSERT_TRUE(first && second);
  const auto file = first->path() / "w.bin";
  ASSERT_TRUE(first->write("w.bin", bytes_of("one")));
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(second->link("weights/w.bin", file));
  EXPECT_EQ(std::filesystem::hard_link_count(file), 2u);
  ASSERT_TRUE(first->write("w.bin", bytes_of("two")));
  EXPECT_EQ(*read_text_file(second->path() / "weights/w.bin"), "one");
  EXPECT_FALSE(second->link("w.bin", parent() / "missing"));
}

TEST_F(ModelFolderTest, NamesThatLeadOutAreRefused) {
  for (const char* name : {"", ".", "..", "a/b", "/x", "a b", "a-b", "ä"}) {
    EXPECT_FALSE(ModelFolder::create(parent(), name)) << name;
  }
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(ModelFolderTest, WhatLiesInTheWayIsNotTaken) {
  ASSERT_TRUE(write_file_atomically(parent() / "file", std::string_view("kept")));
  ASSERT_TRUE(make_directories(parent() / "target"));
  std::filesystem::create_directory_symlink(parent() / "target", parent() / "shortcut");
  EXPECT_FALSE(ModelFolder::create(parent(), "file"));
  EXPECT_FALSE(ModelFolder::create(parent(), "shortcut"));
  EXPECT_THAT(names(), UnorderedElementsAre("file", "target", "shortcut"));
}

TEST_F(ModelFolderTest, WhatADeadProcessLeftIsRemovedAndNothingElse) {
  const pid_t dead = dead_process();
  make_folder("dead", "model.mil");
  make_marker(fmt::format("anebench-ane-{}-dead", dead));
  make_folder("unfinished", "model.mil.new");
  make_marker(fmt::format("anebench-ane-{}-unfinished", dead));
  const std::string alive = fmt::format("anebench-ane-{}-alive", ::getpid());
  make_folder("alive", "model.mil");
  make_marker(alive);
  make_folder("other", "model.mil");
  make_marker("anebench-ane-x-other");
  make_marker("anebench-ane-1");
  EXPECT_EQ(remove_abandoned_folders(parent()), 2u);
  EXPECT_THAT(names(), UnorderedElementsAre("alive", alive, "other", "anebench-ane-x-other",
                                            "anebench-ane-1"));
}

TEST_F(ModelFolderTest, AMarkerRemovesNothingButAModelsFolder) {
  const pid_t dead = dead_process();
  make_folder("documents", "letter.txt");
  make_marker(fmt::format("anebench-ane-{}-documents", dead));
  make_folder("models", "model.mil");
  std::filesystem::create_directory_symlink(parent() / "models", parent() / "shortcut");
  make_marker(fmt::format("anebench-ane-{}-shortcut", dead));
  // Not made by this program, which makes plain files: a link may be anybody's.
  const std::string linked = fmt::format("anebench-ane-{}-models", dead);
  std::filesystem::create_symlink(parent() / "documents/letter.txt", parent() / linked);
  EXPECT_EQ(remove_abandoned_folders(parent()), 0u);
  EXPECT_THAT(names(), UnorderedElementsAre("documents", "models", "shortcut", linked));
}

TEST_F(ModelFolderTest, ALockedMarkerIsInUseWhateverItsProcesssNumberSays) {
  const std::string marker = fmt::format("anebench-ane-{}-container", dead_process());
  make_folder("container", "model.mil");
  make_marker(marker);
  {
    const Descriptor lock(::open((parent() / marker).c_str(), O_RDONLY));
    ASSERT_EQ(::flock(lock.number(), LOCK_EX), 0);
    EXPECT_EQ(remove_abandoned_folders(parent()), 0u);
    EXPECT_THAT(names(), UnorderedElementsAre("container", marker));
  }
  EXPECT_EQ(remove_abandoned_folders(parent()), 1u);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(ModelFolderTest, ProcessesThatShareAParentLeaveEachOthersFoldersUntilTheyAreKilled) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto folder = ModelFolder::create(parent(), "childs");
    const bool is_made = folder && folder->write("model.mil", bytes_of("x"));
    (void)!::write(ready[1], is_made ? "1" : "0", 1);
    for (;;) ::pause();
  }
  char is_made = 0;
  EXPECT_EQ(::read(ready[0], &is_made, 1), 1);
  EXPECT_EQ(is_made, '1');
  EXPECT_EQ(remove_abandoned_folders(parent()), 0u);
  EXPECT_EQ(names().size(), 2u);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
  EXPECT_EQ(remove_abandoned_folders(parent()), 1u);
  EXPECT_THAT(names(), IsEmpty());
}

}  // namespace
}  // namespace anebench::device::ane
