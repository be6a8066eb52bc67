// What was looked for to reach the Neural Engine, and what of it is there: the evidence behind
// "unavailable", and what `doctor` prints. Plain data.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace anebench::device::ane {

enum class SurveyKind : std::uint8_t { library, function, variable, object_class, message };
constexpr std::string_view to_string(SurveyKind kind) {
  switch (kind) {
    case SurveyKind::library: return "library";
    case SurveyKind::function: return "function";
    case SurveyKind::variable: return "variable";
    case SurveyKind::object_class: return "class";
    case SurveyKind::message: break;
  }
  return "selector";
}

struct SurveyItem {
  SurveyKind kind = SurveyKind::library;
  std::string name;     // "-[_ANEInMemoryModel unloadWithQoS:error:]"
  std::string problem;  // what is wrong with it; empty where it is as it should be
  bool is_needed = true;
};

struct Survey {
  std::vector<SurveyItem> items;

  void add(SurveyKind kind, std::string name, std::string problem = "", bool is_needed = true) {
    items.push_back({kind, std::move(name), std::move(problem), is_needed});
  }
  // The first that is needed and not as it should be; null where there is none.
  const SurveyItem* first_obstacle() const {
    const auto found = std::find_if(items.begin(), items.end(), [](const SurveyItem& item) {
      return item.is_needed && !item.problem.empty();
    });
    return found == items.end() ? nullptr : &*found;
  }
};

}  // namespace anebench::device::ane
