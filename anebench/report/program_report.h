// What `inspect` prints: what is in a program or in a weight file. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/ops/verifier.h"
#include "anebench/report/document.h"
#include "anebench/weights/blob_file_reader.h"
#include "anebench/weights/weight_files.h"

namespace anebench::report {

// Format, functions with inputs, states and outputs, operations by type (nested blocks included),
// layers by precision, constants by element type with their bytes, weight files with what was odd
// about them, and what the verifier says. `about` goes before it all: where the program came from.
// `weights` may be null.
Document program_report(Facts about, const mil::Program& program,
                        const weights::WeightFiles* weights, const ops::Report& verification);

// What the verifier says, alone.
Document verification_report(const ops::Report& verification);

// Resolves every constant of a program that lies in a weight file, so that the files' warnings are
// complete. Gives the errors.
std::vector<Error> resolve_constants(const mil::Program& program,
                                     const weights::WeightFiles& weights);

// The blobs of a weight file: offset, type, bytes, and what was odd about them. Errors: the file's.
Result<Document> weight_file_report(const weights::BlobFileReader& file);

}  // namespace anebench::report
