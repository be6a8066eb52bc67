#include "personality.h"

#include <cstdio>
#include <cstdlib>

#include "anebench/base/env.h"

namespace anebench::standin {
namespace {

[[noreturn]] void refuse(std::string_view word) {
  std::fprintf(stderr,
               "ANEBENCH_ANE_STANDIN: \"%.*s\" means nothing; tests/ane_standin/personality.h "
               "has the list\n",
               static_cast<int>(word.size()), word.data());
  std::abort();
}

std::size_t number(std::string_view text) {
  return static_cast<std::size_t>(std::strtoull(std::string(text).c_str(), nullptr, 10));
}

void apply_word(Personality& personality, std::string_view word) {
  const std::size_t equals = word.find('=');
  const std::string_view key = word.substr(0, equals);
  const std::string value(equals == std::string_view::npos ? "" : word.substr(equals + 1));
  if (word == "strict" || word == "faithful") {
    personality.is_strict = word == "strict";
  } else if (word == "reload=works" || word == "reload=ignored") {
    personality.reloads = value == "works";
  } else if (word == "int8=native" || word == "int8=storage") {
    personality.has_native_int8 = value == "native";
  } else if (key == "refuse") {
    personality.refused_text = value;
  } else if (key == "fail") {
    personality.failing_stage = value;
  } else if (key == "throw") {
    personality.throwing_stage = value;
  } else if (key == "missing") {
    personality.missing.insert(value);
  } else if (key == "wrong_width") {
    personality.wrong_width = value;
  } else if (key == "compile_limit") {
    personality.compile_limit = number(value);
  } else if (key == "least_surface") {
    personality.least_surface = number(value);
  } else if (word == "hang=compile") {
    personality.hangs_in_compile = true;
  } else if (key == "subtype") {
    personality.subtype = value;
  } else {
    refuse(word);
  }
}

Personality parse_personality(std::string_view text) {
  Personality personality;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view word = text.substr(0, comma);
    if (!word.empty()) apply_word(personality, word);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return personality;
}

Personality& current_personality() {
  static Personality current = parse_personality(env("ANEBENCH_ANE_STANDIN").value_or(""));
  return current;
}

}  // namespace

const Personality& personality() { return current_personality(); }
void set_personality(std::string_view text) { current_personality() = parse_personality(text); }

}  // namespace anebench::standin
