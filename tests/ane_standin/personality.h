// How the stand-in behaves: strict by default, or like hosts that are known. Set by the environment
// variable ANEBENCH_ANE_STANDIN when the library is loaded, or by a test at any time
// (standin_exports.h): words and settings separated by commas, "faithful,reload=ignored".
//
//   strict                 throws where it is used wrongly (the default)
//   faithful               fails as the real one does: an error, or nothing but NO
//   reload=works|ignored   whether a load reads the weight files anew (works)
//   int8=native|storage    whether int8 convolutions run in integers (native)
//   refuse=TEXT            compiling refuses programs whose text holds TEXT, "uint4" say
//   fail=STAGE             descriptor, compile, load, unload, evaluate or request fails, as on real
//                          systems
//   throw=STAGE            the same stage throws an exception
//   missing=NAME           a class or selector is not there; may be given several times
//   wrong_width=SELECTOR   its first integer argument is 8 bytes wide
//   compile_limit=N        compilations that succeed (119)
//   least_surface=N        bytes (49152)
//   hang=compile           compiling never ends
//   subtype=NAME           what the device information says ("h17s")
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace anebench::standin {

struct Personality {
  bool is_strict = true;
  bool reloads = true;
  bool has_native_int8 = true;
  std::string refused_text;
  std::string failing_stage;
  std::string throwing_stage;
  std::set<std::string, std::less<>> missing;
  std::string wrong_width;
  std::size_t compile_limit = 119;
  std::size_t least_surface = 49'152;
  bool hangs_in_compile = false;
  std::string subtype = "h17s";
};

// The one that is in force.
const Personality& personality();
// Ends the process for a word that it does not know: a test would prove nothing.
void set_personality(std::string_view text);

}  // namespace anebench::standin
