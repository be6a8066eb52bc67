// Whatever a command takes as MODEL: a program by name, or anything that package::open_model opens.
#pragma once

#include <string>

#include "anebench/base/result.h"
#include "anebench/package/model.h"

namespace anebench::cli {

using Model = package::Model;

// Errors name the file and, within it, line and column.
Result<Model> open_model(const std::string& model, weights::ReadMode mode);

// Whether `model` is a program by name: the name is known, and no file or folder has it.
bool names_program(const std::string& model);

// A file or folder by its own name: paths may tell who ran it, and records are meant to be shared.
std::string model_name(const std::string& model);

// Whether `model` names a weight file.
bool is_weight_file(const std::string& model);

}  // namespace anebench::cli
