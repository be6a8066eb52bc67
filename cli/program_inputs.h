// Values for a program's inputs, as --input, --random and --cast say.
//
//   ANEBENCH_ASSIGN(images, ModelImages::of(model, function.name));
//   ANEBENCH_ASSIGN(inputs, read_inputs(arguments.inputs, function, executable.inputs(), images));
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/mil/value.h"
#include "model_images.h"

namespace anebench::cli {

struct InputOptions {
  // "NAME=FILE" each; named_files.h has the exceptions.
  std::vector<std::string> files;
  // Of the inputs that no file gives.
  std::optional<std::uint64_t> random_seed;
  // Convert any kind of number to any.
  bool cast = false;
};

struct ReadInputs {
  // One for each input, in their order.
  std::vector<mil::Value> values;
  // Arrays of an archive that are no inputs.
  std::vector<std::string> remarks;
};

// Whether the options give any values.
bool has_inputs(const InputOptions& options);
// "x=x.npy, the others random, seed 1": what they say, for reports.
std::string inputs_text(const InputOptions& options);

// Dimensions that the program leaves open are those of the file, or for random values those that
// `function` declares as its default shapes. A file is an array or, for what `images` says to be
// one, an image; its first bytes tell. Errors: a file that is not there or does not fit, a name
// that no input has; inputs without values, all of them with their types.
Result<ReadInputs> read_inputs(const InputOptions& options, const mil::Function& function,
                               const std::vector<mil::NamedType>& inputs,
                               const ModelImages& images);

}  // namespace anebench::cli
