#include "anebench/weights/blob_file_reader.h"

#include <gmock/gmock.h>

#include <limits>

#include "anebench/base/bytes.h"
#include "anebench/base/file.h"
#include "anebench/weights/blob_file_writer.h"
#include "anebench/weights/hand_made_blobs.h"
#include "anebench/weights/weights_test_util.h"

namespace anebench::weights {
namespace {

using mil::DataType;
using mil::Type;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::byte> image_of(DataType type, const std::vector<std::byte>& packed,
                                std::uint64_t count) {
  auto writer = BlobFileWriter::in_memory();
  EXPECT_TRUE(writer.append(type, packed, count));
  return writer.take_image();
}

// Reads the first blob of `image` as `type` in both modes: the warnings of the tolerant one, and
// that the strict one fails exactly where there are any.
std::vector<WarningKind> warnings_of(const std::vector<std::byte>& image, const Type& type,
                                     const std::vector<std::byte>& expected_bytes) {
  const auto tolerant = read_image(image)->read(64, type);
  EXPECT_TRUE(tolerant) << tolerant.error().to_string();
  if (!tolerant) return {};
  EXPECT_EQ(to_vector(tolerant->data.bytes), expected_bytes);
  const auto strict = read_image(image, ReadMode::strict)->read(64, type);
  EXPECT_EQ(strict.has_value(), tolerant->warnings.empty());
  if (!strict) {
    EXPECT_EQ(strict.error().code(), ErrorCode::parse_error);
    EXPECT_THAT(strict.error().to_string(), HasSubstr(tolerant->warnings.front().seen));
    EXPECT_THAT(strict.error().to_string(), HasSubstr("w.bin at 64"));
  }
  return kinds_of(tolerant->warnings);
}

std::string failure_of(const std::vector<std::byte>& image, std::uint64_t offset,
                       const Type& type) {
  const auto reader = read_image(image);
  if (!reader) return reader.error().to_string();
  const auto blob = reader->read(offset, type);
  EXPECT_FALSE(blob);
  return blob ? "" : blob.error().to_string();
}

TEST(BlobFileReader, ReadsBackEveryTypeWithEveryCountInBothModes) {
  for (const DataType type : blob_types()) {
    for (const std::int64_t count : {0, 1, 2, 3, 5, 7, 8, 9, 31, 63, 64, 65, 1001}) {
      SCOPED_TRACE(fmt::format("{} x {}", mil::to_string(type), count));
      auto packed = random_bytes(*packed_size(type, static_cast<std::uint64_t>(count)), 3);
      const auto image = image_of(type, packed, static_cast<std::uint64_t>(count));
      const std::size_t used = static_cast<std::size_t>(count * mil::bit_width(type) % 8);
      if (used != 0) packed.back() &= static_cast<std::byte>((1u << used) - 1);
      EXPECT_THAT(warnings_of(image, Type::tensor(type, {count}), packed), IsEmpty());
    }
  }
}

TEST(BlobFileReader, ListsWhatWasWritten) {
  auto writer = BlobFileWriter::in_memory();
  std::vector<std::uint64_t> offsets;
  for (const DataType type : blob_types()) {
    const auto packed = random_bytes(*packed_size(type, 77), 1);
    offsets.push_back(*writer.append(type, packed, 77));
  }
  const auto reader = read_image(writer.take_image(), ReadMode::strict);
  ASSERT_TRUE(reader);
  const auto listing = reader->entries();
  ASSERT_TRUE(listing);
  EXPECT_THAT(listing->warnings, IsEmpty());
  ASSERT_EQ(listing->entries.size(), offsets.size());
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    EXPECT_EQ(listing->entries[i].offset, offsets[i]);
    EXPECT_EQ(listing->entries[i].type, blob_types()[i]);
    EXPECT_EQ(listing->entries[i].metadata.size_in_bytes, packed_size(blob_types()[i], 77));
  }
}

TEST(BlobFileReader, ReadsTheHandMadeSingleBlobs) {
  const auto payload = random_bytes(96, 5);
  const auto image = hand_made_single_blob(payload);
  EXPECT_THAT(warnings_of(image, Type::tensor(DataType::fp16, {48}), payload), IsEmpty());
  EXPECT_THAT(warnings_of(image, Type::tensor(DataType::int8, {96}), payload),
              ElementsAre(WarningKind::type_differs));
  EXPECT_THAT(warnings_of(image, Type::tensor(DataType::uint4, {192}), payload),
              ElementsAre(WarningKind::type_differs));
}

TEST(BlobFileReader, ReadsOnlyTheNibblesOfAZeroPointFileWithOneByteAChannel) {
  const auto image = hand_made_single_blob(std::vector<std::byte>(8, std::byte{8}));
  const Type type = Type::tensor(DataType::uint4, {8});
  EXPECT_THAT(warnings_of(image, type, std::vector<std::byte>(4, std::byte{8})),
              ElementsAre(WarningKind::type_differs, WarningKind::size_differs));
  // Read as packed nibbles: 8, 0, 8, 0, …
  const auto blob = read_image(image)->read(64, type);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(mil::packed_element_as_int(DataType::uint4, blob->data.bytes, i), i % 2 == 0 ? 8 : 0);
  }
}

TEST(BlobFileReader, ReadsTheHandMadeChains) {
  std::vector<std::vector<std::byte>> chunks;
  for (std::uint64_t i = 0; i < 5; ++i) chunks.push_back(random_bytes(4096, i));
  const auto image = hand_made_chain(chunks);
  ASSERT_EQ(load_le<std::uint64_t>(image, 72), 524288u);
  const auto reader = read_image(image);
  ASSERT_TRUE(reader);
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    const auto blob = reader->read(64 + i * (64 + 4096), Type::tensor(DataType::int8, {64, 64}));
    ASSERT_TRUE(blob);
    EXPECT_EQ(to_vector(blob->data.bytes), chunks[i]);
    EXPECT_THAT(kinds_of(blob->warnings),
                ElementsAre(WarningKind::type_differs, WarningKind::data_offset_ignored,
                            WarningKind::size_differs));
    EXPECT_EQ(blob->warnings[2].seen,
              "the size is 524288 bytes where tensor<int8, [64, 64]> needs 4096");
    EXPECT_EQ(blob->warnings[2].assumed, "4096 bytes are read");
  }
  // The header counts one, and one is listed.
  const auto listing = reader->entries();
  ASSERT_TRUE(listing);
  EXPECT_EQ(listing->entries.size(), 1u);
  EXPECT_THAT(listing->warnings, IsEmpty());
  EXPECT_FALSE(read_image(image, ReadMode::strict)->read(64, Type::tensor(DataType::int8, {4096})));
}

TEST(BlobFileReader, ReadsHandMadeFp16ChainsWithTheOtherNonsenseSize) {
  const std::vector<std::vector<std::byte>> chunks = {random_bytes(128, 1), random_bytes(128, 2)};
  const auto reader = read_image(hand_made_chain(chunks, 0x10));
  const auto blob = reader->read(64 + 64 + 128, Type::tensor(DataType::fp16, {64}));
  ASSERT_TRUE(blob);
  EXPECT_EQ(to_vector(blob->data.bytes), chunks[1]);
  EXPECT_THAT(kinds_of(blob->warnings),
              ElementsAre(WarningKind::data_offset_ignored, WarningKind::size_differs));
  EXPECT_THAT(blob->warnings[1].seen, HasSubstr("1048576"));
}

TEST(BlobFileReader, ReadsDataWhereTheMetadataSayEvenIfElsewhere) {
  auto image = image_of(DataType::int8, bytes_of({1, 2, 3, 4}), 4);
  const auto moved = bytes_of({9, 8, 7, 6});
  store_le<std::uint64_t>(image, 80, image.size());
  image.insert(image.end(), moved.begin(), moved.end());
  EXPECT_THAT(warnings_of(image, Type::tensor(DataType::int8, {4}), moved), IsEmpty());
}

TEST(BlobFileReader, ReadsAfterTheMetadataWhereTheDataOffsetIsUnusable) {
  const auto payload = bytes_of({1, 2, 3, 4});
  auto image = image_of(DataType::int8, payload, 4);
  const std::uint64_t size = image.size();
  for (const std::uint64_t offset : {std::uint64_t{0}, std::uint64_t{63}, size - 3, size,
                                     UINT64_C(1) << 63, UINT64_MAX - 3, UINT64_MAX}) {
    SCOPED_TRACE(offset);
    store_le<std::uint64_t>(image, 80, offset);
    EXPECT_THAT(warnings_of(image, Type::tensor(DataType::int8, {4}), payload),
                ElementsAre(WarningKind::data_offset_ignored));
  }
  store_le<std::uint64_t>(image, 80, size - 4);
  EXPECT_THAT(warnings_of(image, Type::tensor(DataType::int8, {4}), payload), IsEmpty());
  store_le<std::uint64_t>(image, 80, 64);
  EXPECT_THAT(
      warnings_of(image, Type::tensor(DataType::int8, {4}), bytes_of({0xef, 0xbe, 0xad, 0xde})),
      IsEmpty());
}

TEST(BlobFileReader, IgnoresPaddingAndReservedFieldsOfByteTypes) {
  auto image = image_of(DataType::fp32, bytes_of({1, 2, 3, 4}), 1);
  store_le<std::uint64_t>(image, 88, 5104411984);  // as found in a real file
  for (std::size_t i = 96; i < 128; ++i) image[i] = std::byte{0xa5};
  EXPECT_THAT(warnings_of(image, Type::tensor(DataType::fp32, {1}), bytes_of({1, 2, 3, 4})),
              IsEmpty());
}

TEST(BlobFileReader, WarnsOfImpossiblePaddingOfSubByteTypes) {
  const auto payload = bytes_of({0xd1, 0x58, 0x1f, 0xd1, 0x00});
  auto image = image_of(DataType::uint3, payload, 11);
  const Type type = Type::tensor(DataType::uint3, {11});
  EXPECT_THAT(warnings_of(image, type, payload), IsEmpty());
  // 40 bits less 6 are no whole number of elements; 8 and more are no unused bits of one byte.
  for (const std::uint64_t padding :
       {std::uint64_t{6}, std::uint64_t{8}, std::uint64_t{13}, UINT64_MAX}) {
    SCOPED_TRACE(padding);
    store_le<std::uint64_t>(image, 88, padding);
    EXPECT_THAT(warnings_of(image, type, payload), ElementsAre(WarningKind::padding_ignored));
  }
  // 40 bits less 1 are 13 elements: fewer are asked for, as Apple's reader allows.
  store_le<std::uint64_t>(image, 88, 1);
  EXPECT_THAT(warnings_of(image, type, payload), IsEmpty());
}

TEST(BlobFileReader, WarnsOfUnknownTypeNumbers) {
  auto image = image_of(DataType::int8, bytes_of({1, 2}), 2);
  for (const std::uint32_t number : {0u, 18u, 0xffffffffu}) {
    store_le<std::uint32_t>(image, 68, number);
    EXPECT_THAT(warnings_of(image, Type::tensor(DataType::int8, {2}), bytes_of({1, 2})),
                ElementsAre(WarningKind::type_differs));
  }
  EXPECT_EQ(read_image(image)->read(64, Type::tensor(DataType::int8, {2}))->warnings[0].to_string(),
            "w.bin at 64: the file's type is unknown (number 4294967295) where the program has "
            "int8; the program's type is used");
}

TEST(BlobFileReader, ReadsTypesThatTheFormatLacksWithAWarning) {
  const auto image = image_of(DataType::uint8, bytes_of({1, 0, 1}), 3);
  EXPECT_THAT(warnings_of(image, Type::tensor(DataType::boolean, {3}), bytes_of({1, 0, 1})),
              ElementsAre(WarningKind::type_differs));
}

TEST(BlobFileReader, RefusesOffsetsOutsideTheFile) {
  const auto image = image_of(DataType::int8, bytes_of({1, 2, 3, 4}), 4);
  const Type type = Type::tensor(DataType::int8, {4});
  const std::uint64_t size = image.size();
  for (const std::uint64_t offset :
       {size - 63, size, size + 1, UINT64_C(1) << 32, UINT64_C(1) << 63, UINT64_MAX - 63,
        UINT64_MAX - 64, UINT64_MAX}) {
    EXPECT_THAT(failure_of(image, offset, type),
                testing::AllOf(HasSubstr("w.bin"), HasSubstr(fmt::format("at {}", offset)),
                               HasSubstr("outside the file")));
  }
}

TEST(BlobFileReader, RefusesOffsetsWhereNoBlobStarts) {
  const auto image = image_of(DataType::int8, random_bytes(256, 3), 256);
  for (const std::uint64_t offset : {0u, 1u, 63u, 65u, 128u, 256u}) {
    EXPECT_THAT(failure_of(image, offset, Type::tensor(DataType::int8, {4})),
                HasSubstr("no blob starts here"));
  }
}

TEST(BlobFileReader, RefusesTensorsThatNeedMoreThanTheFileHas) {
  const auto image = image_of(DataType::int8, bytes_of({1, 2, 3, 4}), 4);
  EXPECT_THAT(failure_of(image, 64, Type::tensor(DataType::int8, {5})),
              HasSubstr("needs 5 bytes, which lie outside the file of 132 bytes"));
  EXPECT_THAT(failure_of(image, 64, Type::tensor(DataType::uint1, {INT64_C(1) << 62})),
              HasSubstr("outside the file"));
  EXPECT_THAT(failure_of(image, 64, Type::tensor(DataType::fp32, {INT64_C(1) << 62})),
              HasSubstr("known size"));
  EXPECT_THAT(failure_of(image, 64, Type::tensor(DataType::int8, {mil::Dim::unknown()})),
              HasSubstr("known size"));
  EXPECT_THAT(failure_of(image, 64, Type::scalar(DataType::string)), HasSubstr("known size"));
}

TEST(BlobFileReader, ReadsTensorsWithoutElements) {
  const auto image = image_of(DataType::int8, {}, 0);
  EXPECT_THAT(warnings_of(image, Type::tensor(DataType::int8, {0, 5}), {}), IsEmpty());
}

TEST(BlobFileReader, RefusesOtherVersionsAndWhatIsNoWeightFile) {
  auto image = image_of(DataType::int8, bytes_of({1}), 1);
  store_le<std::uint32_t>(image, 4, 1);
  EXPECT_THAT(read_image(image).error().to_string(), HasSubstr("version 1"));
  EXPECT_THAT(read_image({}).error().to_string(), HasSubstr("0 bytes"));
  EXPECT_THAT(read_image(std::vector<std::byte>(63)).error().to_string(), HasSubstr("63 bytes"));
  const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
  EXPECT_THAT(read_image(to_vector(std::as_bytes(std::span(pointer)))).error().to_string(),
              HasSubstr("Git LFS pointer"));
}

TEST(BlobFileReader, CopiesDataThatAreNotAlignedForTheirElements) {
  auto image = image_of(DataType::fp32, bytes_of({1, 2, 3, 4}), 1);
  const auto moved = bytes_of({0, 9, 8, 7, 6});
  store_le<std::uint64_t>(image, 80, image.size() + 1);
  image.insert(image.end(), moved.begin(), moved.end());
  const auto blob = read_image(image)->read(64, Type::tensor(DataType::fp32, {1}));
  ASSERT_TRUE(blob);
  EXPECT_EQ(to_vector(blob->data.bytes), bytes_of({9, 8, 7, 6}));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(blob->data.bytes.data()) % 4, 0u);
}

TEST(BlobFileReader, KeepsDataAliveAfterTheReaderIsGone) {
  mil::SharedBytes data;
  {
    const auto reader = read_image(image_of(DataType::int8, bytes_of({1, 2, 3}), 3));
    data = reader->read(64, Type::tensor(DataType::int8, {3}))->data;
  }
  EXPECT_EQ(to_vector(data.bytes), bytes_of({1, 2, 3}));
}

TEST(BlobFileReader, ReadsFilesFromDisk) {
  const auto directory = TemporaryDirectory::create();
  ASSERT_TRUE(directory);
  const std::string path = (directory->path() / "w.bin").string();
  ASSERT_TRUE(write_file_atomically(path, image_of(DataType::int8, bytes_of({1, 2, 3}), 3)));
  const auto reader = BlobFileReader::open(path, ReadMode::strict);
  ASSERT_TRUE(reader);
  EXPECT_EQ(to_vector(reader->read(64, Type::tensor(DataType::int8, {3}))->data.bytes),
            bytes_of({1, 2, 3}));
  EXPECT_EQ(BlobFileReader::open(path + ".absent", ReadMode::strict).error().code(),
            ErrorCode::not_found);
}

TEST(BlobFileReader, ListsNoFurtherThanTheFirstRecordThatIsNone) {
  auto image = image_of(DataType::int8, bytes_of({1, 2, 3}), 3);
  store_le<std::uint32_t>(image, 0, 0xffffffff);
  const auto listing = read_image(image)->entries();
  ASSERT_TRUE(listing);
  EXPECT_EQ(listing->entries.size(), 1u);
  ASSERT_THAT(kinds_of(listing->warnings), ElementsAre(WarningKind::listing_cut_short));
  EXPECT_EQ(listing->warnings[0].offset, 192u);
  const auto strict = read_image(image, ReadMode::strict)->entries();
  ASSERT_FALSE(strict);
  EXPECT_THAT(strict.error().to_string(), HasSubstr("w.bin at 192: the header counts 4294967295"));
}

TEST(BlobFileReader, ListsInBoundedTimeWhateverTheMetadataSay) {
  // Data offsets that lead backwards, and sizes near 2^64, must neither loop nor overflow.
  for (const std::uint64_t data_offset : {std::uint64_t{64}, std::uint64_t{0}, UINT64_MAX - 10}) {
    for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, UINT64_MAX - 5}) {
      auto writer = BlobFileWriter::in_memory();
      for (int i = 0; i < 3; ++i) ASSERT_TRUE(writer.append(DataType::int8, bytes_of({1}), 1));
      auto image = writer.take_image();
      store_le<std::uint32_t>(image, 0, 0xffffffff);
      store_le<std::uint64_t>(image, 72, size);
      store_le<std::uint64_t>(image, 80, data_offset);
      const auto listing = read_image(image)->entries();
      ASSERT_TRUE(listing);
      EXPECT_LE(listing->entries.size(), 3u);
      EXPECT_THAT(kinds_of(listing->warnings), ElementsAre(WarningKind::listing_cut_short));
    }
  }
}

TEST(BlobFileReader, SurvivesTruncationAtEveryByte) {
  auto writer = BlobFileWriter::in_memory();
  ASSERT_TRUE(writer.append(DataType::fp16, random_bytes(10, 1), 5));
  ASSERT_TRUE(writer.append(DataType::uint3, random_bytes(5, 2), 11));
  const auto image = writer.take_image();
  const Type first = Type::tensor(DataType::fp16, {5});
  const Type second = Type::tensor(DataType::uint3, {11});
  for (std::size_t size = 0; size < image.size(); ++size) {
    const std::vector<std::byte> part(image.begin(),
                                      image.begin() + static_cast<std::ptrdiff_t>(size));
    const auto reader = read_image(part);
    ASSERT_EQ(reader.has_value(), size >= 64) << size;
    if (!reader) continue;
    EXPECT_EQ(reader->read(64, first).has_value(), size >= 138) << size;
    EXPECT_FALSE(reader->read(192, second)) << size;
    ASSERT_TRUE(reader->entries());
  }
}

TEST(BlobFileReader, SurvivesAnyChangedByte) {
  const auto payload = random_bytes(5, 2);
  const auto image = image_of(DataType::uint3, payload, 11);
  const Type type = Type::tensor(DataType::uint3, {11});
  for (std::size_t at = 0; at < image.size(); ++at) {
    for (const int value : {0, 1, 0x7f, 0x80, 0xff}) {
      auto changed = image;
      changed[at] = static_cast<std::byte>(value);
      const auto reader = read_image(changed);
      if (!reader) continue;
      const auto blob = reader->read(64, type);
      if (blob) {
        EXPECT_EQ(blob->data.bytes.size(), 5u);
      }
      ASSERT_TRUE(reader->entries());
    }
  }
}

TEST(WeightWarning, SummariesNameTheFirstOfEachKindAndCountTheOthers) {
  std::vector<std::vector<std::byte>> chunks(4, random_bytes(64, 1));
  const auto reader = read_image(hand_made_chain(chunks));
  std::vector<WeightWarning> warnings;
  for (std::uint64_t i = 0; i < 4; ++i) {
    const auto blob = reader->read(64 + i * 128, Type::tensor(DataType::int8, {64}));
    warnings.insert(warnings.end(), blob->warnings.begin(), blob->warnings.end());
  }
  EXPECT_THAT(summarize(warnings),
              ElementsAre("w.bin at 64: the file's type is fp16 where the program has int8; the "
                          "program's type is used (and 3 times more in this file)",
                          "w.bin at 64: the data offset 0 is unusable; the data are read from 128, "
                          "after the metadata (and 3 times more in this file)",
                          "w.bin at 64: the size is 524288 bytes where tensor<int8, [64]> needs "
                          "64; 64 bytes are read (and 3 times more in this file)"));
}

}  // namespace
}  // namespace anebench::weights
