#include "anebench/device/cpu/kernel.h"

#include <algorithm>
#include <array>

namespace anebench::device::cpu {

PlanKernel find_kernel(std::string_view operation) {
  const std::array families = {
      attention_kernels(), conv_transpose_kernels(), matrix_kernels(),    normalization_kernels(),
      pool_kernels(),      rearrangement_kernels(),  recurrent_kernels(), reduction_kernels()};
  for (const std::span<const KernelEntry> family : families) {
    const auto found = std::ranges::find(family, operation, &KernelEntry::operation);
    if (found != family.end()) return found->plan;
  }
  return nullptr;
}

}  // namespace anebench::device::cpu
