// Writes the weight file of a changed program anew: constants that stay are copied from the old
// files, new ones are added, and what is not used any more is left out.
//
//   WeightStore store(old_files.get());
//   ANEBENCH_ASSIGN(kept, store.keep(value));        // refers to the new file
//   ANEBENCH_ASSIGN(added, store.add(quantized));
//   ANEBENCH_ASSIGN(files, store.finish(mode));
//
// Constants that shared their bytes share them again. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/resolver.h"
#include "anebench/mil/value.h"
#include "anebench/weights/blob_file_writer.h"
#include "anebench/weights/weight_files.h"

namespace anebench::transform {

class WeightStore {
 public:
  // `old_files` may be null where no constant refers to a file; else it must outlive this object.
  explicit WeightStore(const mil::BlobResolver* old_files);

  // A value of the old program: unchanged, but for references into files. Errors: those of reading.
  Result<mil::Value> keep(const mil::Value& value);
  // A new value: a reference where it belongs into a file, else itself.
  Result<mil::Value> add(const mil::Value& value);
  // All that was kept and added as "@model_path/weights/weight.bin"; no file where there is
  // nothing. Ends the store.
  Result<std::shared_ptr<weights::WeightFiles>> finish(weights::ReadMode mode);

 private:
  Result<mil::Value> move_blob(const mil::Value& value);
  Result<mil::Value> append(const mil::Type& type, std::span<const std::byte> bytes);

  const mil::BlobResolver* old_files_;
  weights::BlobFileWriter writer_;
  // What was kept, by its old place and type.
  std::map<std::tuple<std::string, std::uint64_t, std::string>, mil::Value> kept_;
  // What was added, by its bytes, which are held so that their address stays theirs.
  std::map<std::shared_ptr<const mil::Value::Bytes>, std::vector<mil::Value>> added_;
};

}  // namespace anebench::transform
