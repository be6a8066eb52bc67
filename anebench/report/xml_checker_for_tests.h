// Test support: whether a text is well-formed XML, as far as this project writes it: elements with
// quoted attributes, text with the five entities. No declarations, comments or CDATA.
#pragma once

#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace anebench::report {

class XmlChecker {
 public:
  // What is wrong first; empty where nothing is.
  static std::string problem(std::string_view text) {
    XmlChecker checker(text);
    checker.check();
    return checker.problem_;
  }

 private:
  explicit XmlChecker(std::string_view text) : text_(text) {}

  void check() {
    bool had_root = false;
    while (at_ < text_.size() && problem_.empty()) {
      if (text_[at_] == '<') {
        if (open_.empty() && had_root) return complain("a second root");
        check_tag();
        had_root = true;
      } else {
        if (open_.empty() && std::isspace(static_cast<unsigned char>(text_[at_])) == 0) {
          return complain("text outside of the root");
        }
        check_character();
      }
    }
    if (problem_.empty() && (!open_.empty() || !had_root)) complain("an element is not closed");
  }

  void check_character() {
    const auto c = static_cast<unsigned char>(text_[at_]);
    if (c == '<' || c == '>') return complain("a bare angle bracket");
    if (c < 0x20 && c != '\n' && c != '\t') return complain("a control character");
    if (c == '&') {
      const std::size_t end = text_.find(';', at_);
      static const std::set<std::string_view> kEntities = {"amp", "lt", "gt", "quot", "apos"};
      if (end == std::string_view::npos ||
          !kEntities.contains(text_.substr(at_ + 1, end - at_ - 1))) {
        return complain("an ampersand that begins no entity");
      }
      at_ = end;
    }
    ++at_;
  }

  std::string_view name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 ||
                                  text_[at_] == '-' || text_[at_] == '_' || text_[at_] == ':')) {
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }
  bool take(std::string_view what) {
    if (!text_.substr(at_).starts_with(what)) return false;
    at_ += what.size();
    return true;
  }

  void check_tag() {
    ++at_;
    if (take("/")) {
      if (open_.empty() || name() != open_.back()) return complain("the wrong element is closed");
      open_.pop_back();
      if (!take(">")) complain("a closing tag does not end");
      return;
    }
    const std::string element(name());
    if (element.empty()) return complain("an element without a name");
    std::set<std::string> attributes;
    while (take(" ")) {
      if (!attributes.insert(std::string(name())).second) return complain("an attribute twice");
      if (!take("=\"")) return complain("an attribute without a quoted value");
      while (at_ < text_.size() && text_[at_] != '"' && problem_.empty()) check_character();
      if (!take("\"")) return complain("a value that does not end");
    }
    if (take("/>")) return;
    if (!take(">")) return complain("a tag that does not end");
    open_.push_back(element);
  }

  void complain(std::string_view what) {
    if (!problem_.empty()) return;
    problem_ = std::string(what) + " at: " + std::string(text_.substr(at_, 40));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::string> open_;
  std::string problem_;
};

}  // namespace anebench::report
