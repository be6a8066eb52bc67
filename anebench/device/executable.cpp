#include "anebench/device/executable.h"

namespace anebench::device {

Result<void> Request::bind_state(ProgramStatePointer /*state*/) {
  return fail(ErrorCode::invalid_argument, "the program has no states");
}

Result<mil::Value> Request::output_value(std::size_t index) const {
  return fail(ErrorCode::invalid_argument,
              "output {} is read from the surface that is bound for it", index);
}

const std::vector<mil::NamedType>& Executable::states() const {
  static const std::vector<mil::NamedType> kNone;
  return kNone;
}

Result<ProgramStatePointer> Executable::create_state() {
  return fail(ErrorCode::invalid_argument, "the program has no states");
}

}  // namespace anebench::device
