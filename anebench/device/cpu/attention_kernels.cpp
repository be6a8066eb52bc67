// The kernel of scaled_dot_product_attention: blocks of query rows, each with two matrix products
// and a softmax between them, so that scores stay in the cache.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "anebench/device/cpu/float_elements.h"
#include "anebench/device/cpu/float_lines.h"
#include "anebench/device/cpu/gemm.h"
#include "anebench/device/cpu/kernel.h"
#include "anebench/device/cpu/parallel.h"
#include "anebench/ops/mask_rows.h"
#include "anebench/ops/shapes.h"

namespace anebench::device::cpu {
namespace {

using mil::DataType;

// Query rows that a thread takes at a time.
constexpr std::size_t kQueryRows = 32;

// A mask that broadcasts to the scores.
struct AttentionMask {
  DataType type;
  ops::MaskRows rows;

  void add_to(std::span<float> scores, std::size_t row, const std::byte* mask) const {
    const std::size_t first = rows.first(row);
    if (type == DataType::boolean) {
      for (std::size_t i = 0; i < scores.size(); ++i) {
        const bool is_kept = mask[first + i * rows.step()] != std::byte{0};
        scores[i] += is_kept ? 0.0F : -std::numeric_limits<float>::infinity();
      }
      return;
    }
    for (std::size_t i = 0; i < scores.size(); ++i) {
      float value = 0;
      load_floats(type, mask, first + i * rows.step(), {&value, 1});
      scores[i] += value;
    }
  }
};

struct Attention {
  std::size_t batches = 1;
  std::size_t rows = 1;  // of queries in a batch
  std::size_t keys = 1;
  std::size_t embedding = 1;
  std::size_t width = 1;  // of values
  DataType type = DataType::fp16;
  std::optional<AttentionMask> mask;

  std::size_t query_count() const { return batches * rows * embedding; }
  std::size_t key_count() const { return batches * keys * embedding; }
  std::size_t value_count() const { return batches * keys * width; }
  // Floats: widened operands, and for each thread scores and sums.
  std::size_t shared_floats() const {
    return type == DataType::fp16 ? query_count() + key_count() + value_count() : 0;
  }
  std::size_t thread_floats() const { return kQueryRows * (keys + width); }
};

class AttentionOperation final : public TensorOperation {
 public:
  AttentionOperation(Attention form, KernelOperands at)
      : form_(std::move(form)), at_(std::move(at)) {}

  Result<void> run(const Memory& memory, ThreadPool& pool) const override {
    auto* scratch = reinterpret_cast<float*>(memory.write(at_.scratch));
    const auto floats = [&](std::size_t input, std::size_t count, float* own) {
      return as_floats(form_.type, memory.read(at_.inputs[input]), count, own, pool);
    };
    float* const key_scratch = scratch + form_.query_count();
    const float* queries = floats(0, form_.query_count(), scratch);
    const float* keys = floats(1, form_.key_count(), key_scratch);
    const float* values = floats(2, form_.value_count(), key_scratch + form_.key_count());
    const std::size_t blocks = (form_.rows + kQueryRows - 1) / kQueryRows;
    const double block_ns = static_cast<double>(kQueryRows * form_.keys) *
                            (static_cast<double>(form_.embedding + form_.width) / 10 + 2);
    parallel_ranges(pool, form_.batches * blocks, grain_of(block_ns),
                    [&](std::size_t begin, std::size_t end, int worker) {
                      float* own = scratch + form_.shared_floats() +
                                   static_cast<std::size_t>(worker) * form_.thread_floats();
                      for (std::size_t i = begin; i < end; ++i) {
                        attend(memory, queries, keys, values, i / blocks, i % blocks * kQueryRows,
                               own);
                      }
                    });
    return {};
  }

 private:
  void attend(const Memory& memory, const float* queries, const float* keys, const float* values,
              std::size_t batch, std::size_t first, float* scratch) const {
    const std::size_t count = std::min(kQueryRows, form_.rows - first);
    float* const scores = scratch;
    float* const sums = scratch + kQueryRows * form_.keys;
    const auto number = [](std::size_t size) { return static_cast<std::int64_t>(size); };
    const std::size_t row = batch * form_.rows + first;
    multiply({.m = number(count),
              .n = number(form_.keys),
              .k = number(form_.embedding),
              .row_a = number(form_.embedding),
              .row_b = number(form_.embedding),
              .row_c = number(form_.keys),
              .transposed_b = true},
             queries + row * form_.embedding, keys + batch * form_.keys * form_.embedding, scores);
    const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(form_.embedding)));
    for (std::size_t i = 0; i < count; ++i) {
      const std::span<float> line(scores + i * form_.keys, form_.keys);
      for (float& score : line) score *= scale;
      if (form_.mask) form_.mask->add_to(line, row + i, memory.read(at_.inputs[3]));
      softmax_line(line);
    }
    multiply({.m = number(count),
              .n = number(form_.width),
              .k = number(form_.keys),
              .row_a = number(form_.keys),
              .row_b = number(form_.width),
              .row_c = number(form_.width)},
             scores, values + batch * form_.keys * form_.width, sums);
    store_floats(form_.type, memory.write(at_.outputs[0]), row * form_.width,
                 {sums, count * form_.width});
  }

  Attention form_;
  KernelOperands at_;
};

Result<KernelChoice> plan_attention(const KernelRequest& request) {
  Attention form;
  form.type = request.output_type().data_type();
  if (!is_fp16_or_fp32(form.type)) return KernelChoice::none("only fp16 and fp32 have a kernel");
  KernelPlan plan{.name = "scaled_dot_product_attention"};
  for (const std::string_view parameter : {"query", "key", "value"}) {
    const ValueId value = request.value(parameter);
    if (value == kNone) return KernelChoice::none("one of the tensors is a literal");
    if (request.type(value).data_type() != form.type) {
      return KernelChoice::none("tensors of different types");
    }
    plan.inputs.push_back(value);
  }
  const mil::Type& query = request.type(plan.inputs[0]);
  const mil::Type& value = request.type(plan.inputs[2]);
  const std::size_t rank = query.rank();
  const auto size = [](const mil::Type& type, std::size_t d) {
    return static_cast<std::size_t>(type.shape()[d].size());
  };
  for (std::size_t d = 0; d + 2 < rank; ++d) form.batches *= size(query, d);
  form.rows = size(query, rank - 2);
  form.embedding = size(query, rank - 1);
  form.keys = size(value, rank - 2);
  form.width = size(value, rank - 1);
  if (form.query_count() == 0 || form.value_count() == 0) {
    return KernelChoice::none("empty tensors");
  }
  if (request.arguments().has("attn_mask")) {
    const ValueId mask = request.value("attn_mask");
    if (mask == kNone) return KernelChoice::none("the mask is a literal");
    const mil::Type& type = request.type(mask);
    if (type.data_type() != DataType::boolean && !is_fp16_or_fp32(type.data_type())) {
      return KernelChoice::none("the mask is of no type that has a kernel");
    }
    form.mask = AttentionMask{type.data_type(),
                              ops::MaskRows(ops::sizes(type.shape()), ops::sizes(query.shape()))};
    plan.inputs.push_back(mask);
  }
  plan.scratch_bytes = saturating_product(
      {form.shared_floats() + request.threads * form.thread_floats(), sizeof(float)});
  plan.make = [form = std::move(form)](
                  const KernelOperands& at) -> Result<std::unique_ptr<TensorOperation>> {
    return std::make_unique<AttentionOperation>(form, at);
  };
  return plan;
}

constexpr KernelEntry kAttentionKernels[] = {{"scaled_dot_product_attention", plan_attention}};

}  // namespace

std::span<const KernelEntry> attention_kernels() { return kAttentionKernels; }

}  // namespace anebench::device::cpu
