#include "program_inputs.h"

#include <fmt/format.h>

#include <utility>

#include "anebench/base/rng.h"
#include "anebench/io/npy.h"
#include "anebench/io/npz.h"
#include "anebench/package/array_value.h"
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

// The value of input number `index`; nothing where the options give none.
Result<std::optional<mil::Value>> find_value(const InputOptions& options, const NamedFiles& files,
                                             const io::NpzArrays& archived,
                                             const mil::Function& function,
                                             const mil::NamedType& input, std::size_t index) {
  const auto rule = options.cast ? package::CastRule::any : package::CastRule::keep_kind;
  if (const auto file = files.files.find(input.name); file != files.files.end()) {
    ANEBENCH_ASSIGN(array, io::read_npy_file(file->second));
    ANEBENCH_ASSIGN(value, package::value_from_array(array, input.type, rule), file->second);
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
                               const std::vector<mil::NamedType>& inputs) {
  ANEBENCH_ASSIGN(files, named_files(options.files, "input", inputs));
  ANEBENCH_ASSIGN(archived, read_archives(files.archives));
  ReadInputs result;
  std::string missing;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto& [name, type] = inputs[i];
    ANEBENCH_ASSIGN(value, find_value(options, files, archived, function, inputs[i], i),
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
