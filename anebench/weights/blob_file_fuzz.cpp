// Any bytes as a weight file: listing and reading must stay inside it, in bounded time, and what
// strict reading accepts tolerant reading must accept without warnings, with the same bytes.
//
// The last 16 bytes of an input choose what is read: the offset (8), the type (1), the count (7).
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "anebench/base/bytes.h"
#include "anebench/weights/blob_file_reader.h"
#include "anebench/weights/blob_file_writer.h"
#include "anebench/weights/weight_files.h"

namespace {

using anebench::mil::DataType;
using anebench::mil::SharedBytes;
using anebench::mil::Type;
using anebench::weights::BlobFileReader;
using anebench::weights::BlobFileWriter;
using anebench::weights::ReadMode;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_read(const BlobFileReader& tolerant, const BlobFileReader& strict, std::uint64_t offset,
                const Type& type) {
  const auto loose = tolerant.read(offset, type);
  const auto exact = strict.read(offset, type);
  if (!loose) {
    require(!exact);
    require(!loose.error().message().empty());
    return;
  }
  require(exact.has_value() == loose->warnings.empty());
  require(loose->data.bytes.size() == static_cast<std::uint64_t>(*type.byte_size()));
  require(loose->data.bytes.size() <= tolerant.image().bytes.size());
  unsigned sum = 0;
  for (const std::byte byte : loose->data.bytes) sum += static_cast<unsigned>(byte);
  if (exact) {
    require(std::ranges::equal(exact->data.bytes, loose->data.bytes));
    // What is read can be written and read again.
    auto writer = BlobFileWriter::in_memory();
    const auto count = static_cast<std::uint64_t>(*type.element_count());
    const auto written = writer.append(type.data_type(), exact->data.bytes, count);
    require(written == 64);
    const auto image = std::make_shared<const std::vector<std::byte>>(writer.take_image());
    const auto again = BlobFileReader::from_memory("again", {*image, image}, ReadMode::strict);
    require(again.has_value() && again->read(64, type).has_value());
  }
  // Keeps the sum, and with it the reads, alive.
  require(sum <= 255 * loose->data.bytes.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> input(size);
  std::transform(data, data + size, input.begin(), [](std::uint8_t b) { return std::byte{b}; });
  std::uint64_t offset = 64;
  std::uint64_t choice = 0;
  if (size >= 16) {
    offset = anebench::load_le<std::uint64_t>(input, size - 16);
    choice = anebench::load_le<std::uint64_t>(input, size - 8);
  }
  const auto image = std::make_shared<const std::vector<std::byte>>(std::move(input));
  const auto tolerant = BlobFileReader::from_memory("input", {*image, image}, ReadMode::tolerant);
  if (!tolerant) {
    require(!tolerant.error().message().empty());
    return 0;
  }
  const BlobFileReader strict = tolerant->with_mode(ReadMode::strict);

  const auto type = static_cast<DataType>((choice & 0xff) % anebench::mil::kDataTypeCount);
  const auto count = static_cast<std::int64_t>(choice >> 8);
  check_read(*tolerant, strict, offset, Type::tensor(type, {count}));
  check_read(*tolerant, strict, offset, Type::tensor(type, {count % 64}));

  const auto listing = tolerant->entries();
  require(listing.has_value());
  require(listing->entries.size() <= size / 64);
  require(strict.entries().has_value() == listing->warnings.empty());
  for (const auto& entry : listing->entries) {
    const auto bits = entry.type ? anebench::mil::bit_width(*entry.type) : 8;
    const auto elements =
        static_cast<std::int64_t>(std::min<std::uint64_t>(entry.metadata.size_in_bytes, size) * 8 /
                                  static_cast<std::uint64_t>(bits));
    check_read(*tolerant, strict, entry.offset,
               Type::tensor(entry.type.value_or(DataType::uint8), {elements}));
  }
  return 0;
}
