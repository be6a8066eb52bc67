#include "anebench/weights/weight_warning.h"

#include <fmt/format.h>

#include <utility>

namespace anebench::weights {

std::string_view to_string(WarningKind kind) {
  switch (kind) {
    case WarningKind::type_differs: return "type_differs";
    case WarningKind::data_offset_ignored: return "data_offset_ignored";
    case WarningKind::size_differs: return "size_differs";
    case WarningKind::padding_ignored: return "padding_ignored";
    case WarningKind::listing_cut_short: break;
  }
  return "listing_cut_short";
}

std::string WeightWarning::to_string() const {
  return fmt::format("{} at {}: {}; {}", file, offset, seen, assumed);
}

std::vector<std::string> summarize(const std::vector<WeightWarning>& warnings) {
  struct Group {
    const WeightWarning* first;
    std::size_t count;
  };
  std::vector<Group> groups;
  for (const WeightWarning& warning : warnings) {
    Group* group = nullptr;
    for (Group& candidate : groups) {
      if (candidate.first->kind == warning.kind && candidate.first->file == warning.file) {
        group = &candidate;
      }
    }
    if (group != nullptr) {
      ++group->count;
    } else {
      groups.push_back({&warning, 1});
    }
  }
  std::vector<std::string> lines;
  lines.reserve(groups.size());
  for (const Group& group : groups) {
    std::string line = group.first->to_string();
    if (group.count == 2) line += " (and once more in this file)";
    if (group.count > 2) line += fmt::format(" (and {} times more in this file)", group.count - 1);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace anebench::weights
