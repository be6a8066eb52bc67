// Products of matrices: linear and matmul, in fp32 over fp16 or fp32 tensors.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "anebench/device/cpu/float_elements.h"
#include "anebench/device/cpu/gemm.h"
#include "anebench/device/cpu/kernel.h"
#include "anebench/device/cpu/parallel.h"
#include "anebench/ops/broadcast.h"
#include "anebench/ops/shapes.h"

namespace anebench::device::cpu {
namespace {

using mil::DataType;

// Fewer columns waste the library's kernels.
constexpr std::size_t kMinColumns = 64;

// One of the two factors, as floats: a constant's are held, an fp16 tensor's are widened into
// scratch memory, an fp32 tensor is read where it lies.
struct Factor {
  ValueId value = kNone;  // kNone: constant
  DataType data_type = DataType::fp32;
  std::size_t count = 0;
  std::size_t scratch = 0;  // elements before it
  Location location;
  std::vector<float> held;

  bool is_widened() const { return value != kNone && data_type == DataType::fp16; }
  const float* floats(const Memory& memory, float* scratch_floats, ThreadPool& pool) const {
    if (value == kNone) return held.data();
    return as_floats(data_type, memory.read(location), count, scratch_floats + scratch, pool);
  }
};

struct MatrixProduct {
  Factor a;
  Factor b;
  std::vector<float> bias;  // empty, or one number for each column
  ops::BroadcastRows batches;
  Gemm gemm;                            // of one batch
  DataType data_type = DataType::fp32;  // of the product
  std::size_t product_scratch = 0;      // elements before an fp16 product's sums
  Location output = {};
  Location scratch = {};

  std::size_t batch_count() const { return batches.count() * batches.length(); }
  std::size_t rows() const { return static_cast<std::size_t>(gemm.m); }
  std::size_t columns() const { return static_cast<std::size_t>(gemm.n); }
};

// A part of one batch's product.
struct ProductPart {
  std::size_t batch;
  std::size_t row, rows;
  std::size_t column, columns;
};

class MatrixOperation final : public TensorOperation {
 public:
  explicit MatrixOperation(MatrixProduct product) : p_(std::move(product)) {}

  Result<void> run(const Memory& memory, ThreadPool& pool) const override {
    const std::size_t batches = p_.batch_count();
    if (batches * p_.rows() * p_.columns() == 0) return {};
    auto* scratch = reinterpret_cast<float*>(memory.write(p_.scratch));
    const float* a = p_.a.floats(memory, scratch, pool);
    const float* b = p_.b.floats(memory, scratch, pool);
    std::byte* out = memory.write(p_.output);
    float* sums = p_.data_type == DataType::fp16 ? scratch + p_.product_scratch
                                                 : reinterpret_cast<float*>(out);
    const double batch_ns = 2.0 * static_cast<double>(p_.gemm.m) * static_cast<double>(p_.gemm.n) *
                            static_cast<double>(p_.gemm.k) / kOperationsPerNs;
    const auto threads = static_cast<std::size_t>(pool.size());
    const std::size_t slices = batches >= threads ? 1 : slices_of(batch_ns, threads / batches);
    parallel_ranges(
        pool, batches * slices, grain_of(batch_ns / static_cast<double>(slices)),
        [&](std::size_t begin, std::size_t end, int) {
          for (std::size_t i = begin; i < end; ++i) {
            multiply_part(a, b, part(i / slices, i % slices, slices), sums, out);
          }
        },
        slices == 1 ? kRangesPerThread : 1);
    return {};
  }

  std::size_t resident_bytes() const override {
    return (p_.a.held.size() + p_.b.held.size() + p_.bias.size()) * sizeof(float);
  }

 private:
  bool slices_rows() const { return p_.rows() >= p_.columns(); }
  std::size_t slices_of(double batch_ns, std::size_t most) const {
    const std::size_t longest =
        slices_rows() ? p_.rows() : std::max<std::size_t>(p_.columns() / kMinColumns, 1);
    // Bounded first: the product of three sizes may exceed any integer.
    const auto worth = static_cast<std::size_t>(
        std::min(batch_ns / kRangeNs, static_cast<double>(ThreadPool::kMaxThreads)));
    return std::clamp<std::size_t>(std::min(longest, worth), 1, std::max<std::size_t>(most, 1));
  }

  ProductPart part(std::size_t batch, std::size_t slice, std::size_t slices) const {
    ProductPart part{batch, 0, p_.rows(), 0, p_.columns()};
    std::size_t& first = slices_rows() ? part.row : part.column;
    std::size_t& count = slices_rows() ? part.rows : part.columns;
    first = count * slice / slices;
    count = count * (slice + 1) / slices - first;
    return part;
  }

  void multiply_part(const float* a, const float* b, const ProductPart& part, float* sums,
                     std::byte* out) const {
    const Gemm& whole = p_.gemm;
    const std::size_t at = part.batch % p_.batches.length();
    const auto [first_a, first_b] = p_.batches.offsets(part.batch / p_.batches.length());
    a += static_cast<std::int64_t>(first_a + at * p_.batches.step_a()) * whole.m * whole.k;
    b += static_cast<std::int64_t>(first_b + at * p_.batches.step_b()) * whole.k * whole.n;
    a += static_cast<std::int64_t>(part.row) * (whole.transposed_a ? 1 : whole.row_a);
    b += static_cast<std::int64_t>(part.column) * (whole.transposed_b ? whole.row_b : 1);
    const std::size_t first = (part.batch * p_.rows() + part.row) * p_.columns() + part.column;
    Gemm gemm = whole;
    gemm.m = static_cast<std::int64_t>(part.rows);
    gemm.n = static_cast<std::int64_t>(part.columns);
    multiply(gemm, a, b, sums + first);
    for (std::size_t row = 0; row < part.rows; ++row) {
      const std::size_t begin = first + row * p_.columns();
      float* values = sums + begin;
      for (std::size_t i = 0; i < part.columns && !p_.bias.empty(); ++i) {
        values[i] += p_.bias[part.column + i];
      }
      if (p_.data_type == DataType::fp16) {
        store_floats(DataType::fp16, out, begin, {values, part.columns});
      }
    }
  }

  MatrixProduct p_;
};

// --- Planning ---------------------------------------------------------------------------------

// An operand's shape as a stack of matrices as they are stored; vectors get a dimension of 1.
struct MatrixStack {
  std::vector<std::int64_t> batch;
  std::int64_t rows = 1;
  std::int64_t columns = 1;
};
MatrixStack stack_of(const mil::Type& type, bool vector_is_row) {
  MatrixStack stack;
  stack.batch = ops::sizes(type.shape());
  if (stack.batch.size() == 1) {
    (vector_is_row ? stack.columns : stack.rows) = stack.batch[0];
    stack.batch.clear();
    return stack;
  }
  stack.columns = stack.batch.back();
  stack.batch.pop_back();
  stack.rows = stack.batch.back();
  stack.batch.pop_back();
  return stack;
}

// Nothing where the elements are not of a type that is computed with.
Result<std::optional<Factor>> factor_of(const KernelRequest& request, std::string_view parameter) {
  ANEBENCH_ASSIGN(type, request.arguments().tensor_type(parameter));
  if (!is_fp16_or_fp32(type.data_type())) return std::nullopt;
  Factor factor;
  factor.data_type = type.data_type();
  factor.count = static_cast<std::size_t>(type.element_count().value_or(0));
  const ValueId value = request.value(parameter);
  const bool is_constant = value == kNone || request.graph.value(value).is_constant;
  if (!is_constant) factor.value = value;
  return factor;
}

// Completes the plan of a product: its inputs, scratch memory, and what is read at load.
KernelPlan plan_product(const KernelRequest& request, std::string name, MatrixProduct product,
                        std::string_view parameter_a, std::string_view parameter_b) {
  KernelPlan plan{.name = std::move(name)};
  std::size_t scratch = 0;
  for (Factor* factor : {&product.a, &product.b}) {
    if (factor->value == kNone) {
      plan.weight_bytes += saturating_product({factor->count, sizeof(float)});
      continue;
    }
    plan.inputs.push_back(factor->value);
    factor->scratch = scratch;
    if (factor->is_widened()) scratch += factor->count;
  }
  product.product_scratch = scratch;
  if (product.data_type == DataType::fp16) {
    scratch += static_cast<std::size_t>(request.output_type().element_count().value_or(0));
  }
  plan.scratch_bytes = saturating_product({scratch, sizeof(float)});
  plan.make = [graph = &request.graph, node = &request.node, product = std::move(product),
               parameter_a,
               parameter_b](const KernelOperands& at) -> Result<std::unique_ptr<TensorOperation>> {
    MatrixProduct made = product;
    std::size_t next = 0;
    for (auto& [factor, parameter] :
         {std::pair(&made.a, parameter_a), std::pair(&made.b, parameter_b)}) {
      if (factor->value != kNone) {
        factor->location = at.inputs[next++];
        continue;
      }
      ANEBENCH_ASSIGN(held, constant_floats(*graph, *node, parameter));
      factor->held = std::move(held);
    }
    ANEBENCH_ASSIGN(bias, constant_floats(*graph, *node, "bias"));
    made.bias = std::move(bias);
    made.output = at.outputs[0];
    made.scratch = at.scratch;
    return std::make_unique<MatrixOperation>(std::move(made));
  };
  return plan;
}

Result<KernelChoice> plan_linear(const KernelRequest& request) {
  const ops::Arguments& arguments = request.arguments();
  if (arguments.has("bias") && !arguments.is_constant("bias")) {
    return KernelChoice::none("the bias is computed at run time");
  }
  ANEBENCH_ASSIGN(x, factor_of(request, "x"));
  ANEBENCH_ASSIGN(weight, factor_of(request, "weight"));
  if (!x || !weight) return KernelChoice::none("only fp16 and fp32 are multiplied by a kernel");
  ANEBENCH_ASSIGN(weight_type, arguments.tensor_type("weight"));
  const std::int64_t columns = weight_type.shape()[0].size();
  const std::int64_t depth = weight_type.shape()[1].size();
  const std::int64_t count = request.output_type().element_count().value_or(0);
  // All leading dimensions are rows of one matrix.
  const std::vector<std::int64_t> none;
  MatrixProduct product{.a = *std::move(x),
                        .b = *std::move(weight),
                        .bias = {},
                        .batches = ops::BroadcastRows(none, none, none),
                        .gemm = {.m = columns == 0 ? 0 : count / columns,
                                 .n = columns,
                                 .k = depth,
                                 .row_a = depth,
                                 .row_b = depth,
                                 .row_c = columns,
                                 .transposed_b = true},
                        .data_type = request.output_type().data_type()};
  return plan_product(request, "linear", std::move(product), "x", "weight");
}

Result<KernelChoice> plan_matmul(const KernelRequest& request) {
  const ops::Arguments& arguments = request.arguments();
  ANEBENCH_ASSIGN(x, factor_of(request, "x"));
  ANEBENCH_ASSIGN(y, factor_of(request, "y"));
  if (!x || !y) return KernelChoice::none("only fp16 and fp32 are multiplied by a kernel");
  ANEBENCH_ASSIGN(x_type, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(y_type, arguments.tensor_type("y"));
  // Transposition has no effect on a vector.
  ANEBENCH_ASSIGN(transposes_x, arguments.boolean_or("transpose_x", false));
  ANEBENCH_ASSIGN(transposes_y, arguments.boolean_or("transpose_y", false));
  const bool transposed_a = transposes_x && x_type.rank() > 1;
  const bool transposed_b = transposes_y && y_type.rank() > 1;
  const MatrixStack a = stack_of(x_type, /*vector_is_row=*/true);
  const MatrixStack b = stack_of(y_type, /*vector_is_row=*/false);
  const auto batch =
      ops::broadcast({a.batch.begin(), a.batch.end()}, {b.batch.begin(), b.batch.end()});
  if (!batch) return KernelChoice::none("shapes that do not fit");
  const std::int64_t columns = transposed_b ? b.rows : b.columns;
  MatrixProduct product{.a = *std::move(x),
                        .b = *std::move(y),
                        .bias = {},
                        .batches = ops::BroadcastRows(a.batch, b.batch, ops::sizes(*batch)),
                        .gemm = {.m = transposed_a ? a.columns : a.rows,
                                 .n = columns,
                                 .k = transposed_a ? a.rows : a.columns,
                                 .row_a = a.columns,
                                 .row_b = b.columns,
                                 .row_c = columns,
                                 .transposed_a = transposed_a,
                                 .transposed_b = transposed_b},
                        .data_type = request.output_type().data_type()};
  return plan_product(request, "matmul", std::move(product), "x", "y");
}

constexpr KernelEntry kMatrixKernels[] = {{"linear", plan_linear}, {"matmul", plan_matmul}};

}  // namespace

std::span<const KernelEntry> matrix_kernels() { return kMatrixKernels; }

}  // namespace anebench::device::cpu
