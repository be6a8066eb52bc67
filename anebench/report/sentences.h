// What a report says in sentences: warnings, checks, refusals. Each is one sentence (or two): what
// was seen, why it matters, what to do. Pure; thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/record/record.h"
#include "anebench/report/document.h"

namespace anebench::report {

// What a validity code means; a plain sentence for unknown ones.
std::string explanation_of(std::string_view code);

// One sentence for each validity code that occurs, with the rows that it concerns.
std::vector<Paragraph> warnings(std::span<const record::Record> records);

// One for each record without a result: what happened, at which stage, with the device's message
// (cut at 200 characters; the record has it whole).
std::vector<Paragraph> refusals(std::span<const record::Record> records);

// What was compared with the reference, for each variant: "w8a8: every compared value equal …".
std::vector<Paragraph> check_summary(std::span<const record::Record> records);

}  // namespace anebench::report
