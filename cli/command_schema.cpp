#include "anebench/record/schema.h"
#include "commands.h"
#include "console.h"

namespace anebench::cli {

int run_schema() {
  const auto written = write_stdout(record::schema_text());
  return written ? kOk : Console({}).error("print the schema", written.error());
}

}  // namespace anebench::cli
