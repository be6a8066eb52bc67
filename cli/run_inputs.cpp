#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "anebench/base/rng.h"
#include "anebench/io/npy.h"
#include "anebench/io/npz.h"
#include "anebench/package/array_value.h"
#include "anebench/package/description.h"
#include "anebench/package/flexible_shapes.h"
#include "named_files.h"
#include "run_values.h"

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

// The type with open dimensions filled in from the function's default shapes.
mil::Type with_default_shape(const mil::NamedType& input, const mil::Function& function) {
  if (!input.type.is_tensor() || input.type.element_count()) return input.type;
  for (const mil::Attribute& attribute : function.attributes) {
    if (attribute.name != package::kFlexibleShapes) continue;
    for (const package::FlexibleShape& shape : package::flexible_shapes_of(attribute.value)) {
      if (shape.input != input.name) continue;
      const mil::Shape sizes(shape.default_shape.begin(), shape.default_shape.end());
      const mil::Type filled = mil::Type::tensor(input.type.data_type(), sizes);
      if (mil::compatible(filled, input.type)) return filled;
    }
  }
  return input.type;
}

// Floating-point numbers from -1 to 1, integers and bools 0 or 1 (so that they may be indices).
Result<mil::Value> random_value(const mil::Type& type, Rng rng) {
  const auto count = type.element_count();
  const auto size = type.byte_size();
  if (!type.is_tensor() || !count || !size) {
    return fail(ErrorCode::unsupported,
                "there are no random values for a {}: give a file, whose shape fills the open "
                "dimensions",
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

Result<mil::Value> convert(const io::NpyArray& array, const mil::Type& type, bool casts) {
  return package::value_from_array(array, type,
                                   casts ? package::CastRule::any : package::CastRule::keep_kind);
}

// The value that the arguments give input number `index`; nothing where they give none.
Result<std::optional<mil::Value>> find_value(const RunArguments& arguments, const NamedFiles& files,
                                             const io::NpzArrays& archived,
                                             const mil::Function& function,
                                             const mil::NamedType& input, std::size_t index) {
  if (const auto file = files.files.find(input.name); file != files.files.end()) {
    ANEBENCH_ASSIGN(array, io::read_npy_file(file->second));
    ANEBENCH_ASSIGN(value, convert(array, input.type, arguments.cast), file->second);
    return std::optional(std::move(value));
  }
  if (const auto array = archived.find(input.name); array != archived.end()) {
    ANEBENCH_ASSIGN(value, convert(array->second, input.type, arguments.cast));
    return std::optional(std::move(value));
  }
  if (!arguments.random) return std::optional<mil::Value>();
  ANEBENCH_ASSIGN(
      value, random_value(with_default_shape(input, function), Rng(*arguments.random).fork(index)));
  return std::optional(std::move(value));
}

}  // namespace

Result<std::vector<std::string>> set_inputs(const RunArguments& arguments,
                                            const mil::Function& function,
                                            device::LoadedProgram& loaded) {
  const std::vector<mil::NamedType>& inputs = loaded.executable().inputs();
  ANEBENCH_ASSIGN(files, named_files(arguments.inputs, "input", inputs));
  ANEBENCH_ASSIGN(archived, read_archives(files.archives));
  std::string missing;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto& [name, type] = inputs[i];
    const std::string context = fmt::format("input \"{}\"", name);
    ANEBENCH_ASSIGN(value, find_value(arguments, files, archived, function, inputs[i], i), context);
    archived.erase(name);
    if (value) {
      ANEBENCH_TRY(loaded.set_input(i, *value), context);
    } else {
      missing += fmt::format("{}{} ({})", missing.empty() ? "" : ", ", name, mil::to_string(type));
    }
  }
  if (!missing.empty()) {
    return fail(ErrorCode::invalid_argument,
                "there are no values for {}; give files with --input NAME=FILE, or --random SEED",
                missing);
  }
  std::vector<std::string> remarks;
  for (const auto& [name, array] : archived) {
    remarks.push_back(fmt::format("the array \"{}\" is not used: the program's inputs are {}", name,
                                  names_of(inputs)));
  }
  return remarks;
}

}  // namespace anebench::cli
