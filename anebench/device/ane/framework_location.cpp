#include "anebench/device/ane/framework_location.h"

#include "anebench/base/env.h"

namespace anebench::device::ane {

FrameworkLocation locate_framework() {
#ifdef ANEBENCH_TEST_FRAMEWORK
  if (const auto path = env("ANEBENCH_ANE_FRAMEWORK"); path && !path->empty()) {
    return {{*path}, true};
  }
#endif
  // None of them is a file on current systems: they come from the loader's shared cache.
  // Source: spec/ane-runtime.md, Life cycle.
  return {{"/System/Library/Frameworks/Foundation.framework/Foundation",
           "/System/Library/Frameworks/IOSurface.framework/IOSurface",
           "/System/Library/PrivateFrameworks/AppleNeuralEngine.framework/AppleNeuralEngine"},
          false};
}

}  // namespace anebench::device::ane
