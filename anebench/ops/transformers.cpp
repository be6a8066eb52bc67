// scaled_dot_product_attention: softmax(q · kᵀ / √E + mask) · v, row by row, in double with one
// rounding at the end.
//
// Source of the semantics: coremltools' documentation of iOS 18. A row whose elements are all
// masked out is NaN, as the formula has it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>
#include <new>
#include <optional>

#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/mask_rows.h"
#include "anebench/ops/matrix_product.h"
#include "anebench/ops/multiply_accumulate.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {
namespace {

using mil::Dim;
using mil::Opset;

Result<void> check_mask(const Arguments& arguments, const mil::Shape& query, Dim keys) {
  if (!arguments.has("attn_mask")) return {};
  ANEBENCH_ASSIGN(mask, arguments.tensor_type("attn_mask"));
  mil::Shape scores = query;
  scores.back() = keys;
  const auto both = broadcast(mask.shape(), scores);
  const bool fits = mask.rank() != 0 && both && both->size() == scores.size() &&
                    !differ(mask.shape().back(), keys) &&
                    std::ranges::equal(*both, scores, [](Dim a, Dim b) { return !differ(a, b); });
  if (!fits) {
    return arguments.error("attn_mask", fmt::format("is {}, which does not broadcast to {}",
                                                    to_string(mask), to_string(scores)));
  }
  return {};
}

Result<std::vector<mil::Type>> infer_attention(const Arguments& arguments) {
  ANEBENCH_ASSIGN(query, arguments.tensor_type("query"));
  ANEBENCH_ASSIGN(key, arguments.tensor_type("key"));
  ANEBENCH_ASSIGN(value, arguments.tensor_type("value"));
  const std::size_t rank = query.rank();
  if (rank < 3 || key.rank() != rank || value.rank() != rank) {
    return arguments.error("query", fmt::format("has rank {}, key {}, value {}; they must agree "
                                                "and be 3 or more",
                                                rank, key.rank(), value.rank()));
  }
  for (std::size_t d = 0; d + 2 < rank; ++d) {
    if (differ(query.shape()[d], key.shape()[d]) || differ(query.shape()[d], value.shape()[d]) ||
        differ(key.shape()[d], value.shape()[d])) {
      return arguments.error("query",
                             fmt::format("{}, key {} and value {} differ in batch "
                                         "dimension {}",
                                         to_string(query), to_string(key), to_string(value), d));
    }
  }
  if (differ(query.shape()[rank - 1], key.shape()[rank - 1])) {
    return arguments.error("key", fmt::format("is {}, but query {}: the last dimensions must agree",
                                              to_string(key), to_string(query)));
  }
  if (differ(key.shape()[rank - 2], value.shape()[rank - 2])) {
    return arguments.error("value", fmt::format("is {}, but key {}: they must be equally long",
                                                to_string(value), to_string(key)));
  }
  ANEBENCH_TRY(check_mask(arguments, query.shape(), key.shape()[rank - 2]));
  mil::Shape shape = query.shape();
  shape.back() = value.shape().back();
  return std::vector<mil::Type>{mil::Type::tensor(query.data_type(), std::move(shape))};
}

// Two products, and five operations for each score: scale, subtract the maximum, exponential,
// sum, divide; one more with a mask.
Result<double> count_attention(const Arguments& arguments, std::span<const mil::Type> /*outputs*/) {
  ANEBENCH_ASSIGN(query, known_tensor(arguments, "query"));
  ANEBENCH_ASSIGN(value, known_tensor(arguments, "value"));
  const std::size_t rank = query.dims.size();
  double rows = 1;
  for (std::size_t d = 0; d + 1 < rank; ++d) rows *= static_cast<double>(query.dims[d]);
  const auto embedding = static_cast<double>(query.dims[rank - 1] + value.dims[rank - 1]);
  const auto keys = static_cast<double>(value.dims[rank - 2]);
  return rows * keys * (2 * embedding + (arguments.has("attn_mask") ? 6 : 5));
}

// The mask's numbers (false is minus infinity, true 0) and how to walk them beside the scores.
class Mask {
 public:
  Mask(const Tensor& mask, std::span<const std::int64_t> query_dims)
      : values_(mask.to_doubles()), rows_(mask.dims(), query_dims) {
    if (mask.data_type() == mil::DataType::boolean) {
      for (double& value : values_) {
        value = value != 0 ? 0 : -std::numeric_limits<double>::infinity();
      }
    }
  }

  // Adds the mask's row for query row `row` (of all batches) to the scores.
  void add_to(std::span<double> scores, std::size_t row) const {
    const double* const first = values_.data() + rows_.first(row);
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i] += first[i * rows_.step()];
  }

 private:
  std::vector<double> values_;
  MaskRows rows_;
};

void softmax(std::span<double> scores) {
  double most = -std::numeric_limits<double>::infinity();
  for (const double score : scores) most = std::max(most, score);
  double sum = 0;
  for (double& score : scores) {
    score = std::exp(score - most);
    sum += score;
  }
  for (double& score : scores) score /= sum;
}

Result<std::vector<Tensor>> evaluate_attention(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(types, infer_attention(arguments));
  ANEBENCH_ASSIGN(query, context.tensor("query"));
  ANEBENCH_ASSIGN(key, context.tensor("key"));
  ANEBENCH_ASSIGN(value, context.tensor("value"));
  ANEBENCH_ASSIGN(out, Tensor::create(types.front()));
  if (out.element_count() == 0) return std::vector<Tensor>{std::move(out)};
  std::optional<Mask> mask;
  if (arguments.has("attn_mask")) {
    ANEBENCH_ASSIGN(given, context.tensor("attn_mask"));
    mask.emplace(given, query.dims());
  }
  // Keys lie as columns, so that all scores of a row are summed side by side.
  ANEBENCH_ASSIGN(columns, transposed(context, key));
  const std::vector<double> queries = query.to_doubles();
  const std::vector<double> keys = columns.to_doubles();
  const std::vector<double> values = value.to_doubles();
  const auto size_of = [](const Tensor& tensor, std::size_t from_end) {
    return static_cast<std::size_t>(tensor.dims()[tensor.rank() - from_end]);
  };
  const std::size_t rows = size_of(query, 2);
  const std::size_t embedding = size_of(query, 1);
  const std::size_t length = size_of(key, 2);
  const std::size_t width = size_of(value, 1);
  const double scale = 1 / std::sqrt(static_cast<double>(embedding));
  const std::span<std::byte> target = out.mutable_bytes();
  std::atomic<bool> out_of_memory = false;
  context.parallel_for(out.element_count() / width, [&](std::size_t begin, std::size_t end) {
    // Bodies of the thread pool may not throw, so this allocation reports failure itself.
    const std::unique_ptr<double[]> storage(new (std::nothrow) double[length + width]);
    if (storage == nullptr) {
      out_of_memory = true;
      return;
    }
    const std::span<double> scores(storage.get(), length);
    const std::span<double> sums(storage.get() + length, width);
    for (std::size_t row = begin; row < end; ++row) {
      const std::size_t batch = row / rows;
      std::ranges::fill(scores, 0.0);
      multiply_accumulate<double>({queries.data() + row * embedding, embedding},
                                  keys.data() + batch * embedding * length, length, scores);
      for (double& score : scores) score *= scale;
      if (mask) mask->add_to(scores, row);
      softmax(scores);
      std::ranges::fill(sums, 0.0);
      multiply_accumulate<double>(scores, values.data() + batch * length * width, width, sums);
      store_doubles(out.data_type(), target, row * width, sums);
    }
  });
  if (out_of_memory) {
    return fail(ErrorCode::resource_exhausted, "{}: out of memory", arguments.describe());
  }
  return std::vector<Tensor>{std::move(out)};
}

constexpr Parameter kAttention[] = {
    {.name = "query", .types = kFloats, .type_variable = "T"},
    {.name = "key", .types = kFloats, .type_variable = "T"},
    {.name = "value", .types = kFloats, .type_variable = "T"},
    {.name = "attn_mask", .types = kFloats | kBool, .type_variable = "M", .optional = true},
};
constexpr Version kAttentionVersions[] = {{Opset::ios18, kAttention}};

constexpr Definition kTransformersDefinitions[] = {
    {.name = "scaled_dot_product_attention",
     .family = "transformers",
     .versions = kAttentionVersions,
     .infer = infer_attention,
     .evaluate = evaluate_attention,
     .count_operations = count_attention},
};

}  // namespace

std::span<const Definition> transformers_family() { return kTransformersDefinitions; }

}  // namespace anebench::ops
