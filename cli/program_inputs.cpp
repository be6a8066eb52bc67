#include "program_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "anebench/base/rng.h"
#include "anebench/io/npy.h"
#include "anebench/package/array_value.h"
#include "nearest.h"

namespace anebench::cli {
namespace {

using InputFiles = std::map<std::string, std::string>;

Result<InputFiles> input_files(const std::vector<std::string>& texts,
                               const std::vector<mil::NamedType>& inputs) {
  std::vector<std::string> names;
  for (const mil::NamedType& input : inputs) names.push_back(input.name);
  InputFiles files;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
      return fail(ErrorCode::invalid_argument, "--input takes NAME=FILE, not \"{}\"", text);
    }
    const std::string name = text.substr(0, equals);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return fail(ErrorCode::invalid_argument, "there is no input \"{}\"; the program has {}", name,
                  joined(names));
    }
    if (!files.emplace(name, text.substr(equals + 1)).second) {
      return fail(ErrorCode::invalid_argument, "the input \"{}\" is given twice", name);
    }
  }
  return files;
}

Result<mil::Value> random_tensor(const mil::Type& type, Rng rng) {
  const auto count = type.element_count();
  const auto size = type.byte_size();
  if (!type.is_tensor() || !count || !size) {
    return fail(ErrorCode::unsupported, "there are no random values for a {}; give a file",
                mil::to_string(type));
  }
  mil::Value::Bytes bytes(static_cast<std::size_t>(*size));
  const bool is_real = mil::is_floating_point(type.data_type());
  for (std::size_t i = 0; i < static_cast<std::size_t>(*count); ++i) {
    const double value =
        is_real ? 2 * rng.uniform() - 1 : static_cast<double>(rng.uniform_int(0, 1));
    mil::store_packed_element(type.data_type(), bytes, i, value);
  }
  return mil::Value::packed(type, std::move(bytes));
}

}  // namespace

Result<std::vector<mil::Value>> read_inputs(const InputOptions& options,
                                            const std::vector<mil::NamedType>& inputs) {
  ANEBENCH_ASSIGN(files, input_files(options.files, inputs));
  const auto rule = options.cast ? package::CastRule::any : package::CastRule::keep_kind;
  std::vector<mil::Value> values;
  std::string missing;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto& [name, type] = inputs[i];
    const std::string context = fmt::format("input \"{}\"", name);
    if (const auto file = files.find(name); file != files.end()) {
      ANEBENCH_ASSIGN(array, io::read_npy_file(file->second), context);
      ANEBENCH_ASSIGN(value, package::value_from_array(array, type, rule), context);
      values.push_back(std::move(value));
    } else if (options.random_seed) {
      ANEBENCH_ASSIGN(value, random_tensor(type, Rng(*options.random_seed).fork(i)), context);
      values.push_back(std::move(value));
    } else {
      missing += fmt::format("{}{} ({})", missing.empty() ? "" : ", ", name, mil::to_string(type));
    }
  }
  if (missing.empty()) return values;
  return fail(ErrorCode::invalid_argument,
              "there are no values for {}; give files with --input NAME=FILE, or --random SEED",
              missing);
}

}  // namespace anebench::cli
