// Small examples of every program of the catalogue, for tests that hold of all of them: each choice
// of each parameter once, the other parameters small.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "anebench/programs/catalogue.h"

namespace anebench::programs {

inline std::vector<ProgramSpec> sample_programs(const CatalogueEntry& entry) {
  // Sizes that every weight format accepts.
  static const std::map<std::string_view, std::string_view> kSmall = {
      {"channels", "32"}, {"height", "1"},       {"size", "2"},          {"width", "3"},
      {"depth", "3"},     {"in_channels", "64"}, {"out_channels", "24"},
  };
  ProgramSpec small(std::string(entry.name), {});
  for (const Key& key : entry.keys()) {
    if (const auto size = kSmall.find(key.name); size != kSmall.end()) {
      small.set(key.name, std::string(size->second));
    }
  }
  std::vector<ProgramSpec> samples = {small};
  for (const Key& key : entry.keys()) {
    for (const std::string_view choice : key.choices) {
      if (choice == key.default_value) continue;
      ProgramSpec sample = small;
      sample.set(key.name, std::string(choice));
      if (key.name == "quantize_input") sample.set("precision", "w8a8");
      samples.push_back(std::move(sample));
    }
  }
  return samples;
}

}  // namespace anebench::programs
