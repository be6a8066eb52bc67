// Chooses cases by their parameters: what --filter takes.
//
//   ANEBENCH_ASSIGN(filter, CaseFilter::parse("channels=256,512,depth=16:64:*2"));
//   filter.matches({{"channels", "512"}, {"depth", "32"}});  // true
//
// A value may be a list (a,b,c) or a range (lo:hi:step, or lo:hi:*factor; both ends included).
// Plain data; pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "anebench/base/result.h"

namespace anebench::experiments {

using CaseParameters = std::vector<std::pair<std::string, std::string>>;

class CaseFilter {
 public:
  CaseFilter() = default;
  // Errors: no KEY=VALUE; a key given twice; a range that is none or has more than 10,000 values.
  static Result<CaseFilter> parse(std::string_view text);

  // Every key of the filter is among `parameters`, with one of its values.
  bool matches(const CaseParameters& parameters) const;
  bool empty() const { return values_.empty(); }
  // The keys that no case has, given those that some case has.
  std::vector<std::string> unknown_keys(const std::set<std::string>& known) const;

 private:
  std::map<std::string, std::set<std::string>> values_;
};

// The values of a list or range: "4", "1,2,8", "256:1024:*2", "0:10:5". Errors as above.
Result<std::vector<std::string>> parse_values(std::string_view text);

}  // namespace anebench::experiments
