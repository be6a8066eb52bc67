#include "anebench/weights/blob_file_writer.h"

#include <gmock/gmock.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "anebench/base/bytes.h"
#include "anebench/base/file.h"
#include "anebench/base/mapped_file.h"
#include "anebench/weights/blob_format.h"
#include "anebench/weights/weights_test_util.h"

namespace anebench::weights {
namespace {

using mil::DataType;
using testing::ElementsAre;
using testing::HasSubstr;

struct KnownAnswer {
  DataType type;
  std::vector<double> values;
  std::vector<std::byte> bytes;
  std::uint64_t padding;
};

// Generated with Apple's writer (coremltools' BlobStorage).
const std::vector<KnownAnswer>& known_answers() {
  static const std::vector<KnownAnswer> answers = {
      {DataType::int4, {-8, 7, -1, 3, 5}, bytes_of({0x78, 0x3f, 0x05}), 4},
      {DataType::uint4, {1, 2, 15}, bytes_of({0x21, 0x0f}), 4},
      {DataType::uint3,
       {1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3},
       bytes_of({0xd1, 0x58, 0x1f, 0xd1, 0x00}),
       7},
      {DataType::uint6, {1, 2, 3, 63, 5}, bytes_of({0x81, 0x30, 0xfc, 0x05}), 2},
      {DataType::uint2, {3, 0, 1, 2, 1}, bytes_of({0x93, 0x01}), 6},
      {DataType::uint1, {1, 0, 1, 1, 0, 0, 0, 1, 1}, bytes_of({0x8d, 0x01}), 7},
  };
  return answers;
}

TEST(BlobFileWriter, WritesSubByteBlobsAsApplesWriterDoes) {
  for (const KnownAnswer& answer : known_answers()) {
    SCOPED_TRACE(mil::to_string(answer.type));
    std::vector<std::byte> packed(answer.bytes.size());
    for (std::size_t i = 0; i < answer.values.size(); ++i) {
      mil::store_packed_element(answer.type, packed, i, answer.values[i]);
    }
    EXPECT_EQ(packed, answer.bytes);

    auto writer = BlobFileWriter::in_memory();
    ASSERT_EQ(writer.append(answer.type, packed, answer.values.size()), 64u);
    const auto image = writer.take_image();
    ASSERT_EQ(image.size(), 128 + packed.size());
    const auto metadata = decode_blob_metadata(std::span(image).subspan<64, 64>());
    EXPECT_EQ(metadata.sentinel, 0xDEADBEEF);
    EXPECT_EQ(metadata.type_number, blob_type_number(answer.type));
    EXPECT_EQ(metadata.size_in_bytes, packed.size());
    EXPECT_EQ(metadata.data_offset, 128u);
    EXPECT_EQ(metadata.padding_bits, answer.padding);
    EXPECT_EQ(to_vector(std::span(image).subspan(128)), answer.bytes);
  }
}

TEST(BlobFileWriter, WritesEveryByteOfASmallFileAsSpecified) {
  auto writer = BlobFileWriter::in_memory();
  EXPECT_EQ(writer.append(DataType::fp16, bytes_of({1, 2, 3, 4, 5, 6}), 3), 64u);
  EXPECT_EQ(writer.append(DataType::int8, bytes_of({7}), 1), 192u);
  EXPECT_EQ(writer.count(), 2u);
  EXPECT_EQ(writer.size(), 257u);

  std::vector<std::byte> expected(257);
  store_le<std::uint32_t>(expected, 0, 2);
  store_le<std::uint32_t>(expected, 4, 2);
  store_le<std::uint32_t>(expected, 64, 0xDEADBEEF);
  store_le<std::uint32_t>(expected, 68, 1);
  store_le<std::uint64_t>(expected, 72, 6);
  store_le<std::uint64_t>(expected, 80, 128);
  for (std::size_t i = 0; i < 6; ++i) expected[128 + i] = static_cast<std::byte>(i + 1);
  store_le<std::uint32_t>(expected, 192, 0xDEADBEEF);
  store_le<std::uint32_t>(expected, 196, 4);
  store_le<std::uint64_t>(expected, 200, 1);
  store_le<std::uint64_t>(expected, 208, 256);
  expected[256] = std::byte{7};
  EXPECT_EQ(writer.take_image(), expected);
}

TEST(BlobFileWriter, StartsEachBlobAtAMultipleOf64WhateverTheSizes) {
  auto writer = BlobFileWriter::in_memory();
  std::uint64_t end = 64;
  for (const std::size_t size : {0u, 1u, 63u, 64u, 65u, 127u, 128u, 200u}) {
    const auto offset = writer.append(DataType::uint8, random_bytes(size, size), size);
    ASSERT_TRUE(offset);
    EXPECT_EQ(*offset, align_up<std::uint64_t>(end, 64));
    end = *offset + 64 + size;
    EXPECT_EQ(writer.size(), end);
  }
}

TEST(BlobFileWriter, ClearsUnusedBitsOfTheLastByte) {
  auto writer = BlobFileWriter::in_memory();
  ASSERT_TRUE(writer.append(DataType::uint3, bytes_of({0xff, 0xff}), 3));
  ASSERT_TRUE(writer.append(DataType::int4, bytes_of({0xff}), 1));
  const auto image = writer.take_image();
  EXPECT_EQ(image[128], std::byte{0xff});
  EXPECT_EQ(image[129], std::byte{0x01});
  EXPECT_EQ(image[256], std::byte{0x0f});
}

TEST(BlobFileWriter, AppendsImmediateValuesAndRefusesOthers) {
  auto writer = BlobFileWriter::in_memory();
  EXPECT_EQ(writer.append(mil::Value::tensor<std::int8_t>({3}, {1, 2, 3})), 64u);
  EXPECT_EQ(writer.append(mil::Value::scalar<float>(1.5F)), 192u);
  const auto text = writer.append(mil::Value::string("x"));
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code(), ErrorCode::invalid_argument);
  const auto blob =
      writer.append(mil::Value::blob(mil::Type::tensor(DataType::int8, {4}), {"w.bin", 64}));
  ASSERT_FALSE(blob);
  EXPECT_EQ(writer.count(), 2u);
}

TEST(BlobFileWriter, RefusesBytesThatDoNotFitTheElements) {
  auto writer = BlobFileWriter::in_memory();
  for (const std::uint64_t count : {std::uint64_t{1}, std::uint64_t{3}, UINT64_MAX}) {
    const auto result = writer.append(DataType::fp16, bytes_of({1, 2, 3, 4}), count);
    ASSERT_FALSE(result) << count;
    EXPECT_EQ(result.error().code(), ErrorCode::invalid_argument);
  }
  // Nothing was written, and the writer goes on.
  EXPECT_EQ(writer.size(), 64u);
  EXPECT_EQ(writer.append(DataType::fp16, bytes_of({1, 2, 3, 4}), 2), 64u);
}

TEST(BlobFileWriter, RefusesTypesThatTheFormatLacks) {
  auto writer = BlobFileWriter::in_memory();
  const auto result = writer.append(DataType::int64, std::vector<std::byte>(8), 1);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(result.error().to_string(), HasSubstr("int64"));
}

TEST(BlobFileWriter, AcceptsNothingAfterFinish) {
  auto writer = BlobFileWriter::in_memory();
  ASSERT_TRUE(writer.finish());
  EXPECT_FALSE(writer.append(DataType::int8, bytes_of({1}), 1));
  EXPECT_FALSE(writer.finish());
}

class BlobFileWriterOnDisk : public testing::Test {
 protected:
  void SetUp() override {
    auto created = TemporaryDirectory::create();
    ASSERT_TRUE(created);
    directory_.emplace(std::move(*created));
    path_ = (directory_->path() / "weight.bin").string();
  }
  std::size_t files_in_directory() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(directory_->path()), {}));
  }

  std::optional<TemporaryDirectory> directory_;
  std::string path_;
};

TEST_F(BlobFileWriterOnDisk, WritesTheSameBytesAsInMemory) {
  auto file = BlobFileWriter::create(path_);
  ASSERT_TRUE(file);
  auto memory = BlobFileWriter::in_memory();
  for (const DataType type : blob_types()) {
    const std::uint64_t count = 1001;
    const auto packed = random_bytes(*packed_size(type, count), count);
    const auto offset = file->append(type, packed, count);
    ASSERT_TRUE(offset);
    ASSERT_EQ(memory.append(type, packed, count), *offset);
  }
  ASSERT_TRUE(file->finish());
  const auto content = read_file(path_);
  ASSERT_TRUE(content);
  EXPECT_EQ(*content, memory.take_image());
  EXPECT_EQ(files_in_directory(), 1u);
}

TEST_F(BlobFileWriterOnDisk, LeavesNothingBehindWhenDropped) {
  {
    auto file = BlobFileWriter::create(path_);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->append(DataType::int8, bytes_of({1, 2, 3}), 3));
    BlobFileWriter moved = std::move(*file);
    EXPECT_EQ(files_in_directory(), 1u);
  }
  EXPECT_EQ(files_in_directory(), 0u);
}

TEST_F(BlobFileWriterOnDisk, KeepsTheContentOfAnOlderFileThatIsMapped) {
  for (const int value : {1, 2}) {
    auto file = BlobFileWriter::create(path_);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->append(DataType::int8, bytes_of({value}), 1));
    if (value == 1) {
      ASSERT_TRUE(file->finish());
      continue;
    }
    const auto mapped = MappedFile::open(path_);
    ASSERT_TRUE(mapped);
    ASSERT_TRUE(file->finish());
    EXPECT_EQ(mapped->bytes()[128], std::byte{1});
    EXPECT_EQ((*read_file(path_))[128], std::byte{2});
  }
}

TEST_F(BlobFileWriterOnDisk, NamesThePathThatCannotBeCreated) {
  const auto result = BlobFileWriter::create((directory_->path() / "absent" / "w.bin").string());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::io_error);
  EXPECT_THAT(result.error().to_string(), HasSubstr("absent/w.bin"));
}

TEST_F(BlobFileWriterOnDisk, ReportsThatItCannotMoveTheFileToItsPlace) {
  std::filesystem::create_directory(path_);
  auto file = BlobFileWriter::create(path_);
  ASSERT_TRUE(file);
  const auto result = file->finish();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::io_error);
  EXPECT_EQ(files_in_directory(), 1u);
}

}  // namespace
}  // namespace anebench::weights
