#include <array>
#include <optional>
#include <system_error>
#include <utility>

#include "anebench/base/file.h"
#include "anebench/base/mapped_file.h"
#include "anebench/package/description.h"
#include "anebench/package/fields.h"
#include "anebench/package/manifest.h"
#include "anebench/package/message_reader.h"
#include "anebench/package/opset_name.h"
#include "anebench/package/package.h"
#include "anebench/package/program_reader.h"

namespace anebench::package {
namespace {

namespace fs = std::filesystem;

// Protobuf's own limit on a message.
constexpr std::size_t kMaxModelBytes = (std::size_t{1} << 31) - 1;

struct ModelKind {
  protozero::pbf_tag_type field;
  std::string_view name;
};

// The other kinds of model: members of the oneof `Type` of Model in coremltools' Model.proto.
constexpr std::array kOtherKinds = {ModelKind{200, "pipeline classifier"},
                                    ModelKind{201, "pipeline regressor"},
                                    ModelKind{202, "pipeline"},
                                    ModelKind{300, "GLM regressor"},
                                    ModelKind{301, "support vector regressor"},
                                    ModelKind{302, "tree ensemble regressor"},
                                    ModelKind{303, "neural network regressor"},
                                    ModelKind{304, "Bayesian probit regressor"},
                                    ModelKind{400, "GLM classifier"},
                                    ModelKind{401, "support vector classifier"},
                                    ModelKind{402, "tree ensemble classifier"},
                                    ModelKind{403, "neural network classifier"},
                                    ModelKind{404, "k-nearest-neighbors classifier"},
                                    ModelKind{500, "neural network"},
                                    ModelKind{501, "item similarity recommender"},
                                    ModelKind{555, "custom model"},
                                    ModelKind{556, "linked model"},
                                    ModelKind{560, "class confidence thresholding"},
                                    ModelKind{600, "one-hot encoder"},
                                    ModelKind{601, "imputer"},
                                    ModelKind{602, "feature vectorizer"},
                                    ModelKind{603, "dictionary vectorizer"},
                                    ModelKind{604, "scaler"},
                                    ModelKind{606, "categorical mapping"},
                                    ModelKind{607, "normalizer"},
                                    ModelKind{609, "array feature extractor"},
                                    ModelKind{610, "non-maximum suppression"},
                                    ModelKind{900, "identity"},
                                    ModelKind{2000, "text classifier"},
                                    ModelKind{2001, "word tagger"},
                                    ModelKind{2002, "vision feature print"},
                                    ModelKind{2003, "sound analysis preprocessing"},
                                    ModelKind{2004, "gazetteer"},
                                    ModelKind{2005, "word embedding"},
                                    ModelKind{2006, "audio feature print"},
                                    ModelKind{3000, "serialized model"}};

Result<void> refuse_other_kinds(protozero::pbf_tag_type field) {
  for (const ModelKind& kind : kOtherKinds) {
    if (kind.field == field) {
      return fail(ErrorCode::unsupported,
                  "the model is a {}; only ML programs are read (convert it with coremltools to "
                  "the target `mlprogram`)",
                  kind.name);
    }
  }
  return {};
}

Result<Package> read_fields_of_model(Message input) {
  Package package;
  ReadState state(package.unknown);
  std::optional<Message> program;
  auto model_fields = read_fields<ModelField>(input, state, [&](auto& message) -> Result<bool> {
    switch (message.tag_and_type()) {
      case varint_field(ModelField::specification_version):
        package.specification = message.get_int32();
        return true;
      case bytes_field(ModelField::description):
        package.description = message.get_string();
        return true;
      case bytes_field(ModelField::ml_program): program = message.get_view(); return true;
      default: break;
    }
    ANEBENCH_TRY(refuse_other_kinds(static_cast<protozero::pbf_tag_type>(message.tag())));
    return false;
  });
  ANEBENCH_TRY(model_fields);
  if (!program) {
    return fail(ErrorCode::parse_error, "there is no ML program in it: this is no Core ML model");
  }
  if (package.specification < kOldestSpecification ||
      package.specification > kNewestSpecification) {
    return fail(ErrorCode::unsupported, "the specification is {}, where {} to {} are read",
                package.specification, kOldestSpecification, kNewestSpecification);
  }
  const FieldPath::Step step(state.path(), "program");
  ANEBENCH_ASSIGN(data, read_program(*program, state));
  data.version = text_version(package.specification);
  ANEBENCH_TRY(add_flexible_shapes(package.description, data), "description");
  package.program = mil::Program(std::move(data));
  return package;
}

}  // namespace

Result<Package> read_model(std::span<const std::byte> content) {
  constexpr std::string_view kLfsPointer = "version https://git-lfs";
  const Message input(reinterpret_cast<const char*>(content.data()), content.size());
  if (std::string_view(input.data(), input.size()).starts_with(kLfsPointer)) {
    return fail(ErrorCode::parse_error,
                "this is a Git LFS pointer, not the model itself (fetch it with `git lfs pull`)");
  }
  if (content.size() > kMaxModelBytes) {
    return fail(ErrorCode::resource_exhausted, "a model file of {} bytes is larger than {}",
                content.size(), kMaxModelBytes);
  }
  return guarded([&] { return read_fields_of_model(input); });
}

Result<Package> read_model_file(const fs::path& path, weights::ReadMode mode) {
  ANEBENCH_ASSIGN(file, MappedFile::open(path));
  ANEBENCH_ASSIGN(package, read_model(file.bytes()), path.string());
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  ANEBENCH_ASSIGN(weights, weights::WeightFiles::from_folder(folder.string(), mode));
  package.weights = std::move(weights);
  return package;
}

Result<Package> read_package(const fs::path& path, weights::ReadMode mode) {
  const fs::path manifest_path = path / "Manifest.json";
  ANEBENCH_ASSIGN(text, read_text_file(manifest_path));
  ANEBENCH_ASSIGN(manifest, read_manifest(text), manifest_path.string());
  ANEBENCH_ASSIGN(model_path, join_inside(path / "Data", manifest.root()->path),
                  manifest_path.string());
  return read_model_file(model_path, mode);
}

}  // namespace anebench::package
