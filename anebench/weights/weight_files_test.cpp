#include "anebench/weights/weight_files.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <thread>

#include "anebench/base/bytes.h"
#include "anebench/base/file.h"
#include "anebench/weights/blob_file_writer.h"
#include "anebench/weights/hand_made_blobs.h"
#include "anebench/weights/weights_test_util.h"

namespace anebench::weights {
namespace {

using mil::BlobReference;
using mil::DataType;
using mil::Type;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kWeightBin = "@model_path/weights/weight.bin";

std::vector<std::byte> image_of(int value) {
  auto writer = BlobFileWriter::in_memory();
  EXPECT_TRUE(writer.append(DataType::int8, bytes_of({value}), 1));
  return writer.take_image();
}

const Type& byte_type() {
  static const Type type = Type::tensor(DataType::int8, {1});
  return type;
}

// The first blob's only byte; -1 where it cannot be resolved.
int value_in(const WeightFiles& files, const std::string& name) {
  const auto resolved = files.resolve({name, 64}, byte_type());
  return resolved ? static_cast<int>(resolved->bytes[0]) : -1;
}

TEST(WeightFiles, ResolvesFromMemoryByEitherSpelling) {
  const auto files =
      WeightFiles::from_memory({{kWeightBin, image_of(1)}, {"weights/lut.bin", image_of(2)}});
  ASSERT_TRUE(files);
  EXPECT_EQ(value_in(**files, kWeightBin), 1);
  EXPECT_EQ(value_in(**files, "weights/weight.bin"), 1);
  EXPECT_EQ(value_in(**files, "@model_path/weights/lut.bin"), 2);
  EXPECT_EQ(value_in(**files, "@model_path/./weights//lut.bin"), 2);
}

TEST(WeightFiles, NamesWhatIsMissing) {
  const WeightFiles files;
  const auto result = files.resolve({kWeightBin, 64}, byte_type());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::not_found);
  EXPECT_THAT(result.error().to_string(), HasSubstr(kWeightBin));
}

TEST(WeightFiles, ErrorsNameFileAndOffset) {
  const auto files = WeightFiles::from_memory({{kWeightBin, image_of(1)}});
  const auto result = (*files)->resolve({kWeightBin, 128}, byte_type());
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().to_string(), HasSubstr("@model_path/weights/weight.bin at 128"));
}

TEST(WeightFiles, RefusesNamesThatLeadOutOfTheFolder) {
  for (const std::string_view name : std::initializer_list<std::string_view>{
           "", "@model_path/", "/etc/passwd", "@model_path//etc/passwd", "../w.bin",
           "a/../../w.bin", "@model_path/../w.bin", "@model_path/weights/..", "weights/", ".",
           "a/..", std::string_view("w\0.bin", 6)}) {
    const auto normalized = normalized_weight_name(name);
    ASSERT_FALSE(normalized) << name;
    EXPECT_EQ(normalized.error().code(), ErrorCode::invalid_argument) << name;
    WeightFiles files;
    EXPECT_FALSE(files.add(name, image_of(1))) << name;
    EXPECT_FALSE(files.resolve({std::string(name), 64}, byte_type())) << name;
  }
  EXPECT_EQ(normalized_weight_name("@model_path/a/b..c/w.bin"), "a/b..c/w.bin");
}

TEST(WeightFiles, RefusesToAddTwiceAndWhatIsNoWeightFile) {
  WeightFiles files;
  ASSERT_TRUE(files.add(kWeightBin, image_of(1)));
  EXPECT_FALSE(files.add("weights/weight.bin", image_of(2)));
  EXPECT_EQ(value_in(files, kWeightBin), 1);
  const auto bad = files.add("weights/bad.bin", bytes_of({1, 2, 3}));
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().to_string(), HasSubstr("weights/bad.bin"));
}

TEST(WeightFiles, ReplacingKeepsBytesThatWereResolvedBefore) {
  WeightFiles files;
  ASSERT_TRUE(files.add(kWeightBin, image_of(1)));
  const auto before = files.resolve({kWeightBin, 64}, byte_type());
  ASSERT_TRUE(files.replace(kWeightBin, image_of(2)));
  EXPECT_EQ(before->bytes[0], std::byte{1});
  EXPECT_EQ(value_in(files, kWeightBin), 2);
  EXPECT_FALSE(files.replace(kWeightBin, {}));
  EXPECT_EQ(value_in(files, kWeightBin), 2);
}

TEST(WeightFiles, ACopyHasItsOwnReplacementsModeAndWarnings) {
  WeightFiles files;
  ASSERT_TRUE(files.add(kWeightBin, image_of(1)));
  ASSERT_TRUE(files.add("weights/hand.bin", hand_made_single_blob(bytes_of({5}))));
  const auto copy = files.copy(ReadMode::strict);
  ASSERT_TRUE(copy->replace(kWeightBin, image_of(2)));
  EXPECT_EQ(value_in(files, kWeightBin), 1);
  EXPECT_EQ(value_in(*copy, kWeightBin), 2);
  EXPECT_EQ(value_in(files, "weights/hand.bin"), 5);
  EXPECT_EQ(value_in(*copy, "weights/hand.bin"), -1);
  EXPECT_EQ(files.warnings().size(), 1u);
  EXPECT_THAT(copy->warnings(), IsEmpty());
}

TEST(WeightFiles, KeepsEachWarningOnce) {
  WeightFiles files;
  ASSERT_TRUE(files.add("weights/hand.bin", hand_made_single_blob(bytes_of({5}))));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(value_in(files, "weights/hand.bin"), 5);
  ASSERT_TRUE(files.resolve({"weights/hand.bin", 64}, Type::tensor(DataType::uint8, {1})));
  EXPECT_THAT(kinds_of(files.warnings()),
              ElementsAre(WarningKind::type_differs, WarningKind::type_differs));
}

TEST(WeightFiles, GivesWholeFilesForDevicesThatWriteThemOut) {
  const auto image = image_of(1);
  const auto files = WeightFiles::from_memory({{"weights/b.bin", image_of(2)}, {"a.bin", image}});
  const auto listed = (*files)->files();
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0].first, "@model_path/a.bin");
  EXPECT_EQ(to_vector(listed[0].second.bytes), image);
  EXPECT_EQ(listed[1].first, "@model_path/weights/b.bin");
  EXPECT_EQ(to_vector((*files)->content("a.bin")->bytes), image);
  EXPECT_FALSE((*files)->content("c.bin"));
}

TEST(WeightFiles, ResolvesFromManyThreads) {
  WeightFiles files;
  ASSERT_TRUE(files.add("weights/hand.bin", hand_made_single_blob(bytes_of({5}))));
  std::vector<int> sums(4, 0);
  std::vector<std::thread> threads;
  for (int& sum : sums) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) sum += value_in(files, "weights/hand.bin");
    });
  }
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(files.replace("weights/hand.bin", hand_made_single_blob(bytes_of({5}))));
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(sums, ElementsAre(1000, 1000, 1000, 1000));
  EXPECT_EQ(files.warnings().size(), 1u);
}

class WeightFolder : public testing::Test {
 protected:
  void SetUp() override {
    auto created = TemporaryDirectory::create();
    ASSERT_TRUE(created);
    directory_.emplace(std::move(*created));
    model_ = directory_->path() / "model.mlmodelc";
    std::filesystem::create_directories(model_ / "weights");
    ASSERT_TRUE(write_file_atomically(model_ / "weights" / "weight.bin", image_of(1)));
  }

  std::optional<TemporaryDirectory> directory_;
  std::filesystem::path model_;
};

TEST_F(WeightFolder, OpensFilesWhenFirstReferredTo) {
  const auto files = WeightFiles::from_folder(model_.string(), ReadMode::strict);
  ASSERT_TRUE(files);
  EXPECT_THAT((*files)->files(), IsEmpty());
  ASSERT_TRUE(write_file_atomically(model_ / "weights" / "scale.bin", image_of(2)));
  EXPECT_EQ(value_in(**files, "@model_path/weights/scale.bin"), 2);
  EXPECT_EQ(value_in(**files, kWeightBin), 1);
  EXPECT_EQ((*files)->files().size(), 2u);
  const auto missing = (*files)->resolve({"@model_path/weights/zp.bin", 64}, byte_type());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::not_found);
  EXPECT_THAT(missing.error().to_string(), HasSubstr("zp.bin"));
}

TEST_F(WeightFolder, ReplacesInMemoryAndNotOnDisk) {
  const auto files = WeightFiles::from_folder(model_.string(), ReadMode::strict);
  ASSERT_TRUE((*files)->replace(kWeightBin, image_of(3)));
  EXPECT_EQ(value_in(**files, kWeightBin), 3);
  EXPECT_EQ((*read_file(model_ / "weights" / "weight.bin"))[128], std::byte{1});
}

TEST_F(WeightFolder, RefusesLinksThatLeadOutOfIt) {
  ASSERT_TRUE(write_file_atomically(directory_->path() / "outside.bin", image_of(4)));
  // Beside the folder, with its name as a prefix.
  std::filesystem::create_directories(directory_->path() / "model.mlmodelc-2");
  ASSERT_TRUE(
      write_file_atomically(directory_->path() / "model.mlmodelc-2" / "w.bin", image_of(4)));
  std::filesystem::create_symlink("../../outside.bin", model_ / "weights" / "out.bin");
  std::filesystem::create_symlink("../model.mlmodelc-2", model_ / "beside");
  std::filesystem::create_symlink("weight.bin", model_ / "weights" / "in.bin");
  const auto files = WeightFiles::from_folder(model_.string(), ReadMode::strict);
  ASSERT_TRUE(files);
  EXPECT_EQ(value_in(**files, "@model_path/weights/in.bin"), 1);
  for (const char* name : {"@model_path/weights/out.bin", "@model_path/beside/w.bin"}) {
    const auto result = (*files)->resolve({name, 64}, byte_type());
    ASSERT_FALSE(result) << name;
    EXPECT_EQ(result.error().code(), ErrorCode::invalid_argument);
    EXPECT_THAT(result.error().to_string(), HasSubstr("leads out of the model's folder"));
  }
}

TEST_F(WeightFolder, MayItselfBeReachedThroughALink) {
  std::filesystem::create_directory_symlink(model_, directory_->path() / "link");
  const auto files =
      WeightFiles::from_folder((directory_->path() / "link").string(), ReadMode::strict);
  ASSERT_TRUE(files);
  EXPECT_EQ(value_in(**files, kWeightBin), 1);
}

TEST_F(WeightFolder, RefusesFoldersInPlaceOfFiles) {
  const auto files = WeightFiles::from_folder(model_.string(), ReadMode::strict);
  EXPECT_FALSE((*files)->resolve({"@model_path/weights", 64}, byte_type()));
}

TEST_F(WeightFolder, ThatIsAbsentIsReported) {
  const auto files = WeightFiles::from_folder((model_ / "absent").string(), ReadMode::strict);
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code(), ErrorCode::not_found);
  EXPECT_FALSE(
      WeightFiles::from_folder((model_ / "weights" / "weight.bin").string(), ReadMode::strict));
}

}  // namespace
}  // namespace anebench::weights
