#include <fmt/format.h>

#include <map>
#include <string>

#include "anebench/mil/text_printer.h"
#include "anebench/ops/verifier.h"
#include "anebench/package/description.h"
#include "anebench/report/program_report.h"
#include "commands.h"
#include "console.h"
#include "model.h"

namespace anebench::cli {
namespace {

int inspect_weight_file(const InspectArguments& arguments, weights::ReadMode mode,
                        Console& console) {
  const auto file = weights::BlobFileReader::open(arguments.model, mode);
  if (!file) return console.error("inspect " + arguments.model, file.error());
  const auto document = report::weight_file_report(*file);
  if (!document) return console.error("inspect " + arguments.model, document.error());
  console.print(*document);
  return kOk;
}

int print_text(const Model& model, Console& console) {
  Result<void> written;
  mil::print_text(model.program, [&](std::string_view piece) {
    if (written) written = write_stdout(piece);
  });
  return written ? kOk : console.error("print the text", written.error());
}

// "x (RGB 640x480), y (grayscale 28x28)".
std::string images_text(const std::map<std::string, package::ImageType, std::less<>>& images) {
  std::string text;
  for (const auto& [name, type] : images) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", name, to_string(type));
  }
  return text;
}

// What applications pass as images, of every function that has some.
void add_images(const Model& model, report::Facts& facts) {
  if (!model.description) return;
  for (const mil::Function& function : model.program.functions()) {
    const auto images = package::image_features(*model.description, function.name);
    if (!images) continue;  // a description that cannot be read did not open
    const std::string of =
        model.program.functions().size() == 1 ? "" : fmt::format(" of {}", function.name);
    if (!images->inputs.empty()) {
      facts.items.emplace_back("Image inputs" + of, images_text(images->inputs));
    }
    if (!images->outputs.empty()) {
      facts.items.emplace_back("Image outputs" + of, images_text(images->outputs));
    }
  }
}

report::Facts about(const Model& model) {
  report::Facts facts;
  facts.items.emplace_back("Model", to_string(model.form));
  if (model.specification) {
    facts.items.emplace_back("Specification", std::to_string(*model.specification));
  }
  add_images(model, facts);
  return facts;
}

}  // namespace

int run_inspect(const InspectArguments& arguments) {
  Console console(arguments.console);
  const auto mode = arguments.strict ? weights::ReadMode::strict : weights::ReadMode::tolerant;
  if (is_weight_file(arguments.model)) {
    if (arguments.text) {
      return console.error("print " + arguments.model, "a weight file has no text", kUsage);
    }
    return inspect_weight_file(arguments, mode, console);
  }
  const auto model = open_model(arguments.model, mode);
  if (!model) return console.error("inspect " + arguments.model, model.error());
  if (arguments.text) return print_text(*model, console);

  ops::VerifyOptions options;
  options.strictness = arguments.lenient ? ops::Strictness::lenient : ops::Strictness::strict;
  options.resolver = model->weights.get();
  const ops::Report verification = ops::verify(model->program, options);
  const std::vector<Error> errors = report::resolve_constants(model->program, *model->weights);
  console.print(
      report::program_report(about(*model), model->program, model->weights.get(), verification));
  for (const Error& error : errors) console.error("read a weight of " + arguments.model, error);
  return errors.empty() && verification.ok() ? kOk : kCheckFailed;
}

}  // namespace anebench::cli
