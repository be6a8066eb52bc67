// Measures how fast all threads together read memory: the slope of a roofline.
//
// A few tenths of a second; needs 256 MiB meanwhile, or 32 MiB a thread where that is more.
#pragma once

#include "anebench/base/clock.h"
#include "anebench/base/result.h"
#include "anebench/base/thread_pool.h"
#include "anebench/device/device.h"

namespace anebench::device::cpu {

// Errors: no memory.
Result<Bandwidth> measure_bandwidth(ThreadPool& pool, const Clock& clock);

}  // namespace anebench::device::cpu
