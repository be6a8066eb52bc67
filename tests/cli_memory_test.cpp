// What commands take in memory on a model whose weights are larger than most: weight files are
// mapped, and only what is needed of them is read.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "anebench/base/bytes.h"
#include "anebench/base/descriptor.h"
#include "anebench/io/npy.h"
#include "anebench/weights/blob_format.h"
#include "cli_folder.h"
#include "cli_process.h"

namespace anebench::tests {
namespace {

using testing::HasSubstr;

// A table of fp16 whose rows `y` picks: 2.5 GiB.
constexpr std::uint64_t kRows = 1310720;
constexpr std::uint64_t kColumns = 1024;
constexpr std::uint64_t kTableBytes = kRows * kColumns * 2;
constexpr std::string_view kLookup = R"(program(1.3)
{
    func main<ios18>(tensor<int32, [2]> x) {
            tensor<fp16, [1310720, 1024]> table = const()[name = string("table"), val = tensor<fp16, [1310720, 1024]>(BLOBFILE(path = string("@model_path/weights/weight.bin"), offset = uint64(64)))];
            int32 axis = const()[name = string("axis"), val = int32(0)];
            tensor<fp16, [2, 1024]> y = gather(axis = axis, indices = x, x = table)[name = string("y")];
        } -> (y);
})";
// The program itself takes a small part of it, also under a sanitizer.
constexpr std::uint64_t kMostMemory = kTableBytes / 4;

// A weight file with one blob of zeros that takes no room on disk: all but its last number, 1.
bool write_sparse_table(const std::filesystem::path& path) {
  using namespace weights;
  std::array<std::byte, kBlobHeaderSize + kBlobMetadataSize> start{};
  encode_blob_header({.count = 1, .version = kBlobVersion},
                     std::span(start).first<kBlobHeaderSize>());
  const std::uint64_t data = start.size();
  encode_blob_metadata({.sentinel = kBlobSentinel,
                        .type_number = *blob_type_number(mil::DataType::fp16),
                        .size_in_bytes = kTableBytes,
                        .data_offset = data},
                       std::span(start).last<kBlobMetadataSize>());
  constexpr std::array<std::uint8_t, 2> kOne = {0x00, 0x3c};
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  const auto end = static_cast<::off_t>(data + kTableBytes);
  return ::pwrite(file.number(), start.data(), start.size(), 0) ==
             static_cast<::ssize_t>(start.size()) &&
         ::ftruncate(file.number(), end) == 0 &&
         ::pwrite(file.number(), kOne.data(), kOne.size(), end - 2) == 2;
}

class CliMemory : public CliFolder {
 protected:
  void SetUp() override {
    ASSERT_TRUE(make_directories(directory_.path() / "weights"));
    ASSERT_TRUE(write_file_atomically(path("model.mil"), kLookup));
    ASSERT_TRUE(write_sparse_table(directory_.path() / "weights" / "weight.bin"));
  }
  std::string model() const { return directory_.path().string(); }
};

TEST_F(CliMemory, InspectReadsNoWeights) {
  for (const std::string& what : {model(), path("weights/weight.bin")}) {
    const Outcome outcome = run_or_die({"inspect", what});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("2.5 GiB"));
    EXPECT_LT(outcome.peak_memory, kMostMemory) << what;
  }
}

TEST_F(CliMemory, CheckReadsNoWeights) {
  const Outcome outcome = run_or_die({"check", model()});
  EXPECT_LE(outcome.status, 1) << outcome.err;
  EXPECT_LT(outcome.peak_memory, kMostMemory);
}

TEST_F(CliMemory, RunReadsTheRowsThatItNeeds) {
  io::NpyArray rows{.type = io::NpyType::int32, .shape = {2}, .bytes = {}};
  append_le(rows.bytes, std::int32_t{0});
  append_le(rows.bytes, static_cast<std::int32_t>(kRows - 1));
  ASSERT_TRUE(io::write_npy_file(path("x.npy"), rows));
  for (const char* device : {"reference", "cpu"}) {
    const Outcome outcome = run_or_die(
        {"run", model(), "--device", device, "--input", path("x.npy"), "--output", path("y.npy")});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_LT(outcome.peak_memory, kMostMemory) << device;
    const auto y = io::read_npy_file(path("y.npy"));
    ASSERT_TRUE(y) << y.error().to_string();
    EXPECT_EQ(load_le<std::uint16_t>(y->bytes, 0), 0);
    EXPECT_EQ(load_le<std::uint16_t>(y->bytes, 2 * (2 * kColumns - 1)), 0x3c00);
  }
}

}  // namespace
}  // namespace anebench::tests
