// Cells of tables out of records: how a time, a rate, a ratio or a check is printed, and how far it
// can be trusted. A number that is mistrusted or of a wrong result never looks like a plain one.
//
// Pure; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "anebench/record/record.h"
#include "anebench/report/document.h"

namespace anebench::report {

// How far a record's time can be trusted.
enum class Trust : std::uint8_t {
  sound,
  approximate,  // it stands, its interval is not quite what was asked for
  mistrusted,   // something else had a part in it
  none,         // there is no time that counts: wrong, refused, failed
};
Trust trust_of(const record::Record& record);

// Put before a figure: "" where sound, "~" approximate, "?" mistrusted.
std::string_view mark_of(Trust trust);

// "512×64×128": channels × width × depth; "768→2048" for single convolutions; else the name.
std::string configuration_name(const record::Program& program);
// The parameter's value; empty where absent.
std::string_view parameter(const record::Program& program, std::string_view key);

// A unit that suits the largest rate of a table.
struct RateUnit {
  double ops = 1e12;  // operations a second in one of it
  std::string name = "TOPS";
};
// `letters` is "OPS" or "FLOPS". TOPS from 0.1 TOPS on, else GOPS.
RateUnit rate_unit(std::span<const record::Record> records, std::string_view letters);

Cell weights_cell(const record::Record& record);     // MiB
Cell operations_cell(const record::Record& record);  // 10^9
// ms of time.eval, or the outcome where there is none.
Cell time_cell(const record::Record& record);
// Half the width of time.eval's interval: "0.8 %".
Cell spread_cell(const record::Record& record);
Cell rate_cell(const record::Record& record, const RateUnit& unit);
// "3.12 [3.05, 3.19]"; empty where the record is no comparison.
Cell ratio_cell(const record::Record& record);
// Any metric times `scale`; empty where it is absent.
Cell metric_cell(const record::Record& record, std::string_view tag, double scale = 1,
                 int digits = 3);
// Any ratio as ratio_cell prints it; empty where the metric is absent.
Cell interval_cell(const record::Record& record, std::string_view tag);
// A share as "71.3 %"; empty where the metric is absent.
Cell share_cell(const record::Record& record, std::string_view tag);
// "equal", "52.1 dB", "WRONG", "vacuous", "-".
Cell check_cell(const record::Record& record);

}  // namespace anebench::report
