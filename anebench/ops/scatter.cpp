// Updates written to elements and slices by index. Several updates of one element are applied in
// their order, in double (or exact integers), and rounded once at the end.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "anebench/ops/context.h"
#include "anebench/ops/extremum.h"
#include "anebench/ops/families.h"
#include "anebench/ops/shapes.h"
#include "anebench/ops/signature.h"
#include "anebench/ops/slices.h"

namespace anebench::ops {
namespace {

using mil::Opset;
using mil::Shape;
using mil::Type;

enum class Mode : std::uint8_t { update, add, sub, mul, div, max, min };
constexpr std::array<std::string_view, 7> kModes = {"update", "add", "sub", "mul",
                                                    "div",    "max", "min"};

Result<Mode> mode_of(const Arguments& arguments) {
  ANEBENCH_ASSIGN(name, arguments.string_or("mode", "add"));
  const auto found = std::ranges::find(kModes, name);
  if (found == kModes.end()) {
    return arguments.error("mode", fmt::format("is '{}', wants update, add, sub, mul, div, max or "
                                               "min",
                                               name));
  }
  return static_cast<Mode>(found - kModes.begin());
}

double apply(Mode mode, double old, double update) {
  switch (mode) {
    case Mode::update: return update;
    case Mode::add: return old + update;
    case Mode::sub: return old - update;
    case Mode::mul: return old * update;
    case Mode::div: return old / update;
    case Mode::max: return greater_of(old, update);
    case Mode::min: return lesser_of(old, update);
  }
  return update;
}

// Wraps around; division truncates, and by zero gives zero.
std::int64_t apply(Mode mode, std::int64_t old, std::int64_t update) {
  const auto a = static_cast<std::uint64_t>(old);
  const auto b = static_cast<std::uint64_t>(update);
  switch (mode) {
    case Mode::update: return update;
    case Mode::add: return static_cast<std::int64_t>(a + b);
    case Mode::sub: return static_cast<std::int64_t>(a - b);
    case Mode::mul: return static_cast<std::int64_t>(a * b);
    // The quotient of the only overflow, the lowest number by -1, is its negation wrapped around.
    case Mode::div:
      if (update == -1) return static_cast<std::int64_t>(0 - a);
      return update == 0 ? 0 : old / update;
    case Mode::max: return std::max(old, update);
    case Mode::min: return std::min(old, update);
  }
  return update;
}

template <typename T>
void apply_updates(Mode mode, const Slices& slices, const std::vector<T>& updates,
                   std::vector<T>& data) {
  for (std::size_t s = 0; s < slices.first.size(); ++s) {
    if (slices.first[s] == kOutside) continue;
    T* to = data.data() + slices.first[s];
    const T* from = updates.data() + s * slices.length;
    for (std::size_t i = 0; i < slices.length; ++i) to[i] = apply(mode, to[i], from[i]);
  }
}

Result<std::vector<Tensor>> scatter_slices(const Arguments& arguments, const Tensor& data,
                                           const Tensor& updates, const Slices& slices) {
  ANEBENCH_ASSIGN(mode, mode_of(arguments));
  ANEBENCH_ASSIGN(out, Tensor::create(data.type()));
  if (mil::is_floating_point(data.data_type())) {
    std::vector<double> values = data.to_doubles();
    apply_updates(mode, slices, updates.to_doubles(), values);
    store_doubles(out.data_type(), out.mutable_bytes(), 0, values);
  } else {
    std::vector<std::int64_t> values = data.to_integers();
    apply_updates(mode, slices, updates.to_integers(), values);
    store_integers(out.data_type(), out.mutable_bytes(), 0, values);
  }
  return std::vector<Tensor>{std::move(out)};
}

// The output's type, that of `data`, after a look at the mode and the updates' shape.
Result<std::vector<Type>> check_updates(const Arguments& arguments, const Type& data,
                                        const Shape& wanted) {
  ANEBENCH_TRY(mode_of(arguments));
  ANEBENCH_ASSIGN(updates, arguments.tensor_type("updates"));
  if (!mil::compatible(updates, Type::tensor(updates.data_type(), wanted))) {
    return arguments.error("updates", fmt::format("has shape {}, wants {}",
                                                  to_string(updates.shape()), to_string(wanted)));
  }
  return std::vector<Type>{data};
}

Result<std::vector<Type>> infer_scatter(const Arguments& arguments) {
  ANEBENCH_ASSIGN(data, arguments.tensor_type("data"));
  ANEBENCH_ASSIGN(indices, arguments.tensor_type("indices"));
  ANEBENCH_ASSIGN(axis, axis_or_first(arguments, data.rank()));
  const auto at = data.shape().begin() + static_cast<std::ptrdiff_t>(axis);
  Shape wanted(data.shape().begin(), at);
  wanted.insert(wanted.end(), indices.shape().begin(), indices.shape().end());
  wanted.insert(wanted.end(), at + 1, data.shape().end());
  return check_updates(arguments, data, wanted);
}

Result<std::vector<Tensor>> evaluate_scatter(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(data, context.tensor("data"));
  ANEBENCH_ASSIGN(indices, context.tensor("indices"));
  ANEBENCH_ASSIGN(updates, context.tensor("updates"));
  ANEBENCH_TRY(infer_scatter(arguments));
  if (updates.element_count() == 0) return std::vector<Tensor>{std::move(data)};
  ANEBENCH_ASSIGN(axis, axis_or_first(arguments, data.rank()));
  ANEBENCH_ASSIGN(slices, slices_of_axis(arguments, data.dims(), indices, axis, 0));
  return scatter_slices(arguments, data, updates, slices);
}

Result<std::vector<Type>> infer_scatter_along_axis(const Arguments& arguments) {
  ANEBENCH_ASSIGN(data, arguments.tensor_type("data"));
  ANEBENCH_ASSIGN(indices, arguments.tensor_type("indices"));
  ANEBENCH_ASSIGN(axis, axis_or_first(arguments, data.rank()));
  ANEBENCH_TRY(check_alike_but_axis(arguments, data, indices, axis));
  return check_updates(arguments, data, indices.shape());
}

Result<std::vector<Tensor>> evaluate_scatter_along_axis(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(data, context.tensor("data"));
  ANEBENCH_ASSIGN(indices, context.tensor("indices"));
  ANEBENCH_ASSIGN(updates, context.tensor("updates"));
  ANEBENCH_TRY(infer_scatter_along_axis(arguments));
  if (updates.element_count() == 0) return std::vector<Tensor>{std::move(data)};
  ANEBENCH_ASSIGN(axis, axis_or_first(arguments, data.rank()));
  ANEBENCH_ASSIGN(slices, slices_along_axis(arguments, data.dims(), indices, axis));
  return scatter_slices(arguments, data, updates, slices);
}

Result<std::vector<Type>> infer_scatter_nd(const Arguments& arguments) {
  ANEBENCH_ASSIGN(data, arguments.tensor_type("data"));
  ANEBENCH_ASSIGN(indices, arguments.tensor_type("indices"));
  if (indices.rank() == 0 || !indices.shape().back().is_known()) {
    return arguments.error("indices", fmt::format("is {}, wants coordinates in the last dimension",
                                                  to_string(indices)));
  }
  const std::int64_t depth = indices.shape().back().size();
  if (depth > static_cast<std::int64_t>(data.rank())) {
    return arguments.error(
        "indices", fmt::format("has {} coordinates for {} dimensions of data", depth, data.rank()));
  }
  Shape wanted(indices.shape().begin(), indices.shape().end() - 1);
  wanted.insert(wanted.end(), data.shape().begin() + static_cast<std::ptrdiff_t>(depth),
                data.shape().end());
  return check_updates(arguments, data, wanted);
}

Result<std::vector<Tensor>> evaluate_scatter_nd(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(data, context.tensor("data"));
  ANEBENCH_ASSIGN(indices, context.tensor("indices"));
  ANEBENCH_ASSIGN(updates, context.tensor("updates"));
  ANEBENCH_TRY(infer_scatter_nd(arguments));
  if (updates.element_count() == 0) return std::vector<Tensor>{std::move(data)};
  ANEBENCH_ASSIGN(slices, slices_by_coordinates(arguments, data.dims(), indices, 0));
  return scatter_slices(arguments, data, updates, slices);
}

// One operation an update.
Result<double> count_updates(const Arguments& arguments, std::span<const Type> /*outputs*/) {
  ANEBENCH_ASSIGN(updates, arguments.tensor_type("updates"));
  return count_per_element(std::span(&updates, 1), 1);
}

constexpr Parameter kScatterData = {.name = "data", .types = kFloatsAndInt32, .type_variable = "T"};
constexpr Parameter kScatterIndices = {.name = "indices", .types = kInt32};
constexpr Parameter kUpdates = {.name = "updates", .types = kFloatsAndInt32, .type_variable = "T"};
constexpr Parameter kMode = optional_parameter("mode", kString, "add");
constexpr Parameter kScatter13[] = {kScatterData, kScatterIndices, kUpdates, kAxisOrFirst, kMode};
constexpr Parameter kScatter17[] = {kScatterData, kScatterIndices, kUpdates,
                                    kAxisOrFirst, kMode,           kValidateIndices};
constexpr Version kScatterVersions[] = {{Opset::ios13, kScatter13}, {Opset::ios17, kScatter17}};
constexpr Parameter kScatterNd13[] = {kScatterData, kScatterIndices, kUpdates, kMode};
constexpr Parameter kScatterNd17[] = {kScatterData, kScatterIndices, kUpdates, kMode,
                                      kValidateIndices};
constexpr Version kScatterNdVersions[] = {{Opset::ios13, kScatterNd13},
                                          {Opset::ios17, kScatterNd17}};

constexpr Definition kScatterDefinitions[] = {
    {.name = "scatter",
     .family = "scatter_gather",
     .versions = kScatterVersions,
     .infer = infer_scatter,
     .evaluate = evaluate_scatter,
     .count_operations = count_updates},
    {.name = "scatter_along_axis",
     .family = "scatter_gather",
     .versions = kScatterVersions,
     .infer = infer_scatter_along_axis,
     .evaluate = evaluate_scatter_along_axis,
     .count_operations = count_updates},
    {.name = "scatter_nd",
     .family = "scatter_gather",
     .versions = kScatterNdVersions,
     .infer = infer_scatter_nd,
     .evaluate = evaluate_scatter_nd,
     .count_operations = count_updates},
};

}  // namespace

std::span<const Definition> scatter_family() { return kScatterDefinitions; }

}  // namespace anebench::ops
