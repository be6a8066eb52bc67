#include "anebench/report/merge.h"

#include <map>
#include <set>
#include <utility>

namespace anebench::report {
namespace {

using Key = std::pair<std::string, std::string>;

Key key_of(const record::Record& record) { return {record.run, record.id}; }

std::string text_of(const record::Record& record) {
  std::string text = record::to_line(record);
  text.pop_back();  // the line's end
  return text;
}

// Records in order, found by key.
class Collection {
 public:
  // Null where the key is new; it is then added.
  std::string* add(const record::Record& record, const std::string& text) {
    const auto [place, is_new] = places_.emplace(key_of(record), records_.size());
    if (!is_new) return &texts_[place->second];
    records_.push_back(record);
    texts_.push_back(text);
    return nullptr;
  }
  void replace(const record::Record& record, std::string text) {
    const std::size_t place = places_.at(key_of(record));
    records_[place] = record;
    texts_[place] = std::move(text);
  }
  const record::Record& find(const Key& key) const { return records_[places_.at(key)]; }
  const std::vector<record::Record>& records() const { return records_; }
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  std::vector<record::Record> records_;
  std::vector<std::string> texts_;
  std::map<Key, std::size_t> places_;
};

}  // namespace

Merged merge(std::span<const MergeInput> inputs, Summarise summarise) {
  Merged merged;
  Collection all;
  for (const MergeInput& input : inputs) {
    for (const auto& [record, text] : input.lines) {
      ++merged.read;
      const std::string* known = all.add(record, text);
      if (known == nullptr) continue;
      ++merged.duplicates;
      if (*known != text) ++merged.differing;
      if (record.samples && !all.find(key_of(record)).samples) all.replace(record, text);
    }
  }
  for (const record::Record& summary : summarise(all.records())) {
    ++merged.summaries;
    std::string text = text_of(summary);
    if (all.add(summary, text) != nullptr) all.replace(summary, std::move(text));
  }
  std::set<std::string> runs;
  for (const record::Record& record : all.records()) runs.insert(record.run);
  for (const std::string& text : all.texts()) merged.text += text + "\n";
  merged.kept = all.records().size();
  merged.runs = runs.size();
  return merged;
}

}  // namespace anebench::report
