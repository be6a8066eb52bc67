// Lists of tensors. A list is a value: writing gives another list.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "anebench/ops/context.h"
#include "anebench/ops/families.h"

namespace anebench::ops {
namespace {

using mil::Dim;
using mil::Opset;
using mil::Type;

Result<Type> element_type(const Arguments& arguments) {
  ANEBENCH_ASSIGN(type, arguments.type("ls"));
  if (type.kind() != Type::Kind::list || !type.elements()[0].is_tensor()) {
    return arguments.error("ls", fmt::format("is {}, wants a list of tensors", to_string(type)));
  }
  return type.elements()[0];
}

Result<TensorList> list_of(OpContext& context) {
  ANEBENCH_ASSIGN(value, context.value("ls"));
  if (const TensorList* list = value.list()) return *list;
  return context.arguments().error(
      "ls", fmt::format("is {}, wants a list of tensors", to_string(value.type())));
}

// Adds what was being done to an error of the list itself.
template <typename T>
Result<T> in(const Arguments& arguments, Result<T> result) {
  if (result) return result;
  return fail_with_context(std::move(result).error(), arguments.describe());
}

// `element` behind one more dimension.
Type stacked(const Type& element, Dim count) {
  mil::Shape shape = {count};
  shape.insert(shape.end(), element.shape().begin(), element.shape().end());
  return Type::tensor(element.data_type(), std::move(shape));
}

Result<Dim> index_count(const Arguments& arguments) {
  ANEBENCH_ASSIGN(indices, arguments.tensor_type("indices"));
  if (indices.rank() != 1) {
    return arguments.error("indices", fmt::format("is {}, wants a vector", to_string(indices)));
  }
  return indices.shape()[0];
}

Result<std::vector<Type>> infer_make_list(const Arguments& arguments) {
  ANEBENCH_ASSIGN(name, arguments.string_or("dtype", "fp32"));
  const auto data_type = mil::parse_data_type(name);
  if (!data_type || *data_type == mil::DataType::string) {
    return arguments.error("dtype", fmt::format("is '{}', wants a numeric type", name));
  }
  mil::Shape shape;
  for (std::size_t i = 0; i < arguments.count("elem_shape"); ++i) {
    // A dimension's name (a string) or a value not known yet: unknown.
    const mil::Value* value = arguments.value("elem_shape", i);
    const auto size = value == nullptr ? std::nullopt : value->as_int();
    if (size && *size < 0) {
      return arguments.error("elem_shape", fmt::format("has a dimension of {}", *size));
    }
    shape.push_back(size ? Dim(*size) : Dim::unknown());
  }
  Dim length = 1;
  if (arguments.has("init_length")) {
    ANEBENCH_ASSIGN(given, arguments.integers_if_known("init_length"));
    if (given && (given->size() != 1 || given->front() < 0)) {
      return arguments.error("init_length", "wants one number of elements");
    }
    length = given ? Dim(given->front()) : Dim::unknown();
  }
  return std::vector<Type>{Type::list(Type::tensor(*data_type, std::move(shape)), length)};
}

Result<std::vector<RuntimeValue>> evaluate_make_list(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(types, infer_make_list(arguments));
  ANEBENCH_ASSIGN(is_dynamic, arguments.boolean_or("dynamic_length", true));
  if (!types.front().length().is_known()) {
    return arguments.error("init_length", "has no value");
  }
  ANEBENCH_ASSIGN(list,
                  in(arguments, TensorList::create(types.front().elements()[0],
                                                   types.front().length().size(), is_dynamic)));
  return std::vector<RuntimeValue>{std::move(list)};
}

Result<std::vector<Type>> infer_list_read(const Arguments& arguments) {
  ANEBENCH_ASSIGN(element, element_type(arguments));
  return std::vector<Type>{std::move(element)};
}

Result<std::vector<Tensor>> evaluate_list_read(OpContext& context) {
  ANEBENCH_ASSIGN(list, list_of(context));
  ANEBENCH_ASSIGN(index, context.arguments().integer("index"));
  ANEBENCH_ASSIGN(element, in(context.arguments(), list.at(index)));
  return std::vector<Tensor>{std::move(element)};
}

Result<std::vector<Type>> infer_list_write(const Arguments& arguments) {
  ANEBENCH_ASSIGN(element, element_type(arguments));
  ANEBENCH_ASSIGN(value, arguments.tensor_type("value"));
  if (!mil::compatible(element, value)) {
    return arguments.error(
        "value", fmt::format("is {}, the list holds {}", to_string(value), to_string(element)));
  }
  ANEBENCH_ASSIGN(list, arguments.type("ls"));
  return std::vector<Type>{std::move(list)};
}

Result<std::vector<RuntimeValue>> evaluate_list_write(OpContext& context) {
  ANEBENCH_ASSIGN(list, list_of(context));
  ANEBENCH_ASSIGN(index, context.arguments().integer("index"));
  ANEBENCH_ASSIGN(value, context.tensor("value"));
  ANEBENCH_TRY(list.set(index, std::move(value)), context.arguments().describe());
  return std::vector<RuntimeValue>{std::move(list)};
}

Result<std::vector<Type>> infer_list_gather(const Arguments& arguments) {
  ANEBENCH_ASSIGN(element, element_type(arguments));
  ANEBENCH_ASSIGN(count, index_count(arguments));
  return std::vector<Type>{stacked(element, count)};
}

Result<std::vector<Tensor>> evaluate_list_gather(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(list, list_of(context));
  ANEBENCH_ASSIGN(indices, arguments.integers("indices"));
  Type element = list.element_type();
  std::vector<Tensor> elements;
  for (const std::int64_t index : indices) {
    ANEBENCH_ASSIGN(tensor, in(arguments, list.at(index)));
    if (elements.empty()) element = tensor.type();
    if (!(tensor.type() == element)) {
      return arguments.error("ls", fmt::format("has elements of different shapes: {} and {}",
                                               to_string(element), to_string(tensor.type())));
    }
    elements.push_back(std::move(tensor));
  }
  ANEBENCH_ASSIGN(
      out,
      in(arguments, Tensor::create(stacked(element, static_cast<std::int64_t>(indices.size())))));
  std::byte* to = out.mutable_bytes().data();
  for (const Tensor& tensor : elements) {
    to = std::copy(tensor.bytes().begin(), tensor.bytes().end(), to);
  }
  return std::vector<Tensor>{std::move(out)};
}

Result<std::vector<Type>> infer_list_scatter(const Arguments& arguments) {
  ANEBENCH_ASSIGN(element, element_type(arguments));
  ANEBENCH_ASSIGN(count, index_count(arguments));
  ANEBENCH_ASSIGN(value, arguments.tensor_type("value"));
  const Type wanted = stacked(element, count);
  if (!mil::compatible(value, wanted)) {
    return arguments.error("value",
                           fmt::format("is {}, wants {}", to_string(value), to_string(wanted)));
  }
  ANEBENCH_ASSIGN(list, arguments.type("ls"));
  return std::vector<Type>{std::move(list)};
}

Result<std::vector<RuntimeValue>> evaluate_list_scatter(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(list, list_of(context));
  ANEBENCH_ASSIGN(indices, arguments.integers("indices"));
  ANEBENCH_ASSIGN(values, context.tensor("value"));
  // Checks the shape of the values that are really there.
  ANEBENCH_TRY(infer_list_scatter(arguments));
  if (indices.empty()) return std::vector<RuntimeValue>{std::move(list)};
  const mil::Shape& shape = values.type().shape();
  const Type element = Type::tensor(values.data_type(), {shape.begin() + 1, shape.end()});
  const std::size_t size = values.bytes().size() / indices.size();
  for (std::size_t i = 0; i < indices.size(); ++i) {
    ANEBENCH_ASSIGN(tensor, Tensor::create(element));
    const auto bytes = values.bytes().subspan(i * size, size);
    std::ranges::copy(bytes, tensor.mutable_bytes().begin());
    ANEBENCH_TRY(list.set(indices[i], std::move(tensor)), arguments.describe());
  }
  return std::vector<RuntimeValue>{std::move(list)};
}

Result<std::vector<Type>> infer_list_length(const Arguments& arguments) {
  ANEBENCH_TRY(element_type(arguments));
  return std::vector<Type>{Type::scalar(mil::DataType::int32)};
}

Result<std::vector<Tensor>> evaluate_list_length(OpContext& context) {
  ANEBENCH_ASSIGN(list, list_of(context));
  const std::vector<double> length = {static_cast<double>(list.size())};
  ANEBENCH_ASSIGN(out, Tensor::from_doubles(mil::DataType::int32, {}, length));
  return std::vector<Tensor>{std::move(out)};
}

constexpr Parameter kList = {.name = "ls", .kind = ParameterKind::list};
constexpr Parameter kIndex = {.name = "index", .types = kInt32};
constexpr Parameter kIndices = {.name = "indices", .types = kInt32};
constexpr Parameter kValue = {.name = "value", .types = kFloatsInt32Bool, .type_variable = "T"};

constexpr Parameter kMakeList[] = {
    {.name = "init_length", .types = kInt32, .optional = true, .default_text = "1"},
    {.name = "dynamic_length",
     .types = kBool,
     .optional = true,
     .constant = true,
     .default_text = "true"},
    {.name = "elem_shape", .kind = ParameterKind::variadic},
    {.name = "dtype", .types = kString, .optional = true, .constant = true, .default_text = "fp32"},
};
constexpr Parameter kListRead[] = {kList, kIndex};
constexpr Parameter kListWrite[] = {kList, kIndex, kValue};
constexpr Parameter kListGather[] = {kList, kIndices};
constexpr Parameter kListScatter[] = {kList, kIndices, kValue};
constexpr Parameter kListLength[] = {kList};
constexpr Version kMakeListVersions[] = {{Opset::ios13, kMakeList}};
constexpr Version kListReadVersions[] = {{Opset::ios13, kListRead}};
constexpr Version kListWriteVersions[] = {{Opset::ios13, kListWrite}};
constexpr Version kListGatherVersions[] = {{Opset::ios13, kListGather}};
constexpr Version kListScatterVersions[] = {{Opset::ios13, kListScatter}};
constexpr Version kListLengthVersions[] = {{Opset::ios13, kListLength}};

constexpr Definition kDefinitions[] = {
    {.name = "make_list",
     .family = "control_flow",
     .versions = kMakeListVersions,
     .infer = infer_make_list,
     .evaluate_values = evaluate_make_list},
    {.name = "list_read",
     .family = "control_flow",
     .versions = kListReadVersions,
     .infer = infer_list_read,
     .evaluate = evaluate_list_read},
    {.name = "list_write",
     .family = "control_flow",
     .versions = kListWriteVersions,
     .infer = infer_list_write,
     .evaluate_values = evaluate_list_write},
    {.name = "list_gather",
     .family = "control_flow",
     .versions = kListGatherVersions,
     .infer = infer_list_gather,
     .evaluate = evaluate_list_gather},
    {.name = "list_scatter",
     .family = "control_flow",
     .versions = kListScatterVersions,
     .infer = infer_list_scatter,
     .evaluate_values = evaluate_list_scatter},
    {.name = "list_length",
     .family = "control_flow",
     .versions = kListLengthVersions,
     .infer = infer_list_length,
     .evaluate = evaluate_list_length},
};

}  // namespace

std::span<const Definition> list_family() { return kDefinitions; }

}  // namespace anebench::ops
