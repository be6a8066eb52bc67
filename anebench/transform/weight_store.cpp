#include "anebench/transform/weight_store.h"

#include <string>
#include <utility>

#include "anebench/weights/blob_format.h"

namespace anebench::transform {
namespace {

// Smaller tensors stay in the program, as in what coremltools writes.
constexpr std::int64_t kSmallestStoredTensor = 10;

bool belongs_in_file(const mil::Type& type) {
  return type.element_count().value_or(0) >= kSmallestStoredTensor &&
         weights::blob_type_number(type.data_type()).has_value();
}

}  // namespace

WeightStore::WeightStore(const mil::BlobResolver* old_files)
    : old_files_(old_files), writer_(weights::BlobFileWriter::in_memory()) {}

Result<mil::Value> WeightStore::append(const mil::Type& type, std::span<const std::byte> bytes) {
  const auto count = static_cast<std::uint64_t>(type.element_count().value_or(0));
  ANEBENCH_ASSIGN(offset, writer_.append(type.data_type(), bytes, count));
  return mil::Value::blob(type, {std::string(weights::kDefaultWeightFile), offset});
}

Result<mil::Value> WeightStore::move_blob(const mil::Value& value) {
  const mil::BlobReference& reference = value.blob_reference();
  const std::tuple key{reference.path, reference.offset, mil::to_string(value.type())};
  if (const auto found = kept_.find(key); found != kept_.end()) return found->second;
  if (old_files_ == nullptr) {
    return fail(ErrorCode::invalid_argument,
                "a constant lies in \"{}\", but the program came without weight files",
                reference.path);
  }
  ANEBENCH_ASSIGN(shared, old_files_->resolve(reference, value.type()));
  ANEBENCH_ASSIGN(moved, append(value.type(), shared.bytes));
  kept_.emplace(key, moved);
  return moved;
}

Result<mil::Value> WeightStore::keep(const mil::Value& value) {
  if (value.is_blob()) return move_blob(value);
  if (value.is_items()) {
    mil::Value::Items items;
    for (const mil::Value& item : value.item_elements()) {
      ANEBENCH_ASSIGN(kept, keep(item));
      items.push_back(std::move(kept));
    }
    return mil::Value::items(value.type(), std::move(items));
  }
  if (value.is_dictionary()) {
    mil::Value::Entries entries;
    for (const auto& [key, entry] : value.dictionary_entries()) {
      ANEBENCH_ASSIGN(kept, keep(entry));
      entries.emplace_back(key, std::move(kept));
    }
    return mil::Value::dictionary(value.type(), std::move(entries));
  }
  return value;
}

Result<mil::Value> WeightStore::add(const mil::Value& value) {
  if (!value.is_packed() || !belongs_in_file(value.type())) return value;
  std::vector<mil::Value>& known = added_[value.shared_bytes()];
  for (const mil::Value& one : known) {
    if (one.type() == value.type()) return one;
  }
  ANEBENCH_ASSIGN(stored, append(value.type(), value.bytes()));
  known.push_back(stored);
  return stored;
}

Result<std::shared_ptr<weights::WeightFiles>> WeightStore::finish(weights::ReadMode mode) {
  auto files = std::make_shared<weights::WeightFiles>(mode);
  if (writer_.count() > 0)
    ANEBENCH_TRY(files->add(weights::kDefaultWeightFile, writer_.take_image()));
  return files;
}

}  // namespace anebench::transform
