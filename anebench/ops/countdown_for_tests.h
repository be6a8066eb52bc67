// For tests: a loop, which never ends where `n` is below 0.
#pragma once

#include <string_view>

namespace anebench::ops {

// n times: total = total + n, counting n down to 0.
inline constexpr std::string_view kCountdownText = R"(program(1.3) {
  func main<ios17>(int32 n, int32 start) {
    int32 left, int32 total = while_loop(loop_vars = (n, start))
      block(int32 i, int32 sum) {
        bool goes_on = cast(x = i, dtype = string("bool"));
      } -> (goes_on)
      block(int32 i, int32 sum) {
        int32 more = add(x = sum, y = i);
        int32 next = add(x = i, y = int32(-1));
      } -> (next, more);
  } -> (left, total);
})";

}  // namespace anebench::ops
