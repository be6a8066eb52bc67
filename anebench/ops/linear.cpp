// Products of matrices: matmul, linear and einsum.
//
// Source of the semantics: coremltools' documentation. Integers are exact and wrap around.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/matrix_product.h"
#include "anebench/ops/shapes.h"
#include "anebench/ops/strided_view.h"

namespace anebench::ops {
namespace {

using mil::Dim;
using mil::Opset;

bool differ(Dim a, Dim b) { return a.is_known() && b.is_known() && a != b; }

// --- matmul -----------------------------------------------------------------------------------

// The operands as stacks of matrices, [batch…, m, k] and [batch…, k, n], and their product.
struct MatmulShapes {
  mil::Shape a;
  mil::Shape b;
  mil::Shape product;  // with the dimensions that vectors got
};

// A vector gets a dimension of 1 (before it as the left operand, after it as the right one), which
// the output loses again; transposition has no effect on it.
Result<mil::Shape> as_matrices(const Arguments& arguments, std::string_view parameter,
                               std::string_view flag) {
  ANEBENCH_ASSIGN(type, arguments.tensor_type(parameter));
  ANEBENCH_ASSIGN(transposes, arguments.boolean_or(flag, false));
  mil::Shape shape = type.shape();
  if (shape.empty()) return arguments.error(parameter, "is a scalar, wants a vector or matrices");
  if (shape.size() == 1) {
    shape.insert(parameter == "x" ? shape.begin() : shape.end(), Dim(1));
  } else if (transposes) {
    std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
  }
  return shape;
}

Result<MatmulShapes> matmul_shapes(const Arguments& arguments) {
  ANEBENCH_ASSIGN(a, as_matrices(arguments, "x", "transpose_x"));
  ANEBENCH_ASSIGN(b, as_matrices(arguments, "y", "transpose_y"));
  auto batch = broadcast({a.begin(), a.end() - 2}, {b.begin(), b.end() - 2});
  if (differ(a[a.size() - 1], b[b.size() - 2]) || !batch) {
    return arguments.error("y",
                           fmt::format("does not fit: {} times {}", to_string(a), to_string(b)));
  }
  mil::Shape product = *std::move(batch);
  product.push_back(a[a.size() - 2]);
  product.push_back(b.back());
  return MatmulShapes{std::move(a), std::move(b), std::move(product)};
}

// Of two element types that differ, one must be a constant's; the product has the other.
Result<mil::DataType> product_type(const Arguments& arguments, mil::DataType x, mil::DataType y) {
  const bool x_is_constant = arguments.is_constant("x");
  if (x != y && x_is_constant == arguments.is_constant("y")) {
    return arguments.error(
        "y", fmt::format("is {}, but x is {}; they may differ only where one is a constant",
                         to_string(y), to_string(x)));
  }
  return x_is_constant ? y : x;
}

Result<std::vector<mil::Type>> infer_matmul(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(y, arguments.tensor_type("y"));
  ANEBENCH_ASSIGN(type, product_type(arguments, x.data_type(), y.data_type()));
  ANEBENCH_ASSIGN(shapes, matmul_shapes(arguments));
  mil::Shape shape = std::move(shapes.product);
  if (x.rank() == 1) shape.erase(shape.end() - 2);
  if (y.rank() == 1) shape.pop_back();
  return std::vector<mil::Type>{mil::Type::tensor(type, std::move(shape))};
}

Result<double> count_matmul(const Arguments& arguments, std::span<const mil::Type> outputs) {
  ANEBENCH_ASSIGN(shapes, matmul_shapes(arguments));
  const Dim depth = shapes.a.back().is_known() ? shapes.a.back() : shapes.b[shapes.b.size() - 2];
  if (!depth.is_known()) {
    return fail(ErrorCode::unsupported, "{}: the inner dimension is not known",
                arguments.describe());
  }
  return count_per_element(outputs, 2 * static_cast<double>(depth.size()));
}

Result<Tensor> operand(OpContext& context, std::string_view parameter, std::string_view flag,
                       const mil::Shape& shape) {
  ANEBENCH_ASSIGN(tensor, context.tensor(parameter));
  ANEBENCH_ASSIGN(transposes, context.arguments().boolean_or(flag, false));
  if (tensor.rank() > 1 && transposes) return transposed(context, tensor);
  const std::vector<std::int64_t> dims = sizes(shape);
  return tensor.reshaped(dims);
}

Result<std::vector<Tensor>> evaluate_matmul(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(types, infer_matmul(arguments));
  ANEBENCH_ASSIGN(shapes, matmul_shapes(arguments));
  ANEBENCH_ASSIGN(a, operand(context, "x", "transpose_x", shapes.a));
  ANEBENCH_ASSIGN(b, operand(context, "y", "transpose_y", shapes.b));
  const std::vector<std::int64_t> dims = sizes(shapes.product);
  ANEBENCH_ASSIGN(product, matrix_product(context, a, b, nullptr, types.front().data_type(), dims));
  const std::vector<std::int64_t> out_dims = sizes(types.front().shape());
  ANEBENCH_ASSIGN(out, product.reshaped(out_dims));
  return std::vector<Tensor>{std::move(out)};
}

// --- linear -----------------------------------------------------------------------------------

Result<std::vector<mil::Type>> infer_linear(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(weight, arguments.tensor_type("weight"));
  if (x.rank() < 1) return arguments.error("x", "is a scalar, wants one dimension or more");
  if (weight.rank() != 2) {
    return arguments.error("weight", fmt::format("has rank {}, wants 2", weight.rank()));
  }
  if (differ(weight.shape()[1], x.shape().back())) {
    return arguments.error("weight",
                           fmt::format("is {}, but x is {}", to_string(weight), to_string(x)));
  }
  if (arguments.has("bias")) {
    ANEBENCH_ASSIGN(bias, arguments.tensor_type("bias"));
    if (bias.rank() != 1 || differ(bias.shape()[0], weight.shape()[0])) {
      return arguments.error("bias", fmt::format("is {}, wants one number for each of {} outputs",
                                                 to_string(bias), weight.shape()[0].size()));
    }
  }
  mil::Shape shape = x.shape();
  shape.back() = weight.shape()[0];
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

Result<double> count_linear(const Arguments& arguments, std::span<const mil::Type> outputs) {
  ANEBENCH_ASSIGN(weight, known_tensor(arguments, "weight"));
  return count_per_element(
      outputs, 2 * static_cast<double>(weight.dims[1]) + (arguments.has("bias") ? 1 : 0));
}

Result<std::vector<Tensor>> evaluate_linear(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(types, infer_linear(arguments));
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(weight, context.tensor("weight"));
  std::optional<Tensor> bias;
  if (arguments.has("bias")) {
    ANEBENCH_ASSIGN(given, context.tensor("bias"));
    bias = std::move(given);
  }
  // All leading dimensions are rows of one matrix.
  const auto rows = mil::element_count({x.type().shape().begin(), x.type().shape().end() - 1});
  if (!rows) return arguments.error("x", fmt::format("is too large: {}", to_string(x.type())));
  const std::array in_dims{*rows, weight.dims()[1]};
  const std::array product_dims{*rows, weight.dims()[0]};
  ANEBENCH_ASSIGN(matrix, x.reshaped(in_dims));
  ANEBENCH_ASSIGN(columns, transposed(context, weight));
  ANEBENCH_ASSIGN(product, matrix_product(context, matrix, columns, bias ? &*bias : nullptr,
                                          types.front().data_type(), product_dims));
  const std::vector<std::int64_t> out_dims = sizes(types.front().shape());
  ANEBENCH_ASSIGN(out, product.reshaped(out_dims));
  return std::vector<Tensor>{std::move(out)};
}

// --- einsum -----------------------------------------------------------------------------------
//
// Two equations are in the language, "nchw,nwhu->nchu" and "chw,whr->chr", under any letters:
// matrix products over the dimensions -1 and -3, all others being batches that broadcast.

bool is_supported_equation(const std::string& equation, std::size_t rank) {
  std::string letters;
  std::string renamed;
  for (const char c : equation) {
    if (c == ' ') continue;
    if (c == ',' || c == '-' || c == '>') {
      renamed += c;
      continue;
    }
    std::size_t index = letters.find(c);
    if (index == std::string::npos) {
      index = letters.size();
      letters += c;
    }
    if (index > 'z' - 'a') return false;
    renamed += static_cast<char>('a' + static_cast<int>(index));
  }
  return renamed == (rank == 4 ? "abcd,adce->abce" : "abc,cbd->abd");
}

Result<std::vector<mil::Type>> infer_einsum(const Arguments& arguments) {
  if (arguments.count("values") != 2) {
    return arguments.error("values",
                           fmt::format("has {} tensors, wants 2", arguments.count("values")));
  }
  ANEBENCH_ASSIGN(x, arguments.tensor_type("values", 0));
  ANEBENCH_ASSIGN(y, arguments.tensor_type("values", 1));
  ANEBENCH_ASSIGN(equation, arguments.string("equation"));
  if (x.data_type() != y.data_type() || !kFloatsAndInt32.contains(x.data_type())) {
    return arguments.error("values",
                           fmt::format("are {} and {}; both must be the same of {}", to_string(x),
                                       to_string(y), to_string(kFloatsAndInt32)));
  }
  const std::size_t rank = x.rank();
  if (y.rank() != rank || (rank != 3 && rank != 4)) {
    return arguments.error("values",
                           fmt::format("have ranks {} and {}, want 3 or 4 both", rank, y.rank()));
  }
  if (!is_supported_equation(equation, rank)) {
    return arguments.error("equation",
                           fmt::format("is '{}'; the language has \"nchw,nwhu->nchu\" for rank 4 "
                                       "and \"chw,whr->chr\" for rank 3",
                                       equation));
  }
  const mil::Shape& a = x.shape();
  const mil::Shape& b = y.shape();
  const auto height = broadcast({a[rank - 2]}, {b[rank - 2]});
  const auto batch = broadcast({a.begin(), a.end() - 3}, {b.begin(), b.end() - 3});
  if (differ(a[rank - 1], b[rank - 3]) || !height || !batch) {
    return arguments.error("values",
                           fmt::format("do not fit: {} and {}", to_string(x), to_string(y)));
  }
  mil::Shape shape = *batch;
  shape.insert(shape.end(), {a[rank - 3], height->front(), b[rank - 1]});
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

Result<double> count_einsum(const Arguments& arguments, std::span<const mil::Type> outputs) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("values", 0));
  if (!x.shape().back().is_known()) {
    return fail(ErrorCode::unsupported, "{}: the inner dimension is not known",
                arguments.describe());
  }
  return count_per_element(outputs, 2 * static_cast<double>(x.shape().back().size()));
}

// The dimensions -3 and -2 exchanged: with them a batch of products becomes a stack of matrices.
Result<Tensor> height_outward(OpContext& context, const Tensor& x) {
  std::vector<std::size_t> permutation;
  for (std::size_t d = 0; d < x.rank(); ++d) permutation.push_back(d);
  std::swap(permutation[x.rank() - 3], permutation[x.rank() - 2]);
  const StridedView view = StridedView::of(x.dims()).permuted(permutation);
  return gather(context, x, view, view.dims);
}

Result<std::vector<Tensor>> evaluate_einsum(OpContext& context) {
  ANEBENCH_ASSIGN(types, infer_einsum(context.arguments()));
  ANEBENCH_ASSIGN(x, context.tensor("values", 0));
  ANEBENCH_ASSIGN(y, context.tensor("values", 1));
  ANEBENCH_ASSIGN(a, height_outward(context, x));
  ANEBENCH_ASSIGN(b, height_outward(context, y));
  std::vector<std::int64_t> dims = sizes(types.front().shape());
  std::swap(dims[dims.size() - 3], dims[dims.size() - 2]);
  ANEBENCH_ASSIGN(product, matrix_product(context, a, b, nullptr, x.data_type(), dims));
  ANEBENCH_ASSIGN(out, height_outward(context, product));
  return std::vector<Tensor>{std::move(out)};
}

// --- Definitions ------------------------------------------------------------------------------

constexpr Parameter kTransposeX = {.name = "transpose_x",
                                   .types = kBool,
                                   .optional = true,
                                   .constant = true,
                                   .default_text = "false"};
constexpr Parameter kTransposeY = {.name = "transpose_y",
                                   .types = kBool,
                                   .optional = true,
                                   .constant = true,
                                   .default_text = "false"};
constexpr Parameter kX = {.name = "x", .types = kFloatsAndInt32, .type_variable = "T"};

constexpr Parameter right_operand(std::string_view type_variable) {
  return {.name = "y", .types = kFloatsAndInt32, .type_variable = type_variable};
}
constexpr Parameter weight_parameter(std::string_view type_variable) {
  return {
      .name = "weight", .types = kFloatsAndInt32, .type_variable = type_variable, .constant = true};
}
constexpr Parameter bias_parameter(std::string_view type_variable) {
  return {.name = "bias",
          .types = kFloatsAndInt32,
          .type_variable = type_variable,
          .optional = true,
          .constant = true,
          .default_text = "0 for each output"};
}

constexpr Parameter kMatmul13[] = {kX, right_operand("T"), kTransposeX, kTransposeY};
constexpr Parameter kMatmul17[] = {kX, right_operand("U"), kTransposeX, kTransposeY};
constexpr Version kMatmulVersions[] = {{Opset::ios13, kMatmul13}, {Opset::ios17, kMatmul17}};
constexpr Parameter kLinear13[] = {kX, weight_parameter("T"), bias_parameter("T")};
constexpr Parameter kLinear17[] = {kX, weight_parameter("U"), bias_parameter("U")};
constexpr Version kLinearVersions[] = {{Opset::ios13, kLinear13}, {Opset::ios17, kLinear17}};
constexpr Parameter kEinsum[] = {
    {.name = "values", .kind = ParameterKind::variadic},
    {.name = "equation", .types = kString, .constant = true},
};
constexpr Version kEinsumVersions[] = {{Opset::ios13, kEinsum}};

constexpr Definition kDefinitions[] = {
    {.name = "einsum",
     .family = "linear",
     .versions = kEinsumVersions,
     .infer = infer_einsum,
     .evaluate = evaluate_einsum,
     .count_operations = count_einsum},
    {.name = "linear",
     .family = "linear",
     .versions = kLinearVersions,
     .infer = infer_linear,
     .evaluate = evaluate_linear,
     .count_operations = count_linear},
    {.name = "matmul",
     .family = "linear",
     .versions = kMatmulVersions,
     .infer = infer_matmul,
     .evaluate = evaluate_matmul,
     .count_operations = count_matmul},
};

}  // namespace

std::span<const Definition> linear_family() { return kDefinitions; }

}  // namespace anebench::ops
