#include "anebench/weights/blob_file_reader.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "anebench/base/bytes.h"
#include "anebench/base/mapped_file.h"

namespace anebench::weights {
namespace {

// The metadata at `offset`, or nothing where it does not lie inside the file.
std::optional<BlobMetadata> metadata_at(std::span<const std::byte> file, std::uint64_t offset) {
  if (file.size() < kBlobMetadataSize || offset > file.size() - kBlobMetadataSize) {
    return std::nullopt;
  }
  return decode_blob_metadata(
      file.subspan(static_cast<std::size_t>(offset)).first<kBlobMetadataSize>());
}

bool lies_inside(std::span<const std::byte> file, std::uint64_t offset, std::uint64_t size) {
  return size <= file.size() && offset <= file.size() - size;
}

std::string type_name(std::uint32_t number) {
  const auto type = blob_type_from_number(number);
  return type ? std::string(mil::to_string(*type)) : fmt::format("unknown (number {})", number);
}

// As Apple's reader checks it: fewer than 8 unused bits, and the others a whole number of elements.
bool is_possible_padding(const BlobMetadata& metadata, int bits) {
  if (metadata.padding_bits >= 8) return false;
  const auto n = static_cast<std::uint64_t>(bits);
  return (metadata.size_in_bytes % n * 8 + 8 * n - metadata.padding_bits) % n == 0;
}

// Collects what is odd about one blob.
class Findings {
 public:
  Findings(std::string file, std::uint64_t offset) : file_(std::move(file)), offset_(offset) {}

  void add(WarningKind kind, std::string seen, std::string assumed) {
    warnings_.push_back({.kind = kind,
                         .file = file_,
                         .offset = offset_,
                         .seen = std::move(seen),
                         .assumed = std::move(assumed)});
  }
  tl::unexpected<Error> failure(std::string_view message) const {
    return fail(ErrorCode::parse_error, "{} at {}: {}", file_, offset_, message);
  }
  // The first warning as an error where reading is strict.
  Result<std::vector<WeightWarning>> finish(ReadMode mode) && {
    if (mode == ReadMode::strict && !warnings_.empty()) return failure(warnings_.front().seen);
    return std::move(warnings_);
  }

 private:
  std::string file_;
  std::uint64_t offset_;
  std::vector<WeightWarning> warnings_;
};

// The bytes themselves, or a copy where they are not aligned for elements of `bits` bits.
mil::SharedBytes aligned_part(const mil::SharedBytes& file, std::uint64_t offset,
                              std::uint64_t size, int bits) {
  const auto part =
      file.bytes.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
  const auto alignment = static_cast<std::uintptr_t>(std::max(1, bits / 8));
  if (reinterpret_cast<std::uintptr_t>(part.data()) % alignment == 0) return {part, file.owner};
  auto copy = std::make_shared<const std::vector<std::byte>>(part.begin(), part.end());
  const std::span<const std::byte> bytes = *copy;
  return {bytes, std::move(copy)};
}

}  // namespace

BlobFileReader::BlobFileReader(std::string name, mil::SharedBytes image, ReadMode mode,
                               BlobHeader header)
    : name_(std::move(name)), image_(std::move(image)), mode_(mode), header_(header) {}

Result<BlobFileReader> BlobFileReader::open(const std::string& path, ReadMode mode) {
  ANEBENCH_ASSIGN(mapped, MappedFile::open(path));
  const auto owner = std::make_shared<const MappedFile>(std::move(mapped));
  return from_memory(path, {owner->bytes(), owner}, mode);
}

Result<BlobFileReader> BlobFileReader::from_memory(std::string name, mil::SharedBytes image,
                                                   ReadMode mode) {
  constexpr std::string_view kLfsPointer = "version https://git-lfs";
  if (image.bytes.size() >= kLfsPointer.size() &&
      std::memcmp(image.bytes.data(), kLfsPointer.data(), kLfsPointer.size()) == 0) {
    return fail(ErrorCode::parse_error,
                "{}: this is a Git LFS pointer, not the weight file itself (fetch it with `git "
                "lfs pull`)",
                name);
  }
  if (image.bytes.size() < kBlobHeaderSize) {
    return fail(ErrorCode::parse_error, "{}: {} bytes are too few for a weight file's header", name,
                image.bytes.size());
  }
  const BlobHeader header = decode_blob_header(image.bytes.first<kBlobHeaderSize>());
  if (header.version != kBlobVersion) {
    return fail(ErrorCode::parse_error, "{}: version {} where a weight file of version {} is read",
                name, header.version, kBlobVersion);
  }
  return BlobFileReader(std::move(name), std::move(image), mode, header);
}

Result<BlobData> BlobFileReader::read(std::uint64_t offset, const mil::Type& type) const {
  const std::span<const std::byte> file = image_.bytes;
  Findings findings(name_, offset);
  const auto byte_size = type.byte_size();
  if (!byte_size) {
    return fail(ErrorCode::invalid_argument,
                "{} at {}: {} is not a tensor of numbers with a known size", name_, offset,
                mil::to_string(type));
  }
  const auto want = static_cast<std::uint64_t>(*byte_size);

  const auto metadata = metadata_at(file, offset);
  if (!metadata) {
    return findings.failure(
        fmt::format("the offset lies outside the file, which has {} bytes", file.size()));
  }
  if (metadata->sentinel != kBlobSentinel) {
    return findings.failure(fmt::format("no blob starts here: the sentinel is {:#010x}, not {:#x}",
                                        metadata->sentinel, kBlobSentinel));
  }
  if (blob_type_number(type.data_type()) != metadata->type_number) {
    findings.add(WarningKind::type_differs,
                 fmt::format("the file's type is {} where the program has {}",
                             type_name(metadata->type_number), mil::to_string(type.data_type())),
                 "the program's type is used");
  }

  std::uint64_t data_offset = metadata->data_offset;
  if (data_offset < kBlobHeaderSize || !lies_inside(file, data_offset, want)) {
    const std::uint64_t following = offset + kBlobMetadataSize;
    if (!lies_inside(file, following, want)) {
      return findings.failure(
          fmt::format("{} needs {} bytes, which lie outside the file of {} bytes (data offset {})",
                      mil::to_string(type), want, file.size(), metadata->data_offset));
    }
    findings.add(WarningKind::data_offset_ignored,
                 fmt::format("the data offset {} is unusable", metadata->data_offset),
                 fmt::format("the data are read from {}, after the metadata", following));
    data_offset = following;
  }
  if (metadata->size_in_bytes != want) {
    findings.add(WarningKind::size_differs,
                 fmt::format("the size is {} bytes where {} needs {}", metadata->size_in_bytes,
                             mil::to_string(type), want),
                 fmt::format("{} bytes are read", want));
  }
  if (mil::is_sub_byte(type.data_type()) &&
      !is_possible_padding(*metadata, mil::bit_width(type.data_type()))) {
    findings.add(
        WarningKind::padding_ignored,
        fmt::format("{} unused bits in {} bytes are impossible for {}", metadata->padding_bits,
                    metadata->size_in_bytes, mil::to_string(type.data_type())),
        "the program's element count is used");
  }
  ANEBENCH_ASSIGN(warnings, std::move(findings).finish(mode_));
  return BlobData{.data = aligned_part(image_, data_offset, want, mil::bit_width(type.data_type())),
                  .warnings = std::move(warnings)};
}

Result<BlobListing> BlobFileReader::entries() const {
  const std::span<const std::byte> file = image_.bytes;
  std::vector<BlobEntry> entries;
  std::uint64_t offset = kBlobHeaderSize;
  Findings findings(name_, offset);
  // Each turn moves forward by a record at least, so a false count costs nothing.
  for (std::uint32_t i = 0; i < header_.count; ++i) {
    const auto metadata = metadata_at(file, offset);
    if (!metadata || metadata->sentinel != kBlobSentinel) {
      findings = Findings(name_, offset);
      findings.add(WarningKind::listing_cut_short,
                   fmt::format("the header counts {} blobs, but no blob number {} starts here",
                               header_.count, i + 1),
                   fmt::format("{} are listed", i));
      break;
    }
    entries.push_back({.offset = offset,
                       .metadata = *metadata,
                       .type = blob_type_from_number(metadata->type_number)});
    // An unusable data offset is read as in read(): the data follow the metadata.
    const std::uint64_t following = offset + kBlobMetadataSize;
    const bool is_usable = metadata->data_offset >= following &&
                           lies_inside(file, metadata->data_offset, metadata->size_in_bytes);
    const std::uint64_t data_offset = is_usable ? metadata->data_offset : following;
    const auto end = checked_add(data_offset, metadata->size_in_bytes);
    offset = end ? checked_align_up(*end, kBlobAlignment).value_or(UINT64_MAX) : UINT64_MAX;
  }
  ANEBENCH_ASSIGN(warnings, std::move(findings).finish(mode_));
  return BlobListing{.entries = std::move(entries), .warnings = std::move(warnings)};
}

}  // namespace anebench::weights
