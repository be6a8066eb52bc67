// One case of an experiment: what runs together, in a process of its own where cases are isolated,
// and leaves one or more records. Experiments make lists of cases; run.h runs them.
//
// A case knows the identity of its records before it runs. So a resumed run skips what is there, a
// shard takes its part of the list, and a case that crashes, hangs or eats the memory leaves its
// records all the same, with the outcome of that.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/record/record.h"
#include "anebench/runner/reporter.h"

namespace anebench::runner {

struct Case {
  // For people: "int8 on cpu: 512x64x64 depth 128".
  std::string name;
  // The program's arguments that run exactly this case again, its settings included:
  // {"int8", "--device", "cpu", "--seed", "1", "--filter", "channels=512,depth=128"}.
  std::vector<std::string> arguments;
  // The records that the case leaves, complete but for their results. Never empty.
  std::vector<record::Record> planned;
  // Computed from the other cases' records (Reporter::records), in this process and after them;
  // shards leave it out.
  bool is_summary = false;
  // Runs it in this process and reports its records: each of `planned`, filled in. A refusal or a
  // wrong result is a record, not an error; an error means that the run cannot go on.
  std::function<Result<void>(Reporter&)> run;
};

}  // namespace anebench::runner
