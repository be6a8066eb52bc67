#include "anebench/transform/ane_limits.h"

#include <array>

namespace anebench::transform {
namespace {

// Whoever tries the private in-memory path finds these; several have.
constexpr std::string_view kReverseEngineering =
    "public reverse engineering of AppleNeuralEngine.framework";
constexpr std::string_view kOrionNotes = "documentation of the public project Orion";
constexpr std::string_view kConverterRules = "what coremltools refuses to write";

constexpr std::array kLimits = {
    AneLimit{AneRule::conv_bias, "conv-bias", LintLevel::error,
             "The engine's convolution takes no bias input.",
             "Add the bias with an add after the convolution.", kReverseEngineering},
    AneLimit{AneRule::conv_weight, "conv-weight", LintLevel::error,
             "The engine's convolution needs weights that are known when it is compiled.",
             "Make the weight a const or the result of a constexpr operation.",
             kReverseEngineering},
    AneLimit{AneRule::conv_depth, "conv-depth", LintLevel::error,
             "A chain of 512 convolutions kills the compiler service.",
             "Cut the program in two and run one after the other.", kReverseEngineering},
    AneLimit{AneRule::int8_input, "int8-input", LintLevel::error,
             "A program with an int8 input compiles and fails when it is evaluated.",
             "Take fp16 and quantize inside the program.", kReverseEngineering},
    AneLimit{AneRule::matmul_flags, "matmul-flags", LintLevel::error,
             "The engine's compiler takes matmul's transpose flags only as named constants.",
             "Give the flag as a const of its own.", kReverseEngineering},
    AneLimit{AneRule::literal_bool, "literal-bool", LintLevel::warning,
             "One source reports that bool parameters must be named constants.",
             "Give the parameter as a const of its own to be safe.",
             "public programs written for the in-memory compiler"},
    AneLimit{AneRule::blockwise_weights, "blockwise-weights", LintLevel::warning,
             "One source reports that the in-memory compiler refuses block-wise weights, while it "
             "takes the affine and lookup-table forms of iOS 16.",
             "Quantize per channel with constexpr_affine_dequantize, or probe the host first.",
             "documentation of the public project mlxfast"},
    AneLimit{AneRule::concat, "concat", LintLevel::warning,
             "Sources disagree whether the engine's compiler accepts concat.",
             "Probe the host; where it refuses, return the parts as outputs of their own.",
             kReverseEngineering},
    AneLimit{AneRule::gelu, "gelu", LintLevel::warning,
             "Sources disagree whether the engine's compiler accepts gelu.",
             "Probe the host; where it refuses, spell gelu out with tanh or sigmoid.",
             kReverseEngineering},
    AneLimit{AneRule::attention_mask, "attention-mask", LintLevel::warning,
             "One source reports that the engine ignores the mask of scaled_dot_product_attention: "
             "the numbers would be wrong without any error.",
             "Spell the attention out with matmul, add and softmax, or check its output.",
             kOrionNotes},
    AneLimit{AneRule::surface_size, "surface-size", LintLevel::warning,
             "Some hosts need surfaces of at least 49,152 bytes: smaller ones compile and fail "
             "when they are evaluated (status 0x1d).",
             "Allocate the surface with at least 49,152 bytes, or make the tensor larger.",
             kReverseEngineering},
    AneLimit{AneRule::surface_sizes_differ, "surface-sizes-differ", LintLevel::warning,
             "All input surfaces of a request must have one size, and so must all outputs.",
             "Allocate each with the size of the largest.", kReverseEngineering},
    AneLimit{AneRule::binding_order, "binding-order", LintLevel::note,
             "The engine binds inputs and outputs in the alphabetical order of their names, not "
             "in the program's.",
             "Bind them in that order, or name them so that both orders are the same.",
             kReverseEngineering},
    AneLimit{AneRule::framework_io_type, "framework-io-type", LintLevel::warning,
             "Core ML allows inputs and outputs of fp32 and int32, of fp16 from iOS 16 and of int8 "
             "from iOS 26.",
             "Cast to an allowed type at the program's edge, or raise the opset.", kConverterRules},
    AneLimit{AneRule::framework_state, "framework-state", LintLevel::warning,
             "Core ML allows states of fp16 with fixed dimensions only.",
             "Hold the state in fp16 with all dimensions given.", kConverterRules},
    AneLimit{AneRule::negative_scale, "negative-scale", LintLevel::warning,
             "Core ML rejects a quantize whose scale is negative.",
             "Use the scale's magnitude and negate the input or the result.", kConverterRules},
};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kLimits.size(); ++i) {
    if (static_cast<std::size_t>(kLimits[i].rule) != i) return false;
  }
  return true;
}
static_assert(is_in_order(), "ane_limit() looks limits up by position");

}  // namespace

std::string_view to_string(LintLevel level) {
  switch (level) {
    case LintLevel::error: return "error";
    case LintLevel::warning: return "warning";
    case LintLevel::note: return "note";
  }
  return "unknown";
}

std::span<const AneLimit> ane_limits() { return kLimits; }

const AneLimit& ane_limit(AneRule rule) { return kLimits[static_cast<std::size_t>(rule)]; }

}  // namespace anebench::transform
