// Inside of the 1x1-convolution kernels: packed layers and the table of kernels. Not for callers,
// who need conv1x1.h only; tests and benchmarks walk the table.
//
// One kernel family, one table (kernel_table.inc): dispatch, tests and benchmarks are expanded from
// it. A kernel computes panels of up to `panel_channels` output channels for one tile at a time,
// with positions in the vector lanes and weights broadcast. params.h has the packed form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>

#include "anebench/base/cpu_features.h"
#include "anebench/device/cpu/kernels/conv1x1.h"
#include "anebench/device/cpu/kernels/params.h"

namespace anebench::kernels {

struct AlignedDelete {
  void operator()(void* memory) const {
    ::operator delete(memory, std::align_val_t(kTileAlignment));
  }
};
template <typename T>
using AlignedArray = std::unique_ptr<T[], AlignedDelete>;

// Zero-filled; null if there is no memory.
template <typename T>
AlignedArray<T> make_aligned(std::size_t count) {
  static_assert(std::is_trivial_v<T>);
  if (count > static_cast<std::size_t>(PTRDIFF_MAX) / sizeof(T)) return nullptr;
  const std::size_t bytes = count * sizeof(T);
  void* memory = ::operator new(bytes, std::align_val_t(kTileAlignment), std::nothrow);
  if (memory != nullptr) std::memset(memory, 0, bytes);
  return AlignedArray<T>(static_cast<T*>(memory));
}

struct Int8Kernel {
  std::string_view name;
  Isa isa;
  std::size_t panel_channels;  // a multiple of kInt8WidthStep
  WeightForm weight_form;
  Int8Run run;
};
inline constexpr std::size_t kInt8WidthStep = 4;

struct F16Kernel {
  std::string_view name;
  Isa isa;
  std::size_t panel_channels;
  std::size_t width_step;
  F16Run run;
};

struct Int8Layer {
  const Int8Kernel* kernel = nullptr;
  std::size_t in_channels = 0;
  std::size_t panel_count = 0;
  std::size_t packed_bytes = 0;
  AlignedArray<std::uint8_t> weights;
  AlignedArray<std::int32_t> integers;  // initial, acc_limit
  AlignedArray<float> factors;
  AlignedArray<double> doubles;  // scale, bias
  Int8Params params{};
};

struct F16Layer {
  const F16Kernel* kernel = nullptr;
  std::size_t panel_count = 0;
  std::size_t packed_bytes = 0;
  AlignedArray<float> weights;
  AlignedArray<float> bias;
  F16Params params{};
};

// Every kernel in this build, best first; which of them may run is isa_available(kernel.isa).
std::span<const Int8Kernel> int8_kernels();
std::span<const F16Kernel> f16_kernels();

// Whether code for `needed` runs where `isa` does: avx512vnni includes avx512, and so on.
bool runs_on(Isa needed, Isa isa);

// Packs for one given kernel (create() takes the first one that runs_on() the ISA).
Result<std::unique_ptr<Int8Layer>> pack_int8(const Conv1x1Int8Spec& spec, const Int8Kernel& kernel);
Result<std::unique_ptr<F16Layer>> pack_f16(const Conv1x1F16Spec& spec, const F16Kernel& kernel);

}  // namespace anebench::kernels
