#include "anebench/weights/blob_file_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <system_error>
#include <utility>

#include "anebench/base/bytes.h"
#include "anebench/weights/blob_format.h"

namespace anebench::weights {

// Where the bytes go. `write` may overwrite what is there and may start at most at the present end.
class BlobFileWriter::Sink {
 public:
  virtual ~Sink() = default;
  virtual Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes) = 0;
  virtual Result<void> finish() = 0;
  virtual std::vector<std::byte> take_image() { return {}; }
};

class BlobFileWriter::MemorySink final : public BlobFileWriter::Sink {
 public:
  explicit MemorySink(std::size_t expected_bytes) { image_.reserve(expected_bytes); }

  Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes) override {
    const auto at = static_cast<std::size_t>(offset);
    if (at == image_.size()) {
      image_.insert(image_.end(), bytes.begin(), bytes.end());
    } else {
      std::copy(bytes.begin(), bytes.end(), image_.begin() + static_cast<std::ptrdiff_t>(at));
    }
    return {};
  }
  Result<void> finish() override { return {}; }
  std::vector<std::byte> take_image() override { return std::move(image_); }

 private:
  std::vector<std::byte> image_;
};

class BlobFileWriter::FileSink final : public BlobFileWriter::Sink {
 public:
  static Result<std::unique_ptr<FileSink>> create(const std::string& path) {
    static std::atomic<std::uint64_t> next_number = 0;
    std::string partial = fmt::format("{}.{}-{}.partial", path, ::getpid(),
                                      next_number.fetch_add(1, std::memory_order_relaxed));
    const int descriptor = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0) return fail_with_errno(path, "create");
    return std::unique_ptr<FileSink>(new FileSink(path, std::move(partial), descriptor));
  }

  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;
  ~FileSink() override {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
      ::unlink(partial_.c_str());
    }
  }

  Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      // Some systems refuse single writes of 2 GiB and more.
      const std::size_t part = std::min(bytes.size(), std::size_t{1} << 30);
      const ::ssize_t written =
          ::pwrite(descriptor_, bytes.data(), part, static_cast<::off_t>(offset));
      if (written < 0) {
        if (errno == EINTR) continue;
        return fail_with_errno(path_, "write");
      }
      offset += static_cast<std::uint64_t>(written);
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
  }

  Result<void> finish() override {
    const int descriptor = std::exchange(descriptor_, -1);
    if (::close(descriptor) != 0 || std::rename(partial_.c_str(), path_.c_str()) != 0) {
      auto failure = fail_with_errno(path_, "finish");
      ::unlink(partial_.c_str());
      return failure;
    }
    return {};
  }

 private:
  FileSink(std::string path, std::string partial, int descriptor)
      : path_(std::move(path)), partial_(std::move(partial)), descriptor_(descriptor) {}

  static tl::unexpected<Error> fail_with_errno(const std::string& path, std::string_view action) {
    return fail(ErrorCode::io_error, "cannot {} the weight file {}: {}", action, path,
                std::generic_category().message(errno));
  }

  std::string path_;
  std::string partial_;
  int descriptor_;
};

BlobFileWriter::BlobFileWriter(std::unique_ptr<Sink> sink) : sink_(std::move(sink)) {}
BlobFileWriter::BlobFileWriter(BlobFileWriter&&) noexcept = default;
BlobFileWriter& BlobFileWriter::operator=(BlobFileWriter&&) noexcept = default;
BlobFileWriter::~BlobFileWriter() = default;

Result<BlobFileWriter> BlobFileWriter::create(const std::string& path) {
  ANEBENCH_ASSIGN(sink, FileSink::create(path));
  BlobFileWriter writer(std::move(sink));
  ANEBENCH_TRY(writer.write_header());
  return writer;
}

BlobFileWriter BlobFileWriter::in_memory(std::size_t expected_bytes) {
  BlobFileWriter writer(std::make_unique<MemorySink>(expected_bytes));
  static_cast<void>(writer.write_header());  // memory cannot refuse
  return writer;
}

Result<void> BlobFileWriter::write_header() {
  std::array<std::byte, kBlobHeaderSize> header;
  encode_blob_header({.count = count_, .version = kBlobVersion}, header);
  ANEBENCH_TRY(sink_->write(0, header));
  size_ = std::max(size_, kBlobHeaderSize);
  return {};
}

Result<std::uint64_t> BlobFileWriter::append(mil::DataType type, std::span<const std::byte> packed,
                                             std::uint64_t element_count) {
  if (!is_open_) {
    return fail(ErrorCode::invalid_argument, "the weight file is finished or has failed");
  }
  const auto number = blob_type_number(type);
  if (!number) {
    return fail(ErrorCode::unsupported, "weight files have no elements of type {}",
                mil::to_string(type));
  }
  if (packed_size(type, element_count) != packed.size()) {
    return fail(ErrorCode::invalid_argument, "{} bytes do not hold {} elements of type {}",
                packed.size(), element_count, mil::to_string(type));
  }
  if (count_ == std::numeric_limits<std::uint32_t>::max()) {
    return fail(ErrorCode::resource_exhausted, "a weight file holds at most 2^32 - 1 blobs");
  }

  const BlobPlacement place = place_blob(size_, packed.size());
  const auto bits = static_cast<std::uint64_t>(mil::bit_width(type));
  const std::uint64_t padding = mil::is_sub_byte(type) ? (8 - element_count * bits % 8) % 8 : 0;

  // The gap before the metadata, and the metadata.
  std::array<std::byte, kBlobAlignment + kBlobMetadataSize> start{};
  const auto metadata = std::span(start).last<kBlobMetadataSize>();
  encode_blob_metadata({.sentinel = kBlobSentinel,
                        .type_number = *number,
                        .size_in_bytes = packed.size(),
                        .data_offset = place.data_offset,
                        .padding_bits = padding},
                       metadata);
  const std::size_t start_size = static_cast<std::size_t>(place.data_offset - size_);

  is_open_ = false;  // until all of it is written
  ANEBENCH_TRY(sink_->write(size_, std::span(start).last(start_size)));
  if (padding == 0) {
    ANEBENCH_TRY(sink_->write(place.data_offset, packed));
  } else {
    const std::byte last = packed.back() & std::byte{0xff} >> padding;
    ANEBENCH_TRY(sink_->write(place.data_offset, packed.first(packed.size() - 1)));
    ANEBENCH_TRY(sink_->write(place.end - 1, std::span(&last, 1)));
  }
  size_ = place.end;
  ++count_;
  ANEBENCH_TRY(write_header());
  is_open_ = true;
  return place.offset;
}

Result<std::uint64_t> BlobFileWriter::append(const mil::Value& value) {
  const auto count = value.type().element_count();
  if (!value.is_packed() || !count) {
    return fail(ErrorCode::invalid_argument, "a value of type {} has no packed elements to write",
                mil::to_string(value.type()));
  }
  return append(value.type().data_type(), value.bytes(), static_cast<std::uint64_t>(*count));
}

std::uint32_t BlobFileWriter::count() const { return count_; }
std::uint64_t BlobFileWriter::size() const { return size_; }

Result<void> BlobFileWriter::finish() {
  if (!is_open_) {
    return fail(ErrorCode::invalid_argument, "the weight file is finished or has failed");
  }
  is_open_ = false;
  return sink_->finish();
}

std::vector<std::byte> BlobFileWriter::take_image() {
  is_open_ = false;
  return sink_->take_image();
}

}  // namespace anebench::weights
