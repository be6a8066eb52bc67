// Options that several commands take, and how option texts are read.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "anebench/base/result.h"
#include "options.h"

namespace anebench::cli {

// An option whose text a function reads; its error becomes the usage error.
template <typename T, typename Target>
CLI::Option* add_parsed(CLI::App& app, const std::string& name, const std::string& type,
                        Result<T> (*parse)(std::string_view), Target& target,
                        const std::string& description) {
  const auto read = [&target, parse, name](const std::string& text) {
    auto value = parse(text);
    if (!value) throw CLI::ValidationError(name, value.error().message());
    target = std::move(*value);
  };
  return app.add_option_function<std::string>(name, read, description)->type_name(type);
}

// Whole numbers from 1 on.
Result<std::size_t> parse_count(std::string_view text);
// From 1 to 65,536.
Result<std::int64_t> parse_size(std::string_view text);
Result<int> parse_threads(std::string_view text);

// --json, --csv, --markdown, --no-samples, --resume.
void add_output_options(CLI::App& app, OutputOptions& options);
// --quiet, --verbose, --color.
void add_console_options(CLI::App& app, ConsoleOptions& options);
// Everything that experiments share but --precision, which `peak` reads in its own way.
void add_shared_options(CLI::App& app, SharedOptions& options);
void add_precision_option(CLI::App& app, SharedOptions& options);

}  // namespace anebench::cli
