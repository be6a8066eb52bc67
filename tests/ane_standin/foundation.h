// The few classes of Foundation that the program under test uses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "object.h"

namespace anebench::standin {

class NsString final : public Object {
 public:
  static ClassObject& shared_class();
  explicit NsString(std::string text) : Object(shared_class()), text_(std::move(text)) {}
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class NsData final : public Object {
 public:
  static ClassObject& shared_class();
  explicit NsData(std::vector<std::byte> bytes)
      : Object(shared_class()), bytes_(std::move(bytes)) {}
  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

class NsNumber final : public Object {
 public:
  static ClassObject& shared_class();
  explicit NsNumber(std::uint64_t value) : Object(shared_class()), value_(value) {}
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_;
};

class NsArray final : public Object {
 public:
  static ClassObject& shared_class();
  explicit NsArray(std::vector<Reference<Object>> items)
      : Object(shared_class()), items_(std::move(items)) {}
  const std::vector<Reference<Object>>& items() const { return items_; }

 private:
  std::vector<Reference<Object>> items_;
};

// Keys are strings, as everywhere in this program.
class NsDictionary final : public Object {
 public:
  using Entries = std::map<std::string, Reference<Object>, std::less<>>;
  static ClassObject& shared_class();
  explicit NsDictionary(Entries entries) : Object(shared_class()), entries_(std::move(entries)) {}
  const Entries& entries() const { return entries_; }

 private:
  Entries entries_;
};

class NsError final : public Object {
 public:
  static ClassObject& shared_class();
  NsError(std::string domain, std::int64_t code, std::string text)
      : Object(shared_class()), domain_(std::move(domain)), code_(code), text_(std::move(text)) {}
  const std::string& domain() const { return domain_; }
  std::int64_t code() const { return code_; }
  const std::string& text() const { return text_; }

 private:
  std::string domain_;
  std::int64_t code_;
  std::string text_;
};

class NsException final : public Object {
 public:
  static ClassObject& shared_class();
  NsException(std::string name, std::string reason)
      : Object(shared_class()), name_(std::move(name)), reason_(std::move(reason)) {}
  const std::string& name() const { return name_; }
  const std::string& reason() const { return reason_; }

 private:
  std::string name_;
  std::string reason_;
};

Id autoreleased_string(const std::string& text);
// Gives their methods to the classes.
void define_foundation();

}  // namespace anebench::standin
