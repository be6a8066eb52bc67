// The JSON Schema (draft 2020-12) of a record: record.schema.json in this folder, compiled in.
// Every record that the program writes validates against it.
#pragma once

#include <string_view>

namespace anebench::record {

// Ends in a newline. Lives as long as the program; thread-safe.
std::string_view schema_text();

}  // namespace anebench::record
