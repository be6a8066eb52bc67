#include "anebench/programs/catalogue.h"
#include "anebench/report/program_list.h"
#include "commands.h"
#include "console.h"

namespace anebench::cli {

int run_programs(const ProgramsArguments& arguments) {
  Console(arguments.console).print(report::program_list(programs::catalogue()));
  return kOk;
}

}  // namespace anebench::cli
