// Weight files that coremltools and Apple's compiler wrote.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <sstream>

#include "anebench/base/file.h"
#include "anebench/weights/blob_file_reader.h"
#include "anebench/weights/blob_file_writer.h"
#include "anebench/weights/weight_files.h"
#include "anebench/weights/weights_test_util.h"
#include "test_data.h"

namespace anebench::weights {
namespace {

using mil::DataType;
using mil::Type;
using testing::IsEmpty;

class RealWeightFiles : public testing::Test {
 protected:
  void SetUp() override {
    if (models().empty()) GTEST_SKIP() << "real_models.tar.xz is absent or cannot be read";
  }

  static const std::filesystem::path& models() { return tests::unpacked("real_models.tar.xz"); }
  static std::vector<std::filesystem::path> weight_files() {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(models())) {
      if (entry.path().filename() == "weight.bin") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }
  static bool is_placeholder(const std::filesystem::path& path) {
    return path.string().find("parakeet_eou") != std::string::npos;
  }
};

TEST_F(RealWeightFiles, ListAndReadWithoutWarningsInBothModes) {
  int files = 0;
  std::size_t blobs = 0;
  for (const auto& path : weight_files()) {
    if (is_placeholder(path)) continue;
    SCOPED_TRACE(path);
    ++files;
    for (const ReadMode mode : {ReadMode::tolerant, ReadMode::strict}) {
      const auto reader = BlobFileReader::open(path.string(), mode);
      ASSERT_TRUE(reader) << reader.error().to_string();
      const auto listing = reader->entries();
      ASSERT_TRUE(listing) << listing.error().to_string();
      EXPECT_THAT(listing->warnings, IsEmpty());
      ASSERT_FALSE(listing->entries.empty());
      for (const BlobEntry& entry : listing->entries) {
        ASSERT_TRUE(entry.type);
        const auto count = static_cast<std::int64_t>(entry.metadata.size_in_bytes) * 8 /
                           mil::bit_width(*entry.type);
        const auto blob = reader->read(entry.offset, Type::tensor(*entry.type, {count}));
        ASSERT_TRUE(blob) << blob.error().to_string();
        EXPECT_THAT(blob->warnings, IsEmpty());
        EXPECT_EQ(blob->data.bytes.data(), reader->image().bytes.data() + entry.offset + 64);
        ++blobs;
      }
      // The last blob ends the file.
      const BlobEntry& last = listing->entries.back();
      EXPECT_EQ(last.metadata.data_offset + last.metadata.size_in_bytes,
                reader->image().bytes.size());
    }
  }
  EXPECT_EQ(files, 16);
  EXPECT_GT(blobs, 400u);
}

TEST_F(RealWeightFiles, AreReproducedByteForByteByTheWriter) {
  int reproduced = 0;
  for (const auto& path : weight_files()) {
    // The reserved fields of the dtln file are not zero.
    if (is_placeholder(path) || path.string().find("dtln") != std::string::npos) continue;
    SCOPED_TRACE(path);
    const auto reader = BlobFileReader::open(path.string(), ReadMode::strict);
    ASSERT_TRUE(reader);
    auto writer = BlobFileWriter::in_memory();
    const auto listing = reader->entries();
    ASSERT_TRUE(listing);
    for (const BlobEntry& entry : listing->entries) {
      const auto bytes =
          reader->image().bytes.subspan(entry.metadata.data_offset, entry.metadata.size_in_bytes);
      const auto bits = static_cast<std::uint64_t>(mil::bit_width(*entry.type));
      ASSERT_EQ(writer.append(*entry.type, bytes, bytes.size() * 8 / bits), entry.offset);
    }
    EXPECT_TRUE(writer.take_image() == to_vector(reader->image().bytes));
    ++reproduced;
  }
  EXPECT_EQ(reproduced, 15);
}

TEST_F(RealWeightFiles, WithGarbageInReservedFieldsOfByteTypesAreCleanInBothModes) {
  const auto path = models() /
                    "models/dtln/DTLN_AEC_128_Part1.mlpackage/Data/com.apple.CoreML/weights/"
                    "weight.bin";
  const auto reader = BlobFileReader::open(path.string(), ReadMode::strict);
  ASSERT_TRUE(reader) << reader.error().to_string();
  const auto listing = reader->entries();
  ASSERT_TRUE(listing);
  ASSERT_EQ(listing->entries.size(), 12u);
  for (const BlobEntry& entry : listing->entries) {
    EXPECT_GE(entry.metadata.padding_bits, 8u);
    const auto count = static_cast<std::int64_t>(entry.metadata.size_in_bytes / 4);
    EXPECT_TRUE(reader->read(entry.offset, Type::tensor(DataType::fp32, {count})));
  }
}

TEST_F(RealWeightFiles, ResolveEveryReferenceOfTheProgramsThatUseThem) {
  // tensor<fp16, [128]>(BLOBFILE(path = tensor<string, []>("…"), offset = tensor<uint64, []>(64)))
  const std::regex reference(
      R"re(tensor<(\w+), \[([^\]]*)\]>\(BLOBFILE\(path = tensor<string, \[\]>\("([^"]*)"\), )re"
      R"re(offset = tensor<uint64, \[\]>\((\d+)\))re");
  int resolved = 0;
  for (const auto& weight_bin : weight_files()) {
    const auto folder = weight_bin.parent_path().parent_path();
    if (folder.extension() != ".mlmodelc" || is_placeholder(folder)) continue;
    SCOPED_TRACE(folder);
    const auto text = read_text_file(folder / "model.mil");
    ASSERT_TRUE(text);
    const auto files = WeightFiles::from_folder(folder.string(), ReadMode::strict);
    ASSERT_TRUE(files);
    for (std::sregex_iterator it(text->begin(), text->end(), reference), end; it != end; ++it) {
      mil::Shape shape;
      std::stringstream dimensions((*it)[2]);
      for (std::string dimension; std::getline(dimensions, dimension, ',');) {
        shape.emplace_back(std::stoll(dimension));
      }
      const Type type = Type::tensor(*mil::parse_data_type((*it)[1].str()), shape);
      const auto bytes = (*files)->resolve({(*it)[3], std::stoull((*it)[4])}, type);
      ASSERT_TRUE(bytes) << bytes.error().to_string();
      EXPECT_EQ(bytes->bytes.size(), static_cast<std::size_t>(*type.byte_size()));
      ++resolved;
    }
    EXPECT_THAT((*files)->warnings(), IsEmpty());
  }
  EXPECT_GT(resolved, 70);
}

TEST_F(RealWeightFiles, ThatAreGitLfsPlaceholdersAreCalledSo) {
  int placeholders = 0;
  for (const auto& path : weight_files()) {
    if (!is_placeholder(path)) continue;
    ++placeholders;
    const auto reader = BlobFileReader::open(path.string(), ReadMode::tolerant);
    ASSERT_FALSE(reader);
    EXPECT_THAT(reader.error().to_string(), testing::HasSubstr("Git LFS pointer"));
  }
  EXPECT_EQ(placeholders, 5);
}

}  // namespace
}  // namespace anebench::weights
