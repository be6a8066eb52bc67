// Objective-C's types as C++ sees them, and the text that the runtime keeps of a method's types
// ("B36@0:8I16@20^@28"): what lets a call be compared with the method before it is made.
//
//   encoding_of<Bool(std::uint32_t, Id, Id*)>();             // "C@:I@^v"
//   encoding_difference("C@:I@^v", "B36@0:8I16@20^@28");      // nothing: they agree
//   encoding_difference("C@:Q@^v", "B36@0:8I16@20^@28");      // "argument 1 is 8 bytes wide, …"
//
// Objects are opaque: nothing of this project ever looks into one. Pure; thread-safe.
// Source of the letters: "Type Encodings" in Apple's Objective-C Runtime Programming Guide.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace anebench::device::ane {

struct ObjcObject;
struct ObjcSelector;
struct IoSurfaceObject;
// An object or a class, which is an object, too.
using Id = ObjcObject*;
using Sel = ObjcSelector*;
using IoSurfaceRef = IoSurfaceObject*;
// BOOL is bool on some systems and signed char on others; this reads both.
using Bool = unsigned char;

template <typename T>
constexpr std::string_view encoding_of_type() {
  if constexpr (std::is_void_v<T>) {
    return "v";
  } else if constexpr (std::is_same_v<T, Id>) {
    return "@";
  } else if constexpr (std::is_same_v<T, Sel>) {
    return ":";
  } else if constexpr (std::is_pointer_v<T>) {
    return "^v";
  } else {
    static_assert(std::is_integral_v<T>, "no message takes or gives this type");
    constexpr bool is_signed = std::is_signed_v<T>;
    if constexpr (sizeof(T) == 1) return is_signed ? "c" : "C";
    if constexpr (sizeof(T) == 2) return is_signed ? "s" : "S";
    if constexpr (sizeof(T) == 4) return is_signed ? "i" : "I";
    if constexpr (sizeof(T) == 8) return is_signed ? "q" : "Q";
  }
}

template <typename Signature>
struct SignatureEncoding;
template <typename R, typename... Args>
struct SignatureEncoding<R(Args...)> {
  static std::string text() {
    std::string text(encoding_of_type<R>());
    text += "@:";  // every method takes its receiver and its selector
    ((text += encoding_of_type<Args>()), ...);
    return text;
  }
};

// Of a message with these arguments and this result, without receiver and selector.
template <typename Signature>
std::string encoding_of() {
  return SignatureEncoding<Signature>::text();
}

// Why a caller of `ours` must not call a method of `theirs`: another number of arguments, another
// class of type (object, pointer, integer, floating point), another width. Nothing where it may:
// signs, the kind of pointer and stack offsets do not matter.
std::optional<std::string> encoding_difference(std::string_view ours, std::string_view theirs);

}  // namespace anebench::device::ane
