#include "anebench/ops/registry.h"

#include <algorithm>
#include <vector>

#include "anebench/ops/families.h"

namespace anebench::ops {
namespace {

constexpr std::span<const Definition> (*kFamilies[])() = {
    activation_family,
    classify_family,
    constexpr_affine_family,
    constexpr_blockwise_family,
    constexpr_lut_family,
    constexpr_sparse_family,
    control_flow_family,
    conv_family,
    conv_transpose_family,
    elementwise_binary_family,
    elementwise_unary_family,
    gather_family,
    image_crop_family,
    image_resizing_family,
    image_sampling_family,
    linear_family,
    list_family,
    non_maximum_suppression_family,
    normalization_family,
    pool_family,
    quantization_family,
    random_family,
    recurrent_family,
    reduction_family,
    reduction_arg_family,
    scatter_family,
    select_family,
    states_family,
    tensor_batches_family,
    tensor_create_family,
    tensor_join_family,
    tensor_operation_family,
    tensor_pad_family,
    tensor_rearrange_family,
    tensor_reshape_family,
    tensor_slice_family,
    tensor_sort_family,
    transformers_family,
};

std::string_view name_of(const Definition* definition) { return definition->name; }

std::vector<const Definition*> sorted_definitions() {
  std::vector<const Definition*> all;
  for (const auto family : kFamilies) {
    for (const Definition& definition : family()) all.push_back(&definition);
  }
  std::ranges::sort(all, {}, name_of);
  return all;
}

}  // namespace

const Definition* find(std::string_view op_type) {
  const auto all = all_definitions();
  const auto it = std::ranges::lower_bound(all, op_type, {}, name_of);
  return it == all.end() || (*it)->name != op_type ? nullptr : *it;
}

const Version* version_for(const Definition& definition, mil::Opset opset) {
  const Version* newest = nullptr;
  for (const Version& version : definition.versions) {
    if (version.since <= opset) newest = &version;
  }
  return newest;
}

std::span<const Definition* const> all_definitions() {
  static const std::vector<const Definition*> kAll = sorted_definitions();
  return kAll;
}

}  // namespace anebench::ops
