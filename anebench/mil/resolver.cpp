#include "anebench/mil/resolver.h"

namespace anebench::mil {

Result<SharedBytes> NoBlobs::resolve(const BlobReference& reference, const Type& type) const {
  return fail(ErrorCode::not_found,
              "the program refers to \"{}\" at offset {} for a {}, but no weight files were given",
              reference.path, reference.offset, to_string(type));
}

Result<SharedBytes> packed_bytes(const Value& value, const BlobResolver& resolver) {
  if (value.is_blob()) return resolver.resolve(value.blob_reference(), value.type());
  if (value.is_packed()) {
    auto owner = value.shared_bytes();
    const std::span<const std::byte> bytes(*owner);
    return SharedBytes{bytes, std::move(owner)};
  }
  return fail(ErrorCode::invalid_argument, "a {} has no packed bytes", to_string(value.type()));
}

}  // namespace anebench::mil
