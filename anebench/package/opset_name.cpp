#include "anebench/package/opset_name.h"

#include <array>

namespace anebench::package {
namespace {

struct OpsetName {
  std::string_view model;
  std::string_view text;
  std::int32_t specification;
};

// Source: the targets of coremltools (iOS 15 … 26) and the texts that Apple's compiler prints. Some
// texts spell the last one ios19; the first row of a name is the one written.
constexpr std::array<OpsetName, 6> kOpsetNames = {{{"CoreML5", "ios15", 6},
                                                   {"CoreML6", "ios16", 7},
                                                   {"CoreML7", "ios17", 8},
                                                   {"CoreML8", "ios18", 9},
                                                   {"CoreML9", "ios26", 10},
                                                   {"CoreML9", "ios19", 10}}};

}  // namespace

std::string opset_in_text(std::string_view name) {
  for (const OpsetName& row : kOpsetNames) {
    if (row.model == name) return std::string(row.text);
  }
  return std::string(name);
}

std::string opset_in_model(std::string_view name) {
  for (const OpsetName& row : kOpsetNames) {
    if (row.text == name) return std::string(row.model);
  }
  return std::string(name);
}

std::string_view text_version(std::int32_t specification) {
  return specification >= 9 ? "1.3" : "1.0";
}

std::int32_t specification_of(std::string_view opset) {
  for (const OpsetName& row : kOpsetNames) {
    if (row.text == opset) return row.specification;
  }
  return kNewestSpecification;
}

}  // namespace anebench::package
