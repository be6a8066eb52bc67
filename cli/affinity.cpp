#include "affinity.h"

#if defined(__linux__)
#include <sched.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "anebench/base/number.h"
#endif

namespace anebench::cli {

#if defined(__linux__)
namespace {

// Adds "4" or "0-3".
bool add_range(std::string_view range, cpu_set_t& set) {
  const std::size_t dash = range.find('-');
  const auto first = parse_uint64(range.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_uint64(range.substr(dash + 1));
  if (!first || !last || *first > *last || *last >= CPU_SETSIZE) return false;
  for (std::uint64_t cpu = *first; cpu <= *last; ++cpu) CPU_SET(cpu, &set);
  return true;
}

}  // namespace

Result<void> set_affinity(std::string_view list) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (std::string_view rest = list;;) {
    const std::size_t comma = rest.find(',');
    if (!add_range(rest.substr(0, comma), set)) {
      return fail(ErrorCode::invalid_argument,
                  "\"{}\" is no list of processors below {}, such as 0-3,8", list, CPU_SETSIZE);
    }
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (sched_setaffinity(0, sizeof(set), &set) != 0) {
    return fail(ErrorCode::invalid_argument,
                "the system refuses the processors \"{}\" ({}): none of them may be used here",
                list, std::strerror(errno));
  }
  return {};
}

#else

Result<void> set_affinity(std::string_view /*list*/) {
  return fail(ErrorCode::unsupported, "this system does not let a program choose its processors");
}

#endif

}  // namespace anebench::cli
