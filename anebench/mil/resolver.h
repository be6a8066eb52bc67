// How a constant's bytes are reached. `mil` reads no files; `weights` implements this interface
// over memory-mapped weight files, and tests over memory.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "anebench/base/result.h"
#include "anebench/mil/value.h"

namespace anebench::mil {

// Bytes and whatever keeps them alive (a mapping, a buffer).
struct SharedBytes {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;
};

// Implementations are safe to call from several threads.
class BlobResolver {
 public:
  virtual ~BlobResolver() = default;
  // The packed elements of a tensor of `type` whose data `reference` names: exactly
  // type.byte_size() bytes. Errors name the file, the offset and what was wrong.
  virtual Result<SharedBytes> resolve(const BlobReference& reference, const Type& type) const = 0;
};

// Refuses every reference: for programs whose constants are all immediate.
class NoBlobs final : public BlobResolver {
 public:
  Result<SharedBytes> resolve(const BlobReference& reference, const Type& type) const override;
};

// The packed bytes of a tensor value, whether immediate or in a file.
Result<SharedBytes> packed_bytes(const Value& value, const BlobResolver& resolver);

}  // namespace anebench::mil
