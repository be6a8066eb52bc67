// For tests: a reporter that keeps what an experiment's cases report.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/record/record.h"
#include "anebench/runner/reporter.h"

namespace anebench::experiments {

class Collector final : public runner::Reporter {
 public:
  bool take_over(std::string_view id) override { return done.contains(std::string(id)); }
  std::span<const record::Record> records() const override { return collected; }
  Result<void> record(const record::Record& record) override {
    collected.push_back(record);
    return {};
  }
  void note(std::string_view text) override { notes.emplace_back(text); }

  std::vector<record::Record> collected;
  std::vector<std::string> notes;
  // Ids that an earlier run has recorded.
  std::set<std::string> done;
};

}  // namespace anebench::experiments
