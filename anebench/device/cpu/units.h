// Operations of a graph gathered into units: what one kernel will execute together.
//
// Fused here: dequantize → 1x1 conv → relu → quantize (integers), and relu into any convolution.
// Runs of elementwise units are fused by the planner, which knows their layouts. A unit says what
// to compute; the planner decides where tensors lie and packs the weights.
//
// Everything refers to the graph, which must outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/cpu/convolution.h"
#include "anebench/device/cpu/elementwise.h"
#include "anebench/device/cpu/exactness.h"
#include "anebench/device/cpu/graph.h"
#include "anebench/device/cpu/kernel.h"
#include "anebench/device/cpu/kernels/tiles.h"
#include "anebench/device/cpu/quantized_weights.h"
#include "anebench/device/cpu/trace_cache.h"
#include "anebench/device/device.h"

namespace anebench::device::cpu {

enum class UnitKind : std::uint8_t {
  conv1x1_int8,
  conv1x1_f16,
  convolution,  // any other
  relu,
  binary,
  cast,  // between fp16 and fp32
  select,
  table,  // any function of one element (lookup_table.h)
  quantize,
  dequantize,
  kernel,  // Unit::kernel
  reference,
};

// Whether results depend on the elements of the same place alone, so that such units may be fused.
constexpr bool is_elementwise(UnitKind kind) {
  return kind == UnitKind::relu || kind == UnitKind::binary || kind == UnitKind::cast ||
         kind == UnitKind::select || kind == UnitKind::table;
}

struct Unit {
  UnitKind kind = UnitKind::reference;
  // The operation that names the unit.
  const GraphNode* node = nullptr;
  // Ascending.
  std::vector<std::size_t> operations;
  // Values read at run time (constants among them, but not those of convolutions and affine maps).
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  // Equal to the reference in every bit, or made so by a guard.
  bool is_exact = true;
  std::string fallback_reason;

  // Convolutions.
  bool has_relu = false;
  std::optional<QuantizedWeights> quantized_weights;
  ActivationQuantization activation;           // conv1x1_int8: of the input
  std::optional<Affine8> output_quantization;  // conv1x1_int8: quantized output
  bool wants_guard = false;                    // conv1x1_f16
  ConvolutionShape shape;                      // convolution

  BinaryOperation binary = BinaryOperation::add;
  std::string_view table_parameter;  // table
  std::optional<KernelPlan> kernel;
  // quantize, dequantize: one, or one for each row of `affine_row` elements in turn.
  std::vector<Affine8> affines;
  std::size_t affine_row = 1;
  // quantize in a segment: its input is row-major, so that it packs as well. Set by the planner.
  bool packs = false;
};

struct GatherOptions {
  CompileOptions::Int8Mode int8_mode = CompileOptions::Int8Mode::exact;
  // False: no convolution runs in integers; quantize and dequantize are executed as written.
  bool uses_int8 = true;
  // What kernels plan their scratch memory for.
  std::size_t threads = 1;
  std::size_t max_memory = static_cast<std::size_t>(-1);
};

// In an order in which every input is computed before its use. Errors: what reading constants
// gives; resource_exhausted, naming the operation, where it is known before memory is planned that
// max_memory is not enough: tracing and choosing kernels take memory themselves.
Result<std::vector<Unit>> gather_units(const Graph& graph, const GatherOptions& options,
                                       TraceCache& traces);

// A tensor [N, C, …] as positions; nothing for ranks below 3 and empty tensors.
std::optional<kernels::NchwShape> positions_shape(const mil::Type& type);

}  // namespace anebench::device::cpu
