// Core ML packages (.mlpackage) and the model files in them, read and written.
//
//   ANEBENCH_ASSIGN(package, read_package("x.mlpackage", weights::ReadMode::tolerant));
//   run(package.program, *package.weights);
//   ANEBENCH_TRY(write_package(package, "y.mlpackage"));
//
// ML programs of the specifications 6 to 10 are read; other kinds of model are named and refused.
// What the language has no place for (descriptions of inputs, metadata, fields of newer versions)
// is kept and written again, so that a package read and written loses nothing. Weight files are
// mapped when a constant is first resolved, never loaded whole.
//
// Input data cannot cost more than a bounded multiple of its size. Functions are thread-safe; a
// Package is plain data, thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/package/unknown_fields.h"
#include "anebench/weights/weight_files.h"

namespace anebench::package {

struct Package {
  // 6 for iOS 15 … 10 for iOS 26.
  std::int32_t specification = 0;
  mil::Program program;
  // Null where the model was read from memory.
  std::shared_ptr<weights::WeightFiles> weights;
  // The model's description (features, metadata) as a protobuf message: description.h reads and
  // makes it.
  std::string description;
  UnknownFields unknown;
};

// Errors: not_found, io_error; parse_error with function and operation; unsupported for other kinds
// of model and newer versions; resource_exhausted where a file is a bomb.
Result<Package> read_package(const std::filesystem::path& path, weights::ReadMode mode);
// A single model file (model.mlmodel); weights are looked for in its folder.
Result<Package> read_model_file(const std::filesystem::path& path, weights::ReadMode mode);
// The content of a model file. The bytes need not outlive the call.
Result<Package> read_model(std::span<const std::byte> content);

// A package of a program that came from elsewhere, with a description made for it. Errors: as
// make_description().
Result<Package> make_package(const mil::Program& program,
                             std::shared_ptr<weights::WeightFiles> weights);

// The oldest specification that has all of it.
std::int32_t specification_for(const mil::Program& program);

// The content of a model file.
std::string write_model(const Package& package);
// Writes a .mlpackage with the weight files that the program refers to. Whatever is at `path` is
// replaced at once or not at all. Errors: io_error, and those of reading a weight file.
Result<void> write_package(const Package& package, const std::filesystem::path& path);
// The same as a folder with model.mil, which is what compiled models have.
Result<void> write_text_folder(const mil::Program& program, const weights::WeightFiles* weights,
                               const std::filesystem::path& path);

}  // namespace anebench::package
