#include "anebench/device/ane/objc_encoding.h"

#include <fmt/format.h>

#include <cstddef>
#include <vector>

namespace anebench::device::ane {
namespace {

// How a value travels to a method.
struct Slot {
  enum class Kind : std::uint8_t { nothing, object, selector, pointer, integer, real, other };
  Kind kind = Kind::other;
  unsigned bytes = 0;
  friend bool operator==(const Slot&, const Slot&) = default;
};

std::string to_text(const Slot& slot) {
  switch (slot.kind) {
    case Slot::Kind::nothing: return "void";
    case Slot::Kind::object: return "an object";
    case Slot::Kind::selector: return "a selector";
    case Slot::Kind::pointer: return "a pointer";
    case Slot::Kind::integer: return fmt::format("an integer of {} bytes", slot.bytes);
    case Slot::Kind::real: return fmt::format("a floating-point number of {} bytes", slot.bytes);
    case Slot::Kind::other: break;
  }
  return "a structure";
}

class EncodingParser {
 public:
  explicit EncodingParser(std::string_view text) : rest_(text) {}

  // The result first, then the arguments. Nothing for what is no encoding.
  std::optional<std::vector<Slot>> parse() {
    std::vector<Slot> slots;
    while (!rest_.empty()) {
      const auto slot = parse_type();
      if (!slot) return std::nullopt;
      slots.push_back(*slot);
      skip_any_of("+-0123456789");  // the offset in the frame
    }
    return slots;
  }

 private:
  using Kind = Slot::Kind;

  void skip_any_of(std::string_view letters) {
    const std::size_t end = rest_.find_first_not_of(letters);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end);
  }
  char take() {
    if (rest_.empty()) return '\0';
    const char letter = rest_.front();
    rest_.remove_prefix(1);
    return letter;
  }

  std::optional<Slot> parse_type() {
    skip_any_of("rnNoORVA");  // const, in, inout, out, bycopy, byref, oneway, atomic
    switch (const char letter = take()) {
      case 'v': return Slot{Kind::nothing, 0};
      case 'c':
      case 'C':
      case 'B': return Slot{Kind::integer, 1};
      case 's':
      case 'S': return Slot{Kind::integer, 2};
      case 'i':
      case 'I':
      case 'l':
      case 'L': return Slot{Kind::integer, 4};  // "l" stays 32 bits wide in 64-bit programs
      case 'q':
      case 'Q': return Slot{Kind::integer, 8};
      case 'f': return Slot{Kind::real, 4};
      case 'd': return Slot{Kind::real, 8};
      case '@': return parse_object();
      case '#': return Slot{Kind::object, 8};
      case ':': return Slot{Kind::selector, 8};
      case '*':
      case '?': return Slot{Kind::pointer, 8};
      case '^':
        // Whatever it points to; "^{__IOSurface=}" among others.
        if (!parse_type()) return std::nullopt;
        return Slot{Kind::pointer, 8};
      case '{': return skip_to_partner(letter, '}');
      case '(': return skip_to_partner(letter, ')');
      case '[': return skip_to_partner(letter, ']');
      default: return std::nullopt;
    }
  }

  // "@", "@?" (a block) or "@\"NSString\"".
  Slot parse_object() {
    if (rest_.starts_with('?')) {
      rest_.remove_prefix(1);
    } else if (rest_.starts_with('"')) {
      const std::size_t end = rest_.find('"', 1);
      rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    }
    return {Kind::object, 8};
  }

  std::optional<Slot> skip_to_partner(char open, char close) {
    for (int depth = 1; depth > 0;) {
      const char letter = take();
      if (letter == '\0') return std::nullopt;
      if (letter == open) ++depth;
      if (letter == close) --depth;
    }
    return Slot{Kind::other, 0};
  }

  std::string_view rest_;
};

// Receiver and selector come before a method's own arguments.
constexpr std::size_t kHiddenArguments = 2;

}  // namespace

std::optional<std::string> encoding_difference(std::string_view ours, std::string_view theirs) {
  const auto wanted = EncodingParser(ours).parse();
  const auto found = EncodingParser(theirs).parse();
  if (!wanted || !found || found->size() < 1 + kHiddenArguments) {
    return fmt::format("its types, \"{}\", cannot be read", theirs);
  }
  if (wanted->size() != found->size()) {
    return fmt::format("it takes {} arguments, not {}", found->size() - 1 - kHiddenArguments,
                       wanted->size() - 1 - kHiddenArguments);
  }
  for (std::size_t i = 0; i < wanted->size(); ++i) {
    if ((*wanted)[i] == (*found)[i]) continue;
    const std::string what =
        i == 0 ? "its result" : fmt::format("its argument {}", i - kHiddenArguments);
    return fmt::format("{} is {}, not {}", what, to_text((*found)[i]), to_text((*wanted)[i]));
  }
  return std::nullopt;
}

}  // namespace anebench::device::ane
