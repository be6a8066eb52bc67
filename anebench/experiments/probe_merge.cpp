#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "anebench/base/version.h"
#include "anebench/experiments/probe.h"
#include "anebench/experiments/verdict_records.h"
#include "anebench/programs/program_spec.h"

namespace anebench::experiments {
namespace {

using record::Record;

std::string parameter(const Record& record, std::string_view key) {
  return record.parameters.is_object() ? json_string(record.parameters, key).value_or("") : "";
}

bool is_of_ladder(const Record& record) {
  return record.experiment == kLadderExperiment && parameter(record, "part") == kLadderPart;
}

// The verdict's record, without its verdict, from one of the ladder's: what plan_verdict makes
// where the devices are at hand.
Record verdict_record(const Record& rung) {
  Record record;
  record.run = rung.run;
  record.version = build_info().description();
  record.experiment = rung.experiment;
  record.origin = rung.origin;
  record.device = rung.device;
  record.host = rung.host;
  record.variant = rung.variant;
  const std::string ladder = parameter(rung, "ladder");
  const std::size_t middle = std::min(ladder.find(" x "), ladder.size());
  record.program.name = "ladder";
  record.program.parameters = {
      {"channels", ladder.substr(0, middle)},
      {"positions", middle + 3 <= ladder.size() ? ladder.substr(middle + 3) : ""}};
  record.parameters = rung.parameters;
  for (const char* key : {"ladder", "baseline", "baseline_id"}) record.parameters.erase(key);
  record.parameters["part"] = "verdict";
  record.parameters["text_hash"] = "";
  record.parameters["program"] =
      programs::ProgramSpec(record.program.name, record.program.parameters).to_string();
  record.id = record::make_id(record.parameters);
  return record;
}

}  // namespace

std::vector<Record> missing_verdicts(std::span<const Record> records) {
  // By the verdict's id and the machine, the records that it rests on.
  using Key = std::pair<std::string, std::string>;
  std::map<Key, Record> wanted;
  std::map<std::string, std::vector<Record>> ladders;  // by machine
  std::set<Key> there;
  for (const Record& record : records) {
    const std::string& machine = record.device.description;
    if (parameter(record, "part") == "verdict") there.emplace(record.id, machine);
    if (!is_of_ladder(record)) continue;
    ladders[machine].push_back(record);
    if (record.variant == kLadderBaseline) continue;
    Record verdict = verdict_record(record);
    wanted.emplace(Key(verdict.id, machine), std::move(verdict));
  }
  std::vector<Record> verdicts;
  for (auto& [key, verdict] : wanted) {
    if (there.contains(key)) continue;
    // Those of the same ladder and settings: only these have this verdict's id.
    std::vector<Record> same;
    for (const Record& record : ladders[key.second]) {
      Record of_variant = record;
      of_variant.variant = verdict.variant;
      of_variant.parameters["variant"] = verdict.variant;
      if (verdict_record(of_variant).id == key.first) same.push_back(record);
    }
    const auto finding = verdict_from_records(same, verdict.device.name, verdict.variant);
    if (!finding) continue;
    verdict.time = record::utc_now();
    verdict.verdict = to_record(*finding);
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace anebench::experiments
