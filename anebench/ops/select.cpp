// Elements of one tensor or another.
#include <fmt/format.h>

#include <cstring>

#include "anebench/ops/broadcast.h"
#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {
namespace {

using mil::Opset;

Result<std::vector<mil::Type>> infer_select(const Arguments& arguments) {
  ANEBENCH_ASSIGN(cond, arguments.tensor_type("cond"));
  ANEBENCH_ASSIGN(a, arguments.tensor_type("a"));
  ANEBENCH_ASSIGN(b, arguments.tensor_type("b"));
  const auto branches = broadcast(a.shape(), b.shape());
  if (!branches) {
    return arguments.error("b", fmt::format("{} does not broadcast with a {}", to_string(b.shape()),
                                            to_string(a.shape())));
  }
  auto shape = broadcast(cond.shape(), *branches);
  if (!shape) {
    return arguments.error("cond", fmt::format("{} does not broadcast with a and b {}",
                                               to_string(cond.shape()), to_string(*branches)));
  }
  return std::vector<mil::Type>{mil::Type::tensor(a.data_type(), *std::move(shape))};
}

// Copies the elements of `source` to the places in `out` where `mask` is set.
void copy_where(const Tensor& mask, const Tensor& source, Tensor& out) {
  const auto width = static_cast<std::size_t>(mil::bit_width(out.data_type())) / 8;
  const std::byte* flags = mask.bytes().data();
  const std::byte* from = source.bytes().data();
  std::byte* to = out.mutable_bytes().data();
  const BroadcastRows rows(mask.dims(), source.dims(), out.dims());
  for (std::size_t row = 0; row < rows.count(); ++row) {
    const auto [first_flag, first] = rows.offsets(row);
    for (std::size_t i = 0; i < rows.length(); ++i, to += width) {
      if (flags[first_flag + i * rows.step_a()] == std::byte{0}) continue;
      std::memcpy(to, from + (first + i * rows.step_b()) * width, width);
    }
  }
}

Result<std::vector<Tensor>> evaluate_select(OpContext& context) {
  ANEBENCH_ASSIGN(cond, context.tensor("cond"));
  ANEBENCH_ASSIGN(a, context.tensor("a"));
  ANEBENCH_ASSIGN(b, context.tensor("b"));
  ANEBENCH_ASSIGN(types, infer_select(context.arguments()));
  ANEBENCH_ASSIGN(out, Tensor::create(types.front()));
  if (out.element_count() == 0) return std::vector<Tensor>{std::move(out)};
  ANEBENCH_ASSIGN(everywhere, Tensor::from_doubles(mil::DataType::boolean, {}, std::vector{1.0}));
  copy_where(everywhere, b, out);
  copy_where(cond, a, out);
  return std::vector<Tensor>{std::move(out)};
}

constexpr Parameter kSelect[] = {
    {.name = "cond", .types = kBool},
    {.name = "a", .types = kFloatsInt32Bool, .type_variable = "T"},
    {.name = "b", .types = kFloatsInt32Bool, .type_variable = "T"},
};
constexpr Version kSelectVersions[] = {{Opset::ios13, kSelect}};

constexpr Definition kDefinitions[] = {
    {.name = "select",
     .family = "control_flow",
     .versions = kSelectVersions,
     .infer = infer_select,
     .evaluate = evaluate_select},
};

}  // namespace

std::span<const Definition> select_family() { return kDefinitions; }

}  // namespace anebench::ops
