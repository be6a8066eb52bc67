#include "anebench/device/ane/objc_message.h"

#include <fmt/format.h>

namespace anebench::device::ane {

std::string Binder::problem_of(Id owner, Sel selector, char kind, const std::string& types) const {
  if (owner == nullptr) return "its class is missing";
  const Functions& functions = runtime_.functions();
  void* method = kind == '+' ? functions.class_method(owner, selector)
                             : functions.instance_method(owner, selector);
  if (method == nullptr) return "it is missing";
  const char* theirs = functions.method_types(method);
  if (theirs == nullptr) return "the system does not tell its types";
  return encoding_difference(types, theirs).value_or("");
}

}  // namespace anebench::device::ane
