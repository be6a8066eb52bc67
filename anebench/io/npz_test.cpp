#include "anebench/io/npz.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "anebench/base/file.h"
#include "test_data.h"

namespace anebench::io {
namespace {

using testing::HasSubstr;

NpyArray bytes_array(std::vector<std::byte> bytes) {
  const auto count = static_cast<std::int64_t>(bytes.size());
  return {.type = NpyType::uint8, .shape = {count}, .bytes = std::move(bytes)};
}

NpzArrays two_arrays() {
  return {{"x", bytes_array({std::byte{1}, std::byte{2}})},
          {"folder/y", bytes_array(std::vector<std::byte>(1000, std::byte{7}))}};
}

std::string text_of(std::vector<std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

class Npz : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_npz()) GTEST_SKIP() << "this build has no libzip";
  }
  // An archive as a text, so that it is easily damaged.
  static std::string archive() { return text_of(write_npz(two_arrays()).value()); }
  static std::string error_of(std::string_view file, std::uint64_t limit = kNpzReadLimit) {
    const auto arrays = read_npz(bytes_of(file), limit);
    return arrays ? "none" : arrays.error().to_string();
  }
};

TEST_F(Npz, WhatIsWrittenIsRead) {
  const auto folder = TemporaryDirectory::create();
  ASSERT_TRUE(folder);
  const auto path = folder->path() / "a.npz";
  ASSERT_TRUE(write_npz_file(path, two_arrays()));
  const auto arrays = read_npz_file(path);
  ASSERT_TRUE(arrays) << arrays.error().to_string();
  EXPECT_EQ(*arrays, two_arrays());
}

TEST_F(Npz, EqualArraysMakeEqualFiles) { EXPECT_EQ(archive(), archive()); }

TEST_F(Npz, ReadsWhatNumPyDeflates) {
  const auto arrays = read_npz_file(tests::testdata("fuzz/npz_fuzzer/deflated.npz"));
  ASSERT_TRUE(arrays) << arrays.error().to_string();
  EXPECT_EQ(*arrays, (NpzArrays{{"x", bytes_array(std::vector<std::byte>(200))}}));
}

TEST_F(Npz, ABombIsRefusedBeforeItIsUnpacked) {
  // 8 MiB of zeros in 8 KiB.
  const auto bomb = tests::testdata("fuzz/npz_fuzzer/bomb.npz");
  const auto arrays = read_npz_file(bomb, 1 << 20);
  ASSERT_FALSE(arrays);
  EXPECT_EQ(arrays.error().code(), ErrorCode::resource_exhausted);
  EXPECT_THAT(arrays.error().to_string(), HasSubstr("more than 1048576 bytes"));
}

TEST_F(Npz, ArraysAreCountedTogether) {
  EXPECT_EQ(error_of(archive(), 2000), "none");
  EXPECT_THAT(error_of(archive(), 1200), HasSubstr("more than 1200 bytes"));
}

TEST_F(Npz, DamageIsAnError) {
  std::string file = archive();
  // Content of the second array: the checksum no longer fits.
  file[file.find("\7\7\7")] = 8;
  EXPECT_THAT(error_of(file), HasSubstr("is damaged"));
  EXPECT_THAT(error_of(archive().substr(0, 300)), HasSubstr("no npz archive"));
  EXPECT_THAT(error_of("\x93NUMPY"), HasSubstr("no npz archive"));
  EXPECT_THAT(error_of(""), HasSubstr("no npz archive"));
}

TEST_F(Npz, AnEntryThatIsNoArrayIsNamed) {
  std::string file = archive();
  for (std::size_t at = file.find("x.npy"); at != std::string::npos;
       at = file.find("x.npy", at + 1)) {
    file.replace(at, 5, "x.txt");
  }
  EXPECT_THAT(error_of(file), HasSubstr("x.txt"));
}

TEST(NpzWithoutLibzip, SaysSo) {
  if (has_npz()) GTEST_SKIP() << "this build has libzip";
  const auto arrays = read_npz({});
  ASSERT_FALSE(arrays);
  EXPECT_EQ(arrays.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(arrays.error().message(), HasSubstr("libzip"));
}

}  // namespace
}  // namespace anebench::io
