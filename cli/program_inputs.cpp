#include "program_inputs.h"

#include <fmt/format.h>

#include <utility>

#include "anebench/base/mapped_file.h"
#include "anebench/base/rng.h"
#include "anebench/io/image.h"
#include "anebench/io/npy.h"
#include "anebench/io/npz.h"
#include "anebench/package/array_value.h"
#include "anebench/package/image_value.h"
#include "anebench/package/random_input.h"
#include "named_files.h"

namespace anebench::cli {
namespace {

// All arrays of the archives; of equal names the last counts.
Result<io::NpzArrays> read_archives(const std::vector<std::string>& paths) {
  io::NpzArrays all;
  for (const std::string& path : paths) {
    ANEBENCH_ASSIGN(arrays, io::read_npz_file(path));
    for (auto& [name, array] : arrays) all.insert_or_assign(name, std::move(array));
  }
  return all;
}

// An array or an image.
Result<mil::Value> read_value(const std::string& path, const mil::NamedType& input,
                              package::CastRule rule, const ModelImages& images) {
  ANEBENCH_ASSIGN(file, MappedFile::open(path));
  if (!io::image_kind(file.bytes())) {
    ANEBENCH_ASSIGN(array, io::read_npy(file.bytes()), path);
    ANEBENCH_ASSIGN(value, package::value_from_array(array, input.type, rule), path);
    return value;
  }
  ANEBENCH_ASSIGN(image_type, images.input(input), path);
  ANEBENCH_ASSIGN(image, io::read_image(file.bytes()), path);
  ANEBENCH_ASSIGN(value, package::value_from_image(image, image_type, input.type), path);
  return value;
}

// What gives values to a program's inputs.
struct InputSources {
  const InputOptions& options;
  const NamedFiles& files;
  const io::NpzArrays& archived;
  const ModelImages& images;
};

// The value of input number `index`; nothing where the options give none.
Result<std::optional<mil::Value>> find_value(const InputSources& sources,
                                             const mil::Function& function,
                                             const mil::NamedType& input, std::size_t index) {
  const auto& [options, files, archived, images] = sources;
  const auto rule = options.cast ? package::CastRule::any : package::CastRule::keep_kind;
  if (const auto file = files.files.find(input.name); file != files.files.end()) {
    ANEBENCH_ASSIGN(value, read_value(file->second, input, rule, images));
    return std::optional(std::move(value));
  }
  if (const auto array = archived.find(input.name); array != archived.end()) {
    ANEBENCH_ASSIGN(value, package::value_from_array(array->second, input.type, rule));
    return std::optional(std::move(value));
  }
  if (!options.random_seed) return std::optional<mil::Value>();
  const Rng rng = Rng(*options.random_seed).fork(index);
  ANEBENCH_ASSIGN(value, package::random_input(input, function, rng));
  return std::optional(std::move(value));
}

}  // namespace

bool has_inputs(const InputOptions& options) {
  return options.random_seed.has_value() || !options.files.empty();
}

std::string inputs_text(const InputOptions& options) {
  std::string text;
  for (const std::string& file : options.files) text += (text.empty() ? "" : ", ") + file;
  if (!options.random_seed) return text;
  return fmt::format("{}{}random, seed {}", text, text.empty() ? "" : ", the others ",
                     *options.random_seed);
}

Result<ReadInputs> read_inputs(const InputOptions& options, const mil::Function& function,
                               const std::vector<mil::NamedType>& inputs,
                               const ModelImages& images) {
  ANEBENCH_ASSIGN(files, named_files(options.files, "input", inputs));
  ANEBENCH_ASSIGN(archived, read_archives(files.archives));
  ReadInputs result;
  std::string missing;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto& [name, type] = inputs[i];
    ANEBENCH_ASSIGN(value, find_value({options, files, archived, images}, function, inputs[i], i),
                    fmt::format("input \"{}\"", name));
    archived.erase(name);
    if (value) {
      result.values.push_back(std::move(*value));
    } else {
      missing += fmt::format("{}{} ({})", missing.empty() ? "" : ", ", name, mil::to_string(type));
    }
  }
  if (!missing.empty()) {
    return fail(ErrorCode::invalid_argument,
                "there are no values for {}; give files with --input NAME=FILE, or --random SEED",
                missing);
  }
  for (const auto& [name, array] : archived) {
    result.remarks.push_back(fmt::format(
        "the array \"{}\" is not used: the program's inputs are {}", name, names_of(inputs)));
  }
  return result;
}

}  // namespace anebench::cli
