// The known limits of the Neural Engine and of the framework above it, as data: what is refused or
// goes wrong there although the language allows it. ane_lint.h checks programs against them.
//
//   const AneLimit& limit = ane_limit(AneRule::surface_size);
//   fmt::print("{}: {} ({})\n", limit.name, limit.reason, limit.source);
//
// The engine's limits were found by others on the private in-memory path (MIL text compiled at run
// time), which the device `ane` takes (device/ane/). Core ML itself may rewrite a program or put
// operations elsewhere. Every limit says who found it; nothing stands here without that.
// Constant data; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace anebench::transform {

// What a limit means for a program that breaks it.
enum class LintLevel : std::uint8_t {
  error,    // all sources agree that it is refused, or fails when it runs
  warning,  // on some hosts, or as one source reports; or a result that differs
  note,     // nothing fails; whoever calls the program must know it
};
std::string_view to_string(LintLevel level);

enum class AneRule : std::uint8_t {
  conv_bias,
  conv_weight,
  conv_depth,
  int8_input,
  matmul_flags,
  literal_bool,
  blockwise_weights,
  concat,
  gelu,
  attention_mask,
  surface_size,
  surface_sizes_differ,
  binding_order,
  framework_io_type,
  framework_state,
  negative_scale,
};

struct AneLimit {
  AneRule rule;
  // Stable, for programs: "surface-size".
  std::string_view name;
  LintLevel level;
  // Why it matters, and what to do; whole sentences.
  std::string_view reason;
  std::string_view advice;
  // Who found it.
  std::string_view source;
};

// All of them, in the order of AneRule.
std::span<const AneLimit> ane_limits();
const AneLimit& ane_limit(AneRule rule);

// Bytes of the smallest surface that every known host accepts.
inline constexpr std::int64_t kSafeSurfaceBytes = 49'152;
// Convolutions in a row that the compiler service does not survive.
inline constexpr std::size_t kFatalConvDepth = 512;

}  // namespace anebench::transform
