#include "anebench/base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "anebench/base/mapped_file.h"

namespace anebench {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Files : public ::testing::Test {
 protected:
  fs::path path(std::string_view name) const { return directory_.path() / name; }
  void write(std::string_view name, std::string_view content) const {
    ASSERT_TRUE(write_file_atomically(path(name), content));
  }
  std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory_.path()), fs::directory_iterator()));
  }

 private:
  TemporaryDirectory directory_ = TemporaryDirectory::create("anebench-test").value();
};

TEST_F(Files, WhatIsWrittenIsRead) {
  const std::string content("a\0b\r\n\xff", 6);
  write("x", content);
  EXPECT_EQ(read_text_file(path("x")).value(), content);
  const auto bytes = read_file(path("x")).value();
  ASSERT_EQ(bytes.size(), 6U);
  EXPECT_EQ(bytes[5], std::byte{0xff});
  write("x", "");
  EXPECT_EQ(read_text_file(path("x")).value(), "");
}

TEST_F(Files, ReadingHonoursTheLimit) {
  write("x", "12345");
  EXPECT_EQ(read_text_file(path("x"), 5).value(), "12345");
  const auto over = read_text_file(path("x"), 4);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code(), ErrorCode::resource_exhausted);
  EXPECT_THAT(over.error().message(), HasSubstr(path("x").string()));
}

TEST_F(Files, ErrorsNameThePathAndTheReason) {
  const auto missing = read_file(path("missing"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::not_found);
  EXPECT_THAT(missing.error().message(),
              AllOf(HasSubstr(path("missing").string()), HasSubstr("No such file")));
  const auto directory = read_file(path("."));
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().code(), ErrorCode::io_error);
  EXPECT_THAT(directory.error().message(), HasSubstr("directory"));
}

TEST_F(Files, PipesAreRefusedWithoutWaiting) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  const auto content = read_file(path("pipe"));
  ASSERT_FALSE(content);
  EXPECT_THAT(content.error().message(), HasSubstr("not a regular file"));
  EXPECT_FALSE(MappedFile::open(path("pipe")));
}

TEST_F(Files, AtomicWritingReplacesAndLeavesNothingBeside) {
  write("x", "old and long");
  write("x", "new");
  EXPECT_EQ(read_text_file(path("x")).value(), "new");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(Files, AFailedAtomicWriteLeavesNothingBeside) {
  fs::create_directory(path("occupied"));
  const auto result = write_file_atomically(path("occupied"), "x");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message(), HasSubstr("occupied"));
  EXPECT_EQ(entries(), 1U);
  EXPECT_EQ(write_file_atomically(path("no/such/x"), "x").error().code(), ErrorCode::not_found);
}

TEST_F(Files, AppendingKeepsWhatIsThere) {
  {
    AppendFile file = AppendFile::open(path("journal")).value();
    EXPECT_TRUE(file.append("one\n"));
    EXPECT_EQ(read_text_file(path("journal")).value(), "one\n");  // before it is closed
  }
  AppendFile first = AppendFile::open(path("journal")).value();
  AppendFile file = std::move(first);
  EXPECT_TRUE(file.append("two\n"));
  EXPECT_TRUE(file.sync());
  EXPECT_EQ(read_text_file(path("journal")).value(), "one\ntwo\n");
  EXPECT_EQ(AppendFile::open(path("no/such/journal")).error().code(), ErrorCode::not_found);
}

TEST_F(Files, DirectoriesAreMadeWithTheirParents) {
  EXPECT_TRUE(make_directories(path("a/b/c")));
  EXPECT_TRUE(make_directories(path("a/b/c")));
  EXPECT_TRUE(fs::is_directory(path("a/b/c")));
  write("file", "x");
  for (const std::string_view blocked : {"file", "file/below"}) {
    const auto result = make_directories(path(blocked));
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message(), HasSubstr(path(blocked).string()));
  }
}

TEST(TemporaryDirectory, VanishesWithItsContent) {
  fs::path path;
  {
    TemporaryDirectory directory = TemporaryDirectory::create("anebench-test").value();
    path = directory.path();
    EXPECT_THAT(path.filename().string(), HasSubstr("anebench-test"));
    EXPECT_TRUE(make_directories(path / "a/b"));
    EXPECT_TRUE(write_file_atomically(path / "a/b/x", "x"));
    const TemporaryDirectory moved = std::move(directory);
    EXPECT_TRUE(fs::exists(path));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(TemporaryDirectory, StaysOnceReleased) {
  const fs::path path = TemporaryDirectory::create("anebench-test").value().release();
  EXPECT_TRUE(fs::exists(path));
  fs::remove_all(path);
}

TEST(JoinInside, AcceptsPathsBelowTheRoot) {
  EXPECT_EQ(join_inside("root", "weights/weight.bin").value(), fs::path("root/weights/weight.bin"));
  EXPECT_EQ(join_inside("root", "..a/b..").value(), fs::path("root/..a/b.."));
}

TEST(JoinInside, RefusesPathsThatCouldLeaveTheRoot) {
  for (const std::string_view bad : {"", "/etc/passwd", "..", "a/../../b", "a/..", "../x"}) {
    const auto joined = join_inside("root", bad);
    ASSERT_FALSE(joined) << bad;
    EXPECT_EQ(joined.error().code(), ErrorCode::invalid_argument);
  }
  EXPECT_FALSE(join_inside("root", std::string_view("a\0b", 3)));
}

TEST_F(Files, MappingShowsTheContent) {
  std::string content(100000, 'x');
  content[99999] = 'y';
  write("x", content);
  MappedFile opened = MappedFile::open(path("x")).value();
  const std::byte* data = opened.bytes().data();
  const MappedFile file = std::move(opened);
  ASSERT_EQ(file.bytes().size(), content.size());
  EXPECT_EQ(file.bytes().data(), data);
  EXPECT_EQ(file.bytes()[99999], std::byte{'y'});
  fs::remove(path("x"));
  EXPECT_EQ(file.bytes()[0], std::byte{'x'});  // the mapping keeps the file
}

TEST_F(Files, MappingAnEmptyFileGivesNothing) {
  write("x", "");
  EXPECT_TRUE(MappedFile::open(path("x")).value().bytes().empty());
}

TEST_F(Files, MappingRefusesWhatIsNoRegularFile) {
  EXPECT_EQ(MappedFile::open(path("missing")).error().code(), ErrorCode::not_found);
  EXPECT_EQ(MappedFile::open(path(".")).error().code(), ErrorCode::io_error);
  EXPECT_EQ(MappedFile::open("/dev/null").error().code(), ErrorCode::io_error);
}

}  // namespace
}  // namespace anebench
