#include "anebench/transform/weight_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "anebench/transform/quantized_program_for_tests.h"

namespace anebench::transform {
namespace {

using mil::DataType;
using mil::Value;

class Stores : public testing::Test {
 protected:
  Stores() {
    TestModelBuilder model;
    first_ = normal_tensor(DataType::fp16, {4, 8}, 1);
    second_ = normal_tensor(DataType::fp32, {16}, 2);
    first_blob_ = model.stored(first_);
    second_blob_ = model.stored(second_);
    files_ = model.finish({}).weights;
  }

  static Value read(const weights::WeightFiles& files, const Value& value) {
    const auto shared = mil::packed_bytes(value, files);
    EXPECT_TRUE(shared) << shared.error().to_string();
    return Value::packed(value.type(), {shared->bytes.begin(), shared->bytes.end()});
  }

  Value first_;
  Value second_;
  Value first_blob_;
  Value second_blob_;
  std::shared_ptr<weights::WeightFiles> files_;
};

TEST_F(Stores, CopyWhatIsKeptAndLeaveOutTheRest) {
  WeightStore store(files_.get());
  const auto kept = store.keep(second_blob_);
  ASSERT_TRUE(kept) << kept.error().to_string();
  const auto files = store.finish(weights::ReadMode::strict);
  ASSERT_TRUE(files);
  EXPECT_EQ(read(**files, *kept), second_);
  ASSERT_EQ((*files)->files().size(), 1u);
  // Header, metadata, 16 fp32 numbers.
  EXPECT_EQ((*files)->files()[0].second.bytes.size(), 64u + 64u + 64u);
}

TEST_F(Stores, ConstantsThatSharedTheirBytesShareThemAgain) {
  WeightStore store(files_.get());
  const auto one = store.keep(first_blob_);
  const auto other = store.keep(first_blob_);
  ASSERT_TRUE(one && other);
  EXPECT_EQ(one->blob_reference(), other->blob_reference());
  const auto added = store.add(second_);
  const auto again = store.add(Value(second_));
  ASSERT_TRUE(added && again);
  EXPECT_EQ(added->blob_reference(), again->blob_reference());
  EXPECT_NE(added->blob_reference(), one->blob_reference());
}

TEST_F(Stores, SmallTensorsStayInTheProgram) {
  WeightStore store(nullptr);
  const Value small = Value::tensor<float>({9}, std::vector<float>(9, 1));
  EXPECT_EQ(store.add(small).value(), small);
  EXPECT_EQ(store.add(Value::string("int8")).value(), Value::string("int8"));
  const auto files = store.finish(weights::ReadMode::strict);
  ASSERT_TRUE(files);
  EXPECT_TRUE((*files)->files().empty());
}

TEST_F(Stores, FollowReferencesIntoListsAndDictionaries) {
  WeightStore store(files_.get());
  const auto type = mil::Type::list(first_blob_.type(), 1);
  const auto list = store.keep(Value::items(type, {first_blob_}));
  ASSERT_TRUE(list) << list.error().to_string();
  const auto entry_type =
      mil::Type::dictionary(mil::Type::scalar(DataType::string), second_blob_.type());
  const auto dictionary =
      store.keep(Value::dictionary(entry_type, {{Value::string("a"), second_blob_}}));
  ASSERT_TRUE(dictionary) << dictionary.error().to_string();
  const auto files = store.finish(weights::ReadMode::strict);
  ASSERT_TRUE(files);
  EXPECT_EQ(read(**files, list->item_elements()[0]), first_);
  EXPECT_EQ(read(**files, dictionary->dictionary_entries()[0].second), second_);
}

TEST_F(Stores, NameTheFileThatIsMissing) {
  WeightStore store(nullptr);
  const auto kept = store.keep(first_blob_);
  ASSERT_FALSE(kept);
  EXPECT_THAT(kept.error().message(), testing::HasSubstr("weight.bin"));
}

}  // namespace
}  // namespace anebench::transform
