#include "anebench/experiments/published_program.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "anebench/base/number.h"
#include "anebench/programs/program_parts.h"

namespace anebench::experiments {
namespace {

using mil::DataType;
using mil::Shape;
using mil::Type;
using mil::Value;

constexpr std::uint64_t kBlobAlignment = 64;

// How the rows say that weights are stored.
struct StoredAs {
  DataType type = DataType::fp16;  // of the values, codes or indices
  bool is_table = false;
  std::int64_t vector = 1;  // values of an entry of the table
  double density = 1;       // of the values that are not zero
};

// The number between `prefix` and the next letter of `text`; nothing where there is none.
std::optional<std::int64_t> number_after(std::string_view text, std::string_view prefix) {
  const auto at = text.find(prefix);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = text.substr(at + prefix.size());
  rest = rest.substr(0, rest.find_first_not_of("0123456789"));
  return parse_int64(rest);
}

std::optional<DataType> index_type(std::int64_t bits) {
  switch (bits) {
    case 1: return DataType::uint1;
    case 2: return DataType::uint2;
    case 3: return DataType::uint3;
    case 4: return DataType::uint4;
    case 6: return DataType::uint6;
    case 8: return DataType::uint8;
    default: return std::nullopt;
  }
}

std::optional<StoredAs> table_of(std::int64_t bits, std::int64_t vector) {
  const auto type = index_type(bits);
  if (!type) return std::nullopt;
  return StoredAs{.type = *type, .is_table = true, .vector = vector};
}

// "fp16", "w8a16", "w8a8", "w4_lut_a16", "w_lut_v2n4_int8values_a16", "w_lut_v2 64 entries",
// "w_sparse68_a16".
std::optional<StoredAs> read_precision(std::string_view text) {
  if (text == "fp16") return StoredAs{};
  if (text == "w8a16" || text == "w8a8" || text == "wfp8a16") return StoredAs{DataType::int8};
  if (text == "w4a8") return StoredAs{DataType::int4};
  if (const auto zeros = number_after(text, "w_sparse")) {
    return StoredAs{.density = 1 - static_cast<double>(*zeros) / 100};
  }
  if (text.find("lut") == std::string_view::npos) return std::nullopt;
  if (const auto bits = number_after(text, "_s")) return table_of(*bits, 1);
  if (const auto bits = number_after(text, "w"); bits && *bits > 0) return table_of(*bits, 1);
  const auto vector = number_after(text, text.find(" v") == text.npos ? "_v" : " v");
  if (!vector) return std::nullopt;
  if (const auto bits = number_after(text, "n")) return table_of(*bits, *vector);
  return table_of(text.find("64 entries") != text.npos ? 6 : 4, *vector);
}

// What a row's program is made of.
struct Convolution {
  std::int64_t in = 0;
  std::int64_t out = 0;
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
};

class ProgramMaker {
 public:
  ProgramMaker(const PublishedRow& row, const StoredAs& stored)
      : row_(row), stored_(stored), builder_(programs::start_program(programs::Format::v1_3)) {
    is_w8a8_ = row.precision == "w8a8" || row.precision == "w4a8";
  }

  mil::Program chain(const Convolution& convolution, std::int64_t depth) {
    const bool has_fp32_edge = row_.notes.find("fp32 I/O") != std::string::npos;
    std::string x = input(positions(convolution.in, convolution.stride), has_fp32_edge);
    for (std::int64_t i = 0; i < depth; ++i) {
      x = convolve(x, convolution);
      if (is_w8a8_ && i + 1 < depth) x = requantize(x, positions(convolution.out, 1));
    }
    return builder_.finish({output(x, positions(convolution.out, 1), has_fp32_edge)});
  }

  mil::Program branches(const Convolution& convolution, std::int64_t count) {
    const std::string x = input(positions(convolution.in, 1), false);
    std::vector<std::string> outputs;
    for (std::int64_t i = 0; i < count; ++i) outputs.push_back(convolve(x, convolution));
    return builder_.finish(std::move(outputs));
  }

  // x · weightᵀ with the rows in the width.
  mil::Program product() {
    const std::int64_t rows = row_.width;
    const std::string x = input({1, rows, row_.channels_in}, false);
    const std::string w = weight({row_.channels_out, row_.channels_in});
    const std::string y = next_name("y");
    builder_.op("linear", y, Type::tensor(DataType::fp16, {1, rows, row_.channels_out}),
                {{"weight", w}, {"x", x}});
    return builder_.finish({y});
  }

  // gate and up, their product, down: a language model's layer.
  mil::Program gated_layer() {
    const Convolution up = {row_.channels_in, row_.channels_out};
    const Convolution down = {row_.channels_out, row_.channels_in};
    std::string x = input(positions(up.in, 1), false);
    if (is_w8a8_) x = requantize(x, positions(up.in, 1));
    const std::string gate = convolve(x, up);
    const std::string wide = convolve(x, up);
    std::string inner = next_name("gated");
    builder_.op("mul", inner, Type::tensor(DataType::fp16, positions(up.out, 1)),
                {{"x", gate}, {"y", wide}});
    if (is_w8a8_) inner = requantize(inner, positions(up.out, 1));
    return builder_.finish({convolve(inner, down)});
  }

 private:
  Shape positions(std::int64_t channels, std::int64_t stride) const {
    return {row_.batch, channels, row_.height * stride, row_.width * stride};
  }
  std::string next_name(std::string_view what) { return fmt::format("{}_{}", what, names_++); }

  std::string input(const Shape& shape, bool is_fp32) {
    builder_.input("x", Type::tensor(is_fp32 ? DataType::fp32 : DataType::fp16, shape));
    if (!is_fp32) return "x";
    programs::append_cast(builder_, "x_fp16", Type::tensor(DataType::fp16, shape), "x");
    return "x_fp16";
  }
  std::string output(const std::string& y, const Shape& shape, bool is_fp32) {
    if (!is_fp32) return y;
    programs::append_cast(builder_, "y_fp32", Type::tensor(DataType::fp32, shape), y);
    return "y_fp32";
  }

  std::string requantize(const std::string& x, const Shape& shape) {
    if (!requantization_) requantization_.emplace(builder_);
    std::string y = next_name("dq");
    requantization_->append(next_name("q"), y, shape, x);
    return y;
  }

  std::string convolve(const std::string& x, const Convolution& convolution) {
    const std::int64_t kernel = convolution.kernel;
    const auto pad = static_cast<std::int32_t>(kernel / 2);
    const auto stride = static_cast<std::int32_t>(convolution.stride);
    const std::string w = weight({convolution.out, convolution.in, kernel, kernel});
    std::string y = next_name("conv");
    builder_.op("conv", y, Type::tensor(DataType::fp16, positions(convolution.out, 1)),
                {{"dilations", Value::tensor<std::int32_t>({2}, {1, 1})},
                 {"groups", Value::scalar<std::int32_t>(1)},
                 {"pad", Value::tensor<std::int32_t>({4}, {pad, pad, pad, pad})},
                 {"pad_type", Value::string("custom")},
                 {"strides", Value::tensor<std::int32_t>({2}, {stride, stride})},
                 {"weight", w},
                 {"x", x}});
    return y;
  }

  // A constant in a weight file that is never written.
  Value blob(DataType type, const Shape& shape) {
    const Type tensor = Type::tensor(type, shape);
    Value value = Value::blob(tensor, {std::string(programs::kWeightFile), offset_});
    const auto bytes = static_cast<std::uint64_t>(tensor.byte_size().value_or(0));
    offset_ += (bytes / kBlobAlignment + 2) * kBlobAlignment;
    return value;
  }

  std::string weight(const Shape& shape) {
    std::string name = next_name("w");
    const Type dense = Type::tensor(DataType::fp16, shape);
    if (stored_.density < 1) {
      const double nonzero = static_cast<double>(*dense.element_count()) * stored_.density;
      builder_.op("constexpr_sparse_to_dense", name, dense,
                  {{"mask", blob(DataType::uint1, shape)},
                   {"nonzero_data", blob(DataType::fp16, {static_cast<std::int64_t>(nonzero)})}});
    } else if (stored_.is_table) {
      append_table(name, shape, dense);
    } else if (stored_.type == DataType::fp16) {
      builder_.constant(name, blob(DataType::fp16, shape));
    } else if (stored_.type == DataType::int4) {
      Shape ones(shape.size(), 1);
      builder_.op("constexpr_blockwise_shift_scale", name, dense,
                  {{"data", blob(DataType::int4, shape)},
                   {"scale", Value::fp16_tensor(ones, std::vector<double>{0.125})}});
    } else {
      builder_.op_with_attributes("constexpr_affine_dequantize", name, dense,
                                  {{"axis", Value::scalar<std::int32_t>(0)},
                                   {"quantized_data", blob(DataType::int8, shape)},
                                   {"scale", Value::fp16_scalar(0.125)},
                                   {"zero_point", Value::scalar<std::int8_t>(0)}});
    }
    return name;
  }

  // A table for the whole tensor; its entries run along the input channels.
  void append_table(const std::string& name, const Shape& shape, const Type& dense) {
    Shape indices = shape;
    indices[1] = shape[1].size() / stored_.vector;
    Shape table(shape.size(), 1);
    table.emplace_back(std::int64_t{1} << mil::bit_width(stored_.type));
    table.emplace_back(stored_.vector);
    std::vector<mil::Builder::Input> inputs = {{"indices", blob(stored_.type, indices)},
                                               {"lut", blob(DataType::fp16, table)}};
    if (stored_.vector > 1) inputs.emplace_back("vector_axis", Value::scalar<std::int32_t>(1));
    builder_.op("constexpr_lut_to_dense", name, dense, std::move(inputs));
  }

  const PublishedRow& row_;
  const StoredAs stored_;
  mil::Builder builder_;
  bool is_w8a8_ = false;
  int names_ = 0;
  std::uint64_t offset_ = kBlobAlignment;
  std::optional<programs::Requantization> requantization_;
};

}  // namespace

Result<mil::Program> published_program(const PublishedRow& row) {
  const std::string_view program = row.program;
  if (row.batch < 1 || row.channels_in < 1 || row.channels_out < 1 || row.height < 1 ||
      row.width < 1 || row.depth < 1) {
    return fail(ErrorCode::unsupported, "the source does not give the whole shape");
  }
  const auto stored = read_precision(row.precision);
  if (!stored) {
    return fail(ErrorCode::unsupported, "how \"{}\" stores weights is not known", row.precision);
  }
  ProgramMaker maker(row, *stored);
  const Convolution one = {row.channels_in, row.channels_out};
  if (program.starts_with("conv1x1_chain")) {
    if (row.channels_in == row.channels_out) return maker.chain(one, row.depth);
  } else if (program == "conv1x1_single_fp16") {
    return maker.chain(one, 1);
  } else if (program == "conv3x3_single_fp16") {
    return maker.chain({row.channels_in, row.channels_out, 3, 1}, 1);
  } else if (program == "conv3x3_s2_single_fp16") {
    return maker.chain({row.channels_in, row.channels_out, 3, 2}, 1);
  } else if (program.starts_with("conv1x1_parallel32")) {
    return maker.branches(one, row.depth);
  } else if (program.starts_with("gemv_const") || program.starts_with("matmul_const") ||
             program.starts_with("lm_head")) {
    return maker.product();
  } else if (program.starts_with("mlp_conv1x1_const")) {
    return maker.gated_layer();
  }
  return fail(ErrorCode::unsupported, "\"{}\" is no program that the model describes", program);
}

}  // namespace anebench::experiments
