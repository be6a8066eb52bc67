#include "foundation.h"

#include <cstring>

namespace anebench::standin {
namespace {

// The receiver; methods are found by its class, so it is of that class.
template <typename T>
T& self_as(Id self) {
  return *static_cast<T*>(reinterpret_cast<Object*>(self));
}

std::vector<Reference<Object>> references_to(const Id* objects, std::uint64_t count) {
  std::vector<Reference<Object>> references;
  for (std::uint64_t i = 0; i < count; ++i) {
    Object* object = live_object(objects[i]);
    if (object == nullptr) {
      raise("NSInvalidArgumentException", "attempt to insert nil object from objects");
    }
    references.emplace_back(object);
  }
  return references;
}

Id make_string(Id, Sel, const char* text) {
  if (text == nullptr) raise("NSInvalidArgumentException", "*** +[NSString]: NULL cString");
  return autoreleased_string(text);
}
const char* characters(Id self, Sel) { return self_as<NsString>(self).text().c_str(); }

Id make_data(Id, Sel, const void* bytes, std::uint64_t length) {
  std::vector<std::byte> copy(static_cast<std::size_t>(length));
  if (length > 0) std::memcpy(copy.data(), bytes, copy.size());
  return autoreleased(new NsData(std::move(copy)));
}

Id make_number(Id, Sel, std::uint64_t value) { return autoreleased(new NsNumber(value)); }

Id make_array(Id, Sel, const Id* objects, std::uint64_t count) {
  return autoreleased(new NsArray(references_to(objects, count)));
}

Id make_dictionary(Id, Sel, const Id* objects, const Id* keys, std::uint64_t count) {
  const auto values = references_to(objects, count);
  NsDictionary::Entries entries;
  for (std::uint64_t i = 0; i < count; ++i) {
    entries.insert_or_assign(checked<NsString>(keys[i], "a key").text(),
                             values[static_cast<std::size_t>(i)]);
  }
  return autoreleased(new NsDictionary(std::move(entries)));
}

Id error_text(Id self, Sel) { return autoreleased_string(self_as<NsError>(self).text()); }
Id error_domain(Id self, Sel) { return autoreleased_string(self_as<NsError>(self).domain()); }
std::int64_t error_code(Id self, Sel) { return self_as<NsError>(self).code(); }

Id exception_name(Id self, Sel) { return autoreleased_string(self_as<NsException>(self).name()); }
Id exception_reason(Id self, Sel) {
  return autoreleased_string(self_as<NsException>(self).reason());
}

}  // namespace

ClassObject& NsString::shared_class() { return class_named("NSString"); }
ClassObject& NsData::shared_class() { return class_named("NSData"); }
ClassObject& NsNumber::shared_class() { return class_named("NSNumber"); }
ClassObject& NsArray::shared_class() { return class_named("NSArray"); }
ClassObject& NsDictionary::shared_class() { return class_named("NSDictionary"); }
ClassObject& NsError::shared_class() { return class_named("NSError"); }
ClassObject& NsException::shared_class() { return class_named("NSException"); }

Id autoreleased_string(const std::string& text) { return autoreleased(new NsString(text)); }

// The types are those of arm64, as the real classes have them.
void define_foundation() {
  ClassObject& string = NsString::shared_class();
  define(string, '+', "stringWithUTF8String:", "@24@0:8r*16", make_string);
  define(string, '-', "UTF8String", "r*16@0:8", characters);
  define(NsData::shared_class(), '+', "dataWithBytes:length:", "@32@0:8r^v16Q24", make_data);
  define(NsNumber::shared_class(), '+', "numberWithUnsignedLongLong:", "@24@0:8Q16", make_number);
  define(NsArray::shared_class(), '+', "arrayWithObjects:count:", "@32@0:8r^@16Q24", make_array);
  define(NsDictionary::shared_class(), '+',
         "dictionaryWithObjects:forKeys:count:", "@40@0:8r^@16r^@24Q32", make_dictionary);
  ClassObject& error = NsError::shared_class();
  define(error, '-', "localizedDescription", "@16@0:8", error_text);
  define(error, '-', "domain", "@16@0:8", error_domain);
  define(error, '-', "code", "q16@0:8", error_code);
  ClassObject& exception = NsException::shared_class();
  define(exception, '-', "name", "@16@0:8", exception_name);
  define(exception, '-', "reason", "@16@0:8", exception_reason);
}

}  // namespace anebench::standin
