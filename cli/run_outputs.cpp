#include "run_outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "anebench/io/image.h"
#include "anebench/io/npy.h"
#include "anebench/io/npz.h"
#include "anebench/mil/text_printer.h"
#include "anebench/package/array_value.h"
#include "anebench/package/image_value.h"

namespace anebench::cli {
namespace {

// Of the numbers that are finite, and how many are not.
struct Statistics {
  double least = 0;
  double greatest = 0;
  double sum = 0;
  std::size_t finite = 0;
  std::size_t nan = 0;
  std::size_t infinite = 0;
};

Statistics statistics_of(const mil::Value& value) {
  Statistics result;
  const auto count = static_cast<std::size_t>(value.type().element_count().value_or(0));
  for (std::size_t i = 0; i < count; ++i) {
    const double number = mil::packed_element_as_double(value.type().data_type(), value.bytes(), i);
    if (std::isnan(number)) {
      ++result.nan;
    } else if (std::isinf(number)) {
      ++result.infinite;
    } else {
      result.least = result.finite == 0 ? number : std::min(result.least, number);
      result.greatest = result.finite == 0 ? number : std::max(result.greatest, number);
      result.sum += number;
      ++result.finite;
    }
  }
  return result;
}

report::Cell count_cell(std::size_t count) {
  return {std::to_string(count), count == 0 ? report::Style::faint : report::Style::warning};
}

// Texts and dictionaries as MIL text.
std::string as_text(const mil::Value& value) {
  constexpr std::size_t kLongest = 60;
  if (const auto text = value.as_string()) return std::string(*text);
  std::string text = mil::print_literal_text(value);
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "…";
  return text;
}

std::vector<report::Cell> row_of(const std::string& name, const mil::Value& value,
                                 const std::string& file) {
  const std::string type = mil::to_string(value.type());
  if (!value.is_packed()) return {{name}, {type}, {as_text(value)}, {}, {}, {}, {}, {file}};
  const Statistics numbers = statistics_of(value);
  const auto cell = [&](double number) {
    return report::Cell{numbers.finite == 0 ? "" : fmt::format("{:.6g}", number)};
  };
  return {{name},
          {type},
          cell(numbers.least),
          cell(numbers.greatest),
          cell(numbers.sum / static_cast<double>(numbers.finite)),
          count_cell(numbers.nan),
          count_cell(numbers.infinite),
          {file}};
}

// As an image or an array.
Result<void> write_value(const mil::Value& value, const std::string& file,
                         const package::ImageType* image_type) {
  if (image_type != nullptr) {
    ANEBENCH_ASSIGN(image, package::image_from_tensor(value.type(), value.bytes(), *image_type));
    return io::write_png_file(file, image);
  }
  ANEBENCH_ASSIGN(array, package::array_from_tensor(value.type(), value.bytes()));
  return io::write_npy_file(file, array);
}

}  // namespace

Result<OutputFiles> output_files(const std::vector<std::string>& texts,
                                 const std::vector<mil::NamedType>& outputs,
                                 const ModelImages& images) {
  OutputFiles result;
  ANEBENCH_ASSIGN(named, named_files(texts, "output", outputs));
  for (const mil::NamedType& output : outputs) {
    const auto file = named.files.find(output.name);
    if (file == named.files.end()) continue;
    const std::string context = fmt::format("output \"{}\"", output.name);
    ANEBENCH_ASSIGN(is_image, names_image(file->second), context);
    if (!is_image) continue;
    ANEBENCH_ASSIGN(image_type, images.output(output), context);
    result.images.emplace(output.name, std::move(image_type));
  }
  result.named = std::move(named);
  return result;
}

Result<report::Table> write_outputs(const OutputFiles& files, const device::LoadedProgram& loaded) {
  const auto& [named, archives] = files.named;
  const std::vector<mil::NamedType>& outputs = loaded.executable().outputs();
  report::Table table;
  table.columns = {{"Output", report::Align::left},
                   {"Type", report::Align::left},
                   {"Min"},
                   {"Max"},
                   {"Mean"},
                   {"NaN"},
                   {"Infinite"},
                   {"File", report::Align::left}};
  io::NpzArrays archive;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::string& name = outputs[i].name;
    const std::string context = fmt::format("output \"{}\"", name);
    ANEBENCH_ASSIGN(value, loaded.output_value(i), context);
    const auto found = named.find(name);
    const bool is_archived = !archives.empty() && value.is_packed();
    std::string file = is_archived ? archives.front() : "";
    if (found != named.end()) file = found->second;
    table.rows.push_back(row_of(name, value, file));
    if (found != named.end()) {
      const auto image = files.images.find(name);
      ANEBENCH_TRY(write_value(value, file, image == files.images.end() ? nullptr : &image->second),
                   context);
    }
    if (!is_archived) continue;
    ANEBENCH_ASSIGN(array, package::array_from_tensor(value.type(), value.bytes()), context);
    archive.emplace(name, std::move(array));
  }
  for (const std::string& path : archives) {
    ANEBENCH_TRY(io::write_npz_file(path, archive), path);
  }
  return table;
}

}  // namespace anebench::cli
