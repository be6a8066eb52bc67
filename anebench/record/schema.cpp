#include "anebench/record/schema.h"

namespace anebench::record {

// record.schema.json, made into a source file by cmake/anebench_embed.cmake.
extern const std::string_view kSchemaJson;

std::string_view schema_text() { return kSchemaJson; }

}  // namespace anebench::record
