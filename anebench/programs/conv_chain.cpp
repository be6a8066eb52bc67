#include "anebench/programs/conv_chain.h"

#include <fmt/format.h>

#include <bit>
#include <optional>
#include <utility>

#include "anebench/base/half.h"
#include "anebench/programs/initialisation.h"
#include "anebench/programs/program_parts.h"

namespace anebench::programs {
namespace {

using mil::DataType;
using mil::Type;
using mil::Value;

// Streams of the seed's generator.
constexpr std::uint64_t kInputStream = 0;
constexpr std::uint64_t kFirstWeightStream = 1;

// The published programs' constants.
constexpr double kClassicWeightScale = 0.125;  // 0x1p-3
constexpr int kClassicHalfSteps = 1000;        // fp16 weights: −0.500, −0.499, … 0.499

// Larger programs are refused before anything is allocated.
constexpr double kMaxBytes = 0x1p40;

struct Chain {
  std::int64_t channels, height, width, depth, batch;
  bool is_w8a8, has_relu, is_flat, is_scaled;
  std::uint64_t seed;

  std::int64_t positions() const { return batch * height * width; }
  Type activation(DataType type) const {
    return Type::tensor(type, {batch, channels, height, width});
  }
  std::size_t weight_count() const { return static_cast<std::size_t>(channels * channels); }
};

Result<Chain> read(const ProgramSpec& spec) {
  Chain chain{};
  chain.channels = spec.integer("channels");
  chain.height = spec.integer("height");
  chain.width = spec.integer("width");
  chain.depth = spec.integer("depth");
  chain.batch = spec.integer("batch");
  chain.is_w8a8 = spec.word("precision") == "w8a8";
  chain.has_relu = spec.word("relu") == "on";
  chain.is_flat = spec.word("layout") == "flat";
  chain.is_scaled = spec.word("init") == "scaled";
  chain.seed = static_cast<std::uint64_t>(spec.integer("seed"));
  if (chain.is_flat && (chain.is_w8a8 || chain.batch != 1 || chain.height != 1)) {
    return fail(ErrorCode::invalid_argument,
                "{}: the flat layout is [1, channels, 1, width] in fp16; it takes precision=fp16, "
                "batch=1 and height=1",
                spec.to_string());
  }
  const double weights = 2.0 * static_cast<double>(chain.channels) *
                         static_cast<double>(chain.channels) * static_cast<double>(chain.depth);
  const double surface = 4.0 * static_cast<double>(chain.batch) *
                         static_cast<double>(chain.channels) * static_cast<double>(chain.height) *
                         static_cast<double>(chain.width);
  if (weights > kMaxBytes || surface > kMaxBytes) {
    return fail(ErrorCode::resource_exhausted,
                "{}: its weights take {:.3g} bytes and its surfaces {:.3g}, more than {:.3g}",
                spec.to_string(), weights, surface, kMaxBytes);
  }
  return chain;
}

std::span<const std::byte> as_packed(const std::vector<std::int8_t>& integers) {
  return std::as_bytes(std::span(integers));
}

// Draws one layer's weights and appends the operation that makes them: a const, or a
// constexpr_affine_dequantize.
class WeightMaker {
 public:
  WeightMaker(const Chain& chain, mil::Builder& builder, WeightFileBuilder& file)
      : chain_(chain),
        builder_(builder),
        file_(file),
        grid_(scaled_weight_grid(chain.channels, chain.has_relu)),
        integers_(chain.weight_count()),
        halves_(chain.is_w8a8 ? 0 : chain.weight_count()) {}

  Result<void> append(const std::string& name, Rng rng) {
    const Type dense = Type::tensor(DataType::fp16, {chain_.channels, chain_.channels, 1, 1});
    if (!chain_.is_w8a8) {
      draw_halves(rng);
      ANEBENCH_ASSIGN(value, file_.add(dense, std::as_bytes(std::span(halves_))));
      builder_.constant(name, std::move(value));
      return {};
    }
    if (chain_.is_scaled) {
      fill_uniform(rng, -grid_.m, grid_.m, integers_);
    } else {
      fill_uniform(rng, -128, 127, integers_);
    }
    const Type packed = Type::tensor(DataType::int8, dense.shape());
    ANEBENCH_ASSIGN(data, file_.add(packed, as_packed(integers_)));
    const double scale = chain_.is_scaled ? grid_.scale() : kClassicWeightScale;
    builder_.op_with_attributes("constexpr_affine_dequantize", name, dense,
                                {{"axis", Value::scalar<std::int32_t>(0)},
                                 {"quantized_data", std::move(data)},
                                 {"scale", Value::fp16_scalar(scale)},
                                 {"zero_point", Value::scalar<std::int8_t>(0)}});
    return {};
  }

 private:
  void draw_halves(Rng& rng) {
    if (chain_.is_scaled) {
      fill_uniform(rng, -grid_.m, grid_.m, integers_);
      scale_to_halves(integers_, grid_.scale(), halves_);
      return;
    }
    for (std::uint16_t& half : halves_) {
      const auto step = static_cast<double>(rng.uniform_int(0, kClassicHalfSteps - 1));
      half = half_from_double(step / kClassicHalfSteps - 0.5);
    }
  }

  const Chain& chain_;
  mil::Builder& builder_;
  WeightFileBuilder& file_;
  WeightGrid grid_;
  std::vector<std::int8_t> integers_;
  std::vector<std::uint16_t> halves_;
};

Value make_input(const Chain& chain, const Type& type) {
  const auto count = static_cast<std::size_t>(type.element_count().value_or(0));
  Value::Bytes bytes(static_cast<std::size_t>(type.byte_size().value_or(0)));
  if (!chain.is_scaled) return Value::packed(type, std::move(bytes));  // zeros, as published
  std::vector<std::int8_t> integers(count);
  Rng rng = Rng(chain.seed).fork(kInputStream);
  fill_input_grid(rng, integers);
  for (std::size_t i = 0; i < count; ++i) {
    mil::store_packed_element(type.data_type(), bytes, i, integers[i] * kActivationScale);
  }
  return Value::packed(type, std::move(bytes));
}

void append_requantization(mil::Builder& builder, const Chain& chain, const std::string& suffix,
                           const std::string& x, const std::string& output) {
  const std::string quantized = "q_" + suffix;
  builder.op("quantize", quantized, chain.activation(DataType::int8),
             {{"input", x}, {"output_dtype", "q_dtype"}, {"scale", "act_scale"}});
  builder.op("dequantize", output, chain.activation(DataType::fp16),
             {{"input", quantized}, {"scale", "act_scale"}});
}

Result<void> append_layers(mil::Builder& builder, const Chain& chain, WeightFileBuilder& file,
                           std::string x) {
  Conv1x1 conv(builder);
  WeightMaker weights(chain, builder, file);
  const Rng seed(chain.seed);
  if (chain.is_w8a8) {
    builder.constant("act_scale", Value::fp16_scalar(kActivationScale));
    builder.constant("q_dtype", Value::string("int8"));
  }
  for (std::int64_t layer = 0; layer < chain.depth; ++layer) {
    const std::string suffix = fmt::format("{:03}", layer);
    const bool is_last = layer + 1 == chain.depth;
    const std::string weight = "w_" + suffix;
    ANEBENCH_TRY(
        weights.append(weight, seed.fork(kFirstWeightStream + static_cast<std::uint64_t>(layer))));
    // The last operation of the chain makes "y".
    const std::string conv_output = is_last && !chain.has_relu ? "y" : "conv_" + suffix;
    conv.append(conv_output, chain.activation(DataType::fp16), x, weight);
    x = conv_output;
    if (chain.has_relu) {
      const std::string relu_output = is_last ? "y" : "relu_" + suffix;
      builder.op("relu", relu_output, chain.activation(DataType::fp16), {{"x", x}});
      x = relu_output;
    }
    if (chain.is_w8a8 && !is_last) {
      append_requantization(builder, chain, suffix, x, "dq_" + suffix);
      x = "dq_" + suffix;
    }
  }
  return {};
}

}  // namespace

const std::vector<Key>& conv_chain_keys() {
  static const std::vector<Key> kKeys = {
      {"channels", "512", {}, 65536, "input and output channels of every layer"},
      {"height", "64", {}, 65536, "rows of positions (1 in the flat layout)"},
      {"width", "64", {}, 65536, "columns of positions"},
      {"depth", "128", {}, 4096, "number of convolutions"},
      {"batch", "1", {}, 4096, "images"},
      {"precision",
       "fp16",
       {"fp16", "w8a8"},
       0,
       "arithmetic: fp16, or int8 weights and activations"},
      {"relu", "off", {"off", "on"}, 0, "a relu after each convolution"},
      {"layout", "square", {"square", "flat"}, 0, "fp16 input and output, or the older fp32 one"},
      {"init",
       "scaled",
       {"scaled", "classic"},
       0,
       "values that stay finite, or the published ones"},
      {"seed", "1", {}, INT64_MAX, "seed of weights and input"},
  };
  return kKeys;
}

Result<BenchmarkProgram> build_conv_chain(const ProgramSpec& spec) {
  ANEBENCH_ASSIGN(chain, read(spec));
  mil::Builder builder = start_program(Format::v1_3);
  const std::size_t element_bytes = chain.is_w8a8 ? 1 : 2;
  const auto depth = static_cast<std::size_t>(chain.depth);
  WeightFileBuilder file(std::string(kWeightFile),
                         depth * (chain.weight_count() * element_bytes + 128) + 64);
  const Type io = chain.activation(chain.is_flat ? DataType::fp32 : DataType::fp16);
  builder.input("x", io);
  std::string first = "x";
  if (chain.is_flat) {
    append_cast(builder, "x_fp16", chain.activation(DataType::fp16), "x");
    first = "x_fp16";
  }
  ANEBENCH_TRY(append_layers(builder, chain, file, first));
  std::string output = "y";
  if (chain.is_flat) {
    append_cast(builder, "y_fp32", io, "y");
    output = "y_fp32";
  }
  BenchmarkProgram result;
  result.spec = spec;
  result.weight_bytes = file.payload_bytes();
  result.program = builder.finish({output});
  result.weights = std::make_shared<weights::WeightFiles>();
  ANEBENCH_TRY(file.finish_into(*result.weights));
  result.inputs.push_back(make_input(chain, io));
  result.operations = static_cast<double>(chain.depth) *
                      conv1x1_operations(chain.positions(), chain.channels, chain.channels);
  result.io_bytes = io_bytes(result.program);
  return result;
}

}  // namespace anebench::programs
