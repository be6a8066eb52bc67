// Opsets and format versions: as model files name them, and as text does.
//
//   model file   text    specification   text format
//   CoreML5      ios15   6               1.0
//   CoreML6      ios16   7               1.0
//   CoreML7      ios17   8               1.0
//   CoreML8      ios18   9               1.3
//   CoreML9      ios26   10              1.3
//
// Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace anebench::package {

inline constexpr std::int32_t kOldestSpecification = 6;
inline constexpr std::int32_t kNewestSpecification = 10;

// "CoreML7" → "ios17". Names that are not in the table stay as they are, in both directions.
std::string opset_in_text(std::string_view name);
std::string opset_in_model(std::string_view name);

std::string_view text_version(std::int32_t specification);
// The oldest specification that has the opset (of text); the newest for one unknown here.
std::int32_t specification_of(std::string_view opset);

}  // namespace anebench::package
