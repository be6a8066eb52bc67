// What the stand-in library exports beside the functions of the systems that it stands in for: how
// tests steer it and what it has counted.
#pragma once

#include <cstdint>

extern "C" {

// Takes a personality (personality.h) and forgets how many programs were compiled.
using StandinConfigure = void (*)(const char* personality);
inline constexpr const char* kStandinConfigure = "anebench_standin_configure";

// "objects" and "surfaces" alive, "pools" open on this thread, "compilations", "evaluations",
// "evaluate_ns": the time within evaluations since the library was loaded.
using StandinCount = std::int64_t (*)(const char* what);
inline constexpr const char* kStandinCount = "anebench_standin_count";

}  // extern "C"
