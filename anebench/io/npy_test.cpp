#include "anebench/io/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "anebench/base/bytes.h"
#include "anebench/base/file.h"

namespace anebench::io {
namespace {

using testing::HasSubstr;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// A file of the given version with this header and these data.
std::string file_of(const std::string& header, const std::string& data, int version = 1) {
  std::string file = "\x93NUMPY";
  file += static_cast<char>(version);
  file += '\0';
  const std::size_t length = header.size() + 1;
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) {
    file += static_cast<char>((length >> (8 * i)) & 0xff);
  }
  return file + header + "\n" + data;
}

std::string header_of(const std::string& descr, const std::string& shape,
                      const std::string& fortran = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
}

std::vector<int> small_elements(const NpyArray& array) {
  std::vector<int> elements;
  for (std::size_t i = 0; i < array.element_count(); ++i) {
    elements.push_back(load_le<std::int16_t>(array.bytes, i * 2));
  }
  return elements;
}

TEST(Npy, ReadsWhatItWrites) {
  const std::vector<std::vector<std::int64_t>> shapes = {{},  {3},       {2, 3},
                                                         {0}, {4, 0, 7}, {1, 2, 3, 4}};
  for (const NpyType type : {NpyType::boolean, NpyType::fp16, NpyType::fp32, NpyType::fp64,
                             NpyType::int8, NpyType::int16, NpyType::int32, NpyType::int64,
                             NpyType::uint8, NpyType::uint16, NpyType::uint32, NpyType::uint64}) {
    for (const std::vector<std::int64_t>& shape : shapes) {
      NpyArray array{.type = type, .shape = shape, .bytes = {}};
      std::int64_t count = 1;
      for (const std::int64_t extent : shape) count *= extent;
      for (std::size_t i = 0; i < static_cast<std::size_t>(count) * size_of(type); ++i) {
        array.bytes.push_back(static_cast<std::byte>(type == NpyType::boolean ? i % 2 : i));
      }
      const auto file = write_npy(array);
      ASSERT_TRUE(file) << file.error().to_string();
      EXPECT_EQ((file->size() - array.bytes.size()) % 64, 0U) << "data are aligned";
      const auto back = read_npy(*file);
      ASSERT_TRUE(back) << back.error().to_string();
      EXPECT_EQ(*back, array);
    }
  }
}

TEST(Npy, WritesNumPysOwnHeader) {
  const auto file = write_npy({.type = NpyType::fp32, .shape = {1}, .bytes = {4, std::byte{0}}});
  ASSERT_TRUE(file);
  const std::string text(reinterpret_cast<const char*>(file->data()), file->size());
  EXPECT_TRUE(text.starts_with(std::string("\x93NUMPY\x01\x00\x76\x00", 10)));
  EXPECT_THAT(text, HasSubstr("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }   "));
  EXPECT_EQ(text[127], '\n');
}

TEST(Npy, ReadsEveryVersion) {
  for (const int version : {1, 2, 3}) {
    const auto array =
        read_npy(bytes_of(file_of(header_of("<i2", "(2,)"), std::string("\1\0\2\0", 4), version)));
    ASSERT_TRUE(array) << version << array.error().to_string();
    EXPECT_EQ(small_elements(*array), (std::vector<int>{1, 2}));
  }
  EXPECT_FALSE(read_npy(bytes_of(file_of(header_of("<i2", "(0,)"), "", 4))));
}

TEST(Npy, SwapsBigEndianElements) {
  const auto array =
      read_npy(bytes_of(file_of(header_of(">i2", "(2,)"), std::string("\0\1\1\0", 4))));
  ASSERT_TRUE(array) << array.error().to_string();
  EXPECT_EQ(small_elements(*array), (std::vector<int>{1, 256}));
}

TEST(Npy, TurnsFortranOrderIntoCOrder) {
  // Of the shape 2x3: columns one after the other.
  const std::string data("\0\0\3\0\1\0\4\0\2\0\5\0", 12);
  const auto array = read_npy(bytes_of(file_of(header_of("<i2", "(2, 3)", "True"), data)));
  ASSERT_TRUE(array) << array.error().to_string();
  EXPECT_EQ(array->shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(small_elements(*array), (std::vector<int>{0, 1, 2, 3, 4, 5}));
}

TEST(Npy, ReadsKeysInAnyOrder) {
  const auto array = read_npy(bytes_of(
      file_of("{\"shape\": (1L,), \"fortran_order\": False, \"descr\": \"|b1\"}", "\x07")));
  ASSERT_TRUE(array) << array.error().to_string();
  EXPECT_EQ(array->type, NpyType::boolean);
  EXPECT_EQ(array->bytes, std::vector<std::byte>{std::byte{1}});
}

TEST(Npy, RefusesSizesThatDoNotFit) {
  const std::string two("\0\0\0\0", 4);
  for (const char* shape :
       {"(3,)", "(1,)", "(4294967296, 4294967296)", "(9223372036854775807, 2)", "()", "(0,)"}) {
    const auto array = read_npy(bytes_of(file_of(header_of("<i2", shape), two)));
    ASSERT_FALSE(array) << shape;
    EXPECT_EQ(array.error().code(), ErrorCode::parse_error);
  }
}

TEST(Npy, RefusesMalformedHeaders) {
  for (const char* header :
       {"", "{", "{}", "{'descr': '<i2'}", "{'descr': '<i2', 'fortran_order': 0, 'shape': (0,)}",
        "{'descr': '<i2', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<i2', 'fortran_order': False, 'shape': (0,)} x",
        "{'descr': '<i2', 'descr': '<i2', 'fortran_order': False, 'shape': (0,)}",
        "{'descr': '<i2', 'fortran_order': False, 'shape': (0,), 'other': 1}",
        "{'descr': '<i2, 'fortran_order': False, 'shape': (0,)}"}) {
    EXPECT_FALSE(read_npy(bytes_of(file_of(header, "")))) << header;
  }
}

TEST(Npy, NamesElementsThatItDoesNotRead) {
  for (const char* descr : {"<c8", "|O", "<U3", "<f16", "|i2", "=i2", "i2", ""}) {
    const auto array = read_npy(bytes_of(file_of(header_of(descr, "(0,)"), "")));
    ASSERT_FALSE(array) << descr;
    EXPECT_EQ(array.error().code(), ErrorCode::unsupported);
    EXPECT_THAT(array.error().message(), HasSubstr(descr));
  }
}

TEST(Npy, EveryTruncationIsAnError) {
  const std::string file = file_of(header_of("<i2", "(2,)"), std::string("\1\0\2\0", 4));
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_FALSE(read_npy(bytes_of(file.substr(0, size)))) << size;
  }
}

TEST(Npy, WritingChecksTheShape) {
  EXPECT_FALSE(write_npy({.type = NpyType::fp32, .shape = {2}, .bytes = {4, std::byte{0}}}));
  EXPECT_FALSE(write_npy({.type = NpyType::fp32, .shape = {-1, 0}, .bytes = {}}));
}

TEST(Npy, ErrorsOfFilesNameThePath) {
  const auto folder = TemporaryDirectory::create();
  ASSERT_TRUE(folder);
  const auto path = folder->path() / "x.npy";
  ASSERT_TRUE(write_file_atomically(path, std::string_view("no array")));
  const auto array = read_npy_file(path);
  ASSERT_FALSE(array);
  EXPECT_THAT(array.error().to_string(), HasSubstr("x.npy"));
  ASSERT_TRUE(write_npy_file(path, {.type = NpyType::int8, .shape = {1}, .bytes = {std::byte{7}}}));
  ASSERT_TRUE(read_npy_file(path));
}

}  // namespace
}  // namespace anebench::io
