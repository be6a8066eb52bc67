// Joins the record files of several machines, shards or runs into one.
//
//   std::vector<MergeInput> inputs = …;                 // read_record_lines of each file
//   Merged merged = merge(inputs, experiments::summaries);
//   write_file_atomically("all.jsonl", merged.text);
//
// Records keep their order and their text, byte for byte. A duplicate (the same run and id) is
// dropped: the first stays, or, where that has no raw samples and the other has, the other in its
// place. Nothing else is lost. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "anebench/record/journal.h"
#include "anebench/record/record.h"

namespace anebench::report {

struct MergeInput {
  std::string name;  // the file's
  std::vector<record::RecordLine> lines;
};

struct Merged {
  std::string text;  // JSON lines
  std::size_t read = 0;
  std::size_t kept = 0;  // summaries included
  std::size_t duplicates = 0;
  // Of the duplicates, those whose content differed from what was kept.
  std::size_t differing = 0;
  // Records computed from all others, new or in the place of older ones.
  std::size_t summaries = 0;
  std::size_t runs = 0;
};

using Summarise = std::vector<record::Record> (*)(std::span<const record::Record>);

// `summarise` gets all records that are kept and gives those that are computed from them.
Merged merge(std::span<const MergeInput> inputs, Summarise summarise);

}  // namespace anebench::report
