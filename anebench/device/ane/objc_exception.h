// What an Objective-C exception said. Plain C++ catches one as a foreign exception, without any way
// to look into it; so the runtime is asked to show each exception while it is thrown.
#pragma once

#include <string>
#include <string_view>

#include "anebench/base/result.h"
#include "anebench/device/ane/objc_encoding.h"

namespace anebench::device::ane {

class Runtime;

// From now on remembers, on each thread, the last exception's name and reason. Once a runtime;
// where the runtime has no such hook it does nothing, and errors say only that something was
// thrown.
void watch_exceptions(const Runtime& runtime);

// The error for an exception that ended a call of `message`, with its words where they are known.
// Only inside a catch block, on the thread that called.
tl::unexpected<Error> thrown_exception(std::string_view message);

}  // namespace anebench::device::ane
