// Functions of one element, and `cast`.
#include <cmath>

#include <fmt/format.h>

#include "anebench/ops/elementwise.h"
#include "anebench/ops/families.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;

Result<DataType> cast_target(const Arguments& arguments) {
  ANEBENCH_ASSIGN(name, arguments.string("dtype"));
  const auto type = mil::parse_data_type(name);
  // What can go in can come out.
  const Parameter* x = arguments.version().find("x");
  if (!type || !x->types.contains(*type)) {
    return arguments.error(
        "dtype", fmt::format("is '{}'; {} has {}", name, to_string(arguments.version().since),
                             to_string(x->types)));
  }
  return *type;
}

Result<std::vector<mil::Type>> infer_cast(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(target, cast_target(arguments));
  return std::vector<mil::Type>{mil::Type::tensor(target, x.shape())};
}

// Floating point to integer truncates toward zero and saturates (NaN gives 0); integer to narrower
// integer wraps around; anything to bool is "not zero"; all else rounds once.
Result<std::vector<Tensor>> evaluate_cast(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(target, cast_target(context.arguments()));
  if (x.data_type() == target) return std::vector<Tensor>{x};
  if (mil::is_floating_point(x.data_type()) && mil::is_integer(target)) {
    return map_elements(context, x, target, [](double value) { return std::trunc(value); });
  }
  if (mil::is_floating_point(x.data_type()) || mil::is_floating_point(target)) {
    return map_elements(context, x, target, [](double value) { return value; });
  }
  ANEBENCH_ASSIGN(out, Tensor::create(mil::Type::tensor(target, x.type().shape())));
  const std::span<std::byte> bytes = out.mutable_bytes();
  for_each_chunk(context, x.element_count(), [&](std::size_t begin, std::size_t end) {
    std::array<std::int64_t, kElementChunk> storage;
    const std::span<std::int64_t> values(storage.data(), end - begin);
    load_integers(x.data_type(), x.bytes(), begin, values);
    store_integers(target, bytes, begin, values);
  });
  return std::vector<Tensor>{std::move(out)};
}

constexpr Parameter kDtype = {.name = "dtype", .types = kString, .constant = true};
constexpr Parameter kCast13[] = {{.name = "x", .types = kFloatsInt32Bool, .type_variable = "T"},
                                 kDtype};
constexpr Parameter kCast17[] = {{.name = "x", .types = kAllSinceIos17, .type_variable = "T"},
                                 kDtype};
constexpr Version kCastVersions[] = {{Opset::ios13, kCast13}, {Opset::ios17, kCast17}};

constexpr Definition kDefinitions[] = {
    {.name = "cast",
     .family = "elementwise_unary",
     .versions = kCastVersions,
     .infer = infer_cast,
     .evaluate = evaluate_cast},
};

}  // namespace

std::span<const Definition> elementwise_unary_family() { return kDefinitions; }

}  // namespace anebench::ops
