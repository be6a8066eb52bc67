#include "anebench/programs/conv_chain.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "anebench/programs/initialisation.h"
#include "anebench/programs/program_parts.h"
#include "anebench/programs/weight_formats.h"

namespace anebench::programs {
namespace {

using mil::DataType;
using mil::Type;

struct Chain {
  std::int64_t channels, height, width, depth, batch;
  const WeightFormat* format;
  bool is_w8a8, quantizes_input, has_relu, is_flat, is_scaled;
  std::uint64_t seed;

  std::int64_t positions() const { return batch * height * width; }
  mil::Shape shape() const { return {batch, channels, height, width}; }
  Type activation(DataType type) const { return Type::tensor(type, shape()); }
  WeightValues values() const {
    return is_scaled ? WeightValues::scaled(channels, has_relu) : WeightValues::published_chain();
  }
};

Result<void> check_combination(const ProgramSpec& spec, const Chain& chain) {
  const bool is_fp16 = spec.word("precision") == "fp16";
  if (chain.is_flat && (!is_fp16 || chain.batch != 1 || chain.height != 1)) {
    return fail(ErrorCode::invalid_argument,
                "{}: the flat layout is [1, channels, 1, width] in fp16; it takes precision=fp16, "
                "batch=1 and height=1",
                spec.to_string());
  }
  if (chain.quantizes_input && !chain.is_w8a8) {
    return fail(ErrorCode::invalid_argument,
                "{}: only W8A8 chains quantize activations; quantize_input=on takes precision=w8a8",
                spec.to_string());
  }
  if (!chain.is_scaled && !is_fp16 && !chain.is_w8a8) {
    return fail(ErrorCode::invalid_argument,
                "{}: published chains are fp16 and W8A8; init=classic takes precision=fp16 or w8a8",
                spec.to_string());
  }
  return {};
}

Result<Chain> read(const ProgramSpec& spec) {
  Chain chain{};
  chain.channels = spec.integer("channels");
  chain.height = spec.integer("height");
  chain.width = spec.integer("width");
  chain.depth = spec.integer("depth");
  chain.batch = spec.integer("batch");
  chain.is_w8a8 = spec.word("precision") == "w8a8";
  chain.format = find_weight_format(chain.is_w8a8 ? "w8_per_tensor" : spec.word("precision"));
  chain.quantizes_input = spec.word("quantize_input") == "on";
  chain.has_relu = spec.word("relu") == "on";
  chain.is_flat = spec.word("layout") == "flat";
  chain.is_scaled = spec.word("init") == "scaled";
  chain.seed = static_cast<std::uint64_t>(spec.integer("seed"));
  if (chain.format == nullptr) {
    return fail(ErrorCode::invalid_argument, "{}: unknown precision", spec.to_string());
  }
  ANEBENCH_TRY(check_combination(spec, chain));
  const auto channels = static_cast<double>(chain.channels);
  ANEBENCH_TRY(check_program_size(spec, 2 * channels * channels * static_cast<double>(chain.depth),
                                  4.0 * static_cast<double>(chain.batch) * channels *
                                      static_cast<double>(chain.height) *
                                      static_cast<double>(chain.width)));
  return chain;
}

// Room for all weights: the elements, and what a layer stores beside them.
std::size_t expected_file_bytes(const Chain& chain) {
  const auto channels = static_cast<double>(chain.channels);
  const double elements = channels * channels * chain.format->bits() / 8;
  const double others = 4 * channels + 2048;
  return static_cast<std::size_t>(static_cast<double>(chain.depth) * (elements + others));
}

Result<void> append_layers(mil::Builder& builder, const Chain& chain, WeightFileBuilder& file,
                           std::string x) {
  Conv1x1 conv(builder);
  const WeightValues values = chain.values();
  const Rng seed(chain.seed);
  const auto add = [&](std::string_view, const Type& type, FillBytes fill) {
    return file.add(type, fill);
  };
  std::optional<Requantization> requantization;
  if (chain.is_w8a8) requantization.emplace(builder);
  if (chain.quantizes_input) {
    requantization->append("q_input", "dq_input", chain.shape(), x);
    x = "dq_input";
  }
  for (std::int64_t layer = 0; layer < chain.depth; ++layer) {
    const std::string suffix = fmt::format("{:03}", layer);
    const bool is_last = layer + 1 == chain.depth;
    const std::string weight = "w_" + suffix;
    const auto stream = kFirstWeightStream + static_cast<std::uint64_t>(layer);
    ANEBENCH_TRY(append_weight(
        builder, *chain.format, values,
        {.name = weight, .out = chain.channels, .in = chain.channels, .rng = seed.fork(stream)},
        add));
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
      requantization->append("q_" + suffix, "dq_" + suffix, chain.shape(), x);
      x = "dq_" + suffix;
    }
  }
  return {};
}

}  // namespace

const std::vector<Key>& conv_chain_keys() {
  static const std::vector<Key> kKeys = [] {
    std::vector<std::string_view> precisions = {"fp16", "w8a8"};
    for (const WeightFormat& format : weight_formats()) {
      if (format.is_valid && format.name != "fp16") precisions.push_back(format.name);
    }
    return std::vector<Key>{
        {"channels", "512", {}, 65536, "input and output channels of every layer"},
        {"height", "64", {}, 65536, "rows of positions (1 in the flat layout)"},
        {"width", "64", {}, 65536, "columns of positions"},
        {"depth", "128", {}, 4096, "number of convolutions"},
        {"batch", "1", {}, 4096, "images"},
        {"precision", "fp16", precisions, 0,
         "arithmetic: fp16, int8 weights and activations, or fp16 with compressed weights"},
        {"quantize_input",
         "off",
         {"off", "on"},
         0,
         "W8A8 from the first convolution on, not from the second"},
        {"relu", "off", {"off", "on"}, 0, "a relu after each convolution"},
        {"layout", "square", {"square", "flat"}, 0, "fp16 input and output, or the older fp32 one"},
        {"init",
         "scaled",
         {"scaled", "classic"},
         0,
         "values that stay finite, or the published ones"},
        {"seed", "1", {}, INT64_MAX, "seed of weights and input"},
    };
  }();
  return kKeys;
}

Result<BenchmarkProgram> build_conv_chain(const ProgramSpec& spec, Content content) {
  ANEBENCH_ASSIGN(chain, read(spec));
  mil::Builder builder = start_program(Format::v1_3);
  WeightFileBuilder file(content, std::string(kWeightFile), expected_file_bytes(chain));
  const Type io = chain.activation(chain.is_flat ? DataType::fp32 : DataType::fp16);
  builder.input("x", io);
  std::string first = "x";
  if (chain.is_flat) {
    append_cast(builder, "x_fp16", chain.activation(DataType::fp16), "x");
    first = "x_fp16";
  }
  ANEBENCH_TRY(append_layers(builder, chain, file, first), spec.to_string());
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
  add_input(result, content, io, [&](std::span<std::byte> bytes) {
    if (!chain.is_scaled) return;  // zeros, as published
    fill_scaled_input(chain.seed, io.data_type(), bytes);
  });
  result.operations = static_cast<double>(chain.depth) *
                      conv1x1_operations(chain.positions(), chain.channels, chain.channels);
  result.io_bytes = io_bytes(result.program);
  return result;
}

}  // namespace anebench::programs
