#include "anebench/programs/catalogue.h"

#include <fmt/ranges.h>

#include "anebench/programs/conv_chain.h"
#include "anebench/programs/identity_conv.h"
#include "anebench/programs/int8_compute.h"
#include "anebench/programs/quantized_conv.h"

namespace anebench::programs {

const std::vector<CatalogueEntry>& catalogue() {
  static const std::vector<CatalogueEntry> kEntries = {
      {"conv_chain", 1, "a chain of 1x1 convolutions in fp16 or W8A8 (int8, peak)", conv_chain_keys,
       build_conv_chain},
      {"quantized_conv", 1, "one 1x1 convolution with its weight in one of many formats (probe)",
       quantized_conv_keys, build_quantized_conv},
      {"identity_conv", 1, "1x1 convolutions with identity weights (reload, ceiling)",
       identity_conv_keys, build_identity_conv},
      {"int8_compute", 2,
       "the public int8 benchmark's models, as coremltools writes them (generate)",
       int8_compute_keys, build_int8_compute},
  };
  return kEntries;
}

const CatalogueEntry* find(std::string_view name) {
  for (const CatalogueEntry& entry : catalogue()) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

Result<ProgramSpec> complete(const ProgramSpec& spec) {
  const CatalogueEntry* entry = find(spec.name());
  if (entry == nullptr) {
    std::vector<std::string_view> names;
    for (const CatalogueEntry& known : catalogue()) names.push_back(known.name);
    return fail(ErrorCode::invalid_argument, "there is no program \"{}\"; there are {}",
                spec.name(), fmt::join(names, ", "));
  }
  return spec.completed(entry->keys());
}

Result<BenchmarkProgram> build(const ProgramSpec& spec, Content content) {
  ANEBENCH_ASSIGN(completed, complete(spec));
  return find(completed.name())->build(completed, content);
}

Result<BenchmarkProgram> build(std::string_view text, Content content) {
  ANEBENCH_ASSIGN(spec, ProgramSpec::parse(text));
  return build(spec, content);
}

}  // namespace anebench::programs
