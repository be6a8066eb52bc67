// Fields of a model file that this version does not know, kept so that a package written again
// loses none of them.
//
// Each is held as its raw bytes under the path of the message that it stood in, such as
// "main/op y/in x/". Operations go by the name of their first result, so the fields of one survive
// changes of the program around it; those of one that is gone are dropped with it.
// Thread-compatible.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace anebench::package {

class UnknownFields {
 public:
  // Appends tags and contents as they stood in the file.
  void add(std::string_view path, std::string_view raw) {
    const auto found = raw_by_path_.find(path);
    if (found == raw_by_path_.end()) {
      raw_by_path_.emplace(path, raw);
    } else {
      found->second += raw;
    }
  }
  // Empty where there are none.
  std::string_view find(std::string_view path) const {
    const auto found = raw_by_path_.find(path);
    return found == raw_by_path_.end() ? std::string_view() : std::string_view(found->second);
  }
  bool empty() const { return raw_by_path_.empty(); }
  // Messages that have some.
  std::size_t size() const { return raw_by_path_.size(); }

  friend bool operator==(const UnknownFields&, const UnknownFields&) = default;

 private:
  std::map<std::string, std::string, std::less<>> raw_by_path_;
};

// Where a walk through nested messages stands.
class FieldPath {
 public:
  // One level deeper until it is destroyed.
  class Step {
   public:
    Step(FieldPath& path, std::string_view kind, std::string_view name = {})
        : path_(path), length_(path.text_.size()) {
      path.text_.append(kind);
      if (!name.empty()) path.text_.append(" ").append(name);
      path.text_ += '/';
    }
    Step(FieldPath& path, std::string_view kind, std::size_t index)
        : Step(path, kind, std::to_string(index)) {}
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() { path_.text_.resize(length_); }

   private:
    FieldPath& path_;
    std::size_t length_;
  };

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace anebench::package
