#include "anebench/device/cpu/onednn.h"

namespace anebench::device::cpu {

bool onednn_is_built_in() { return false; }
std::string onednn_version() { return {}; }
Result<std::unique_ptr<TensorOperation>> make_onednn_convolution(
    const ConvolutionShape& /*shape*/, const ConvolutionOperands& /*operands*/) {
  return fail(ErrorCode::unavailable, "this build is without oneDNN");
}

}  // namespace anebench::device::cpu
