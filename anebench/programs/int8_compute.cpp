#include "anebench/programs/int8_compute.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "anebench/base/cpu_features.h"
#include "anebench/base/half.h"
#include "anebench/base/rng.h"
#include "anebench/base/thread_pool.h"
#include "anebench/programs/initialisation.h"
#include "anebench/programs/program_parts.h"

namespace anebench::programs {
namespace {

using mil::DataType;
using mil::Type;
using mil::Value;

constexpr double kFp16Deviation = 0.01;
constexpr double kInt8Scale = 0.001;
constexpr int kLowestCode = -64;
constexpr int kHighestCode = 62;

constexpr std::array<PublishedModel, 4> kModels = {{
    {"int8_compute_fp16", "int8_compute:channels=256,size=64,depth=256,precision=fp16"},
    {"int8_compute_fp16_512", "int8_compute:channels=512,size=64,depth=128,precision=fp16"},
    {"int8_compute_w8a8", "int8_compute:channels=256,size=64,depth=256,precision=w8a8"},
    {"int8_compute_w8a8_512", "int8_compute:channels=512,size=64,depth=128,precision=w8a8"},
}};

// The layers' weights, drawn on all processors for several layers at a time: each layer has a
// stream of random numbers of its own, so nothing depends on how many there are.
class LayerWeights {
 public:
  LayerWeights(std::uint64_t seed, bool is_int8, std::size_t layer_bytes, std::size_t layers)
      : seed_(seed),
        is_int8_(is_int8),
        layer_bytes_(layer_bytes),
        layers_(layers),
        at_once_(std::clamp<std::size_t>(kDrawnAtOnce / layer_bytes, 1, layers)) {}

  // Valid until the next call.
  std::span<const std::byte> of(std::size_t layer) {
    if (layer < first_ || layer >= first_ + drawn_) draw_from(layer);
    return std::span(bytes_).subspan((layer - first_) * layer_bytes_, layer_bytes_);
  }

 private:
  static constexpr std::size_t kDrawnAtOnce = std::size_t{32} << 20;  // bytes

  void draw_from(std::size_t layer) {
    first_ = layer;
    drawn_ = std::min(at_once_, layers_ - layer);
    bytes_.resize(drawn_ * layer_bytes_);
    if (!pool_) pool_.emplace(hardware_threads());  // not for structures, which need no weights
    pool_->parallel_for(drawn_, [&](std::size_t i, int) {
      draw(first_ + i, std::span(bytes_).subspan(i * layer_bytes_, layer_bytes_));
    });
  }

  void draw(std::size_t layer, std::span<std::byte> out) const {
    Rng rng = Rng(seed_).fork(kFirstWeightStream + layer);
    if (is_int8_) {
      fill_uniform(rng, kLowestCode, kHighestCode,
                   {reinterpret_cast<std::int8_t*>(out.data()), out.size()});
      return;
    }
    for (std::uint16_t& half : as_halves(out)) {
      half = half_from_double(rng.normal() * kFp16Deviation);
    }
  }

  std::uint64_t seed_;
  bool is_int8_;
  std::size_t layer_bytes_;
  std::size_t layers_;
  std::size_t at_once_;
  std::size_t first_ = 0;
  std::size_t drawn_ = 0;
  std::vector<std::byte> bytes_;
  std::optional<ThreadPool> pool_;
};

class ChainWriter {
 public:
  ChainWriter(mil::Builder& builder, WeightFileBuilder& file, const ProgramSpec& spec)
      : builder_(builder),
        file_(file),
        channels_(spec.integer("channels")),
        shape_({1, channels_, spec.integer("size"), spec.integer("size")}),
        is_w8a8_(spec.word("precision") == "w8a8"),
        weights_(static_cast<std::uint64_t>(spec.integer("seed")), is_w8a8_,
                 static_cast<std::size_t>(channels_ * channels_ * (is_w8a8_ ? 1 : 2)),
                 static_cast<std::size_t>(spec.integer("depth"))) {}

  Type activation() const { return Type::tensor(DataType::fp16, shape_); }

  // One layer on the value `x`; gives its output's name.
  Result<std::string> append_layer(std::int64_t layer, const std::string& x) {
    const std::string suffix = fmt::format("{:03}", layer);
    ANEBENCH_TRY(append_weight("w_" + suffix, static_cast<std::size_t>(layer)));
    append_convolution("conv_" + suffix, x, "w_" + suffix);
    return "conv_" + suffix;
  }

  // Between layers of a W8A8 chain; gives the output's name.
  std::string append_requantization(std::int64_t layer, const std::string& x) {
    if (!is_w8a8_) return x;
    const std::string quantized = fmt::format("q_{:03}", layer);
    const std::string output = fmt::format("dq_{:03}", layer);
    builder_.constant(quantized + "_scale_0", Value::fp16_scalar(kActivationScale));
    builder_.constant(quantized + "_output_dtype_0", Value::string("int8"));
    builder_.op("quantize", quantized, Type::tensor(DataType::int8, shape_),
                {{"input", x},
                 {"output_dtype", quantized + "_output_dtype_0"},
                 {"scale", quantized + "_scale_0"}});
    builder_.constant(output + "_scale_0", Value::fp16_scalar(kActivationScale));
    builder_.op("dequantize", output, activation(),
                {{"input", quantized}, {"scale", output + "_scale_0"}});
    return output;
  }

 private:
  Result<void> append_weight(const std::string& name, std::size_t layer) {
    const mil::Shape shape = {channels_, channels_, 1, 1};
    const Type dense = Type::tensor(DataType::fp16, shape);
    const Type stored = is_w8a8_ ? Type::tensor(DataType::int8, shape) : dense;
    ANEBENCH_ASSIGN(data, file_.add(stored, [&](std::span<std::byte> bytes) {
      std::ranges::copy(weights_.of(layer), bytes.begin());
    }));
    if (!is_w8a8_) {
      builder_.constant(name, std::move(data));
      return {};
    }
    builder_.op_with_attributes("constexpr_affine_dequantize", name, dense,
                                {{"axis", Value::scalar<std::int32_t>(0)},
                                 {"quantized_data", std::move(data)},
                                 {"scale", Value::fp16_scalar(kInt8Scale)},
                                 {"zero_point", Value::scalar<std::int8_t>(0)}});
    return {};
  }

  // With constants of its own, as coremltools gives each convolution, and in its order.
  void append_convolution(const std::string& name, const std::string& x,
                          const std::string& weight) {
    const auto constant = [&](const char* parameter, Value value) {
      std::string label = fmt::format("{}_{}_0", name, parameter);
      builder_.constant(label, std::move(value));
      return label;
    };
    const std::string pad_type = constant("pad_type", Value::string("valid"));
    const std::string strides = constant("strides", Value::tensor<std::int32_t>({2}, {1, 1}));
    const std::string pad = constant("pad", Value::tensor<std::int32_t>({4}, {0, 0, 0, 0}));
    const std::string dilations = constant("dilations", Value::tensor<std::int32_t>({2}, {1, 1}));
    const std::string groups = constant("groups", Value::scalar<std::int32_t>(1));
    builder_.op("conv", name, activation(),
                {{"dilations", dilations},
                 {"groups", groups},
                 {"pad", pad},
                 {"pad_type", pad_type},
                 {"strides", strides},
                 {"weight", weight},
                 {"x", x}});
  }

  mil::Builder& builder_;
  WeightFileBuilder& file_;
  std::int64_t channels_;
  mil::Shape shape_;
  bool is_w8a8_;
  LayerWeights weights_;
};

}  // namespace

const std::vector<Key>& int8_compute_keys() {
  static const std::vector<Key> kKeys = {
      {"channels", "512", {}, 65536, "input and output channels of every layer"},
      {"size", "64", {}, 65536, "rows and columns of positions"},
      {"depth", "128", {}, 4096, "number of convolutions"},
      {"precision",
       "fp16",
       {"fp16", "w8a8"},
       0,
       "arithmetic: fp16, or int8 weights and activations"},
      {"seed", "1", {}, INT64_MAX, "seed of the weights"},
  };
  return kKeys;
}

Result<BenchmarkProgram> build_int8_compute(const ProgramSpec& spec, Content content) {
  const std::int64_t channels = spec.integer("channels");
  const std::int64_t size = spec.integer("size");
  const std::int64_t depth = spec.integer("depth");
  const double weight_bytes = static_cast<double>(channels) * static_cast<double>(channels) *
                              static_cast<double>(depth) *
                              (spec.word("precision") == "w8a8" ? 1 : 2);
  ANEBENCH_TRY(check_program_size(
      spec, weight_bytes,
      4 * static_cast<double>(channels) * static_cast<double>(size) * static_cast<double>(size)));
  mil::Builder builder = start_program(Format::v1_3);
  constexpr std::size_t kBlobHeaders = 128;
  WeightFileBuilder file(
      content, std::string(kWeightFile),
      static_cast<std::size_t>(weight_bytes) + static_cast<std::size_t>(depth + 1) * kBlobHeaders);
  ChainWriter chain(builder, file, spec);
  builder.input("x", chain.activation());
  std::string value = "x";
  for (std::int64_t layer = 0; layer < depth; ++layer) {
    if (layer > 0) value = chain.append_requantization(layer - 1, value);
    ANEBENCH_ASSIGN(output, chain.append_layer(layer, value), spec.to_string());
    value = std::move(output);
  }
  BenchmarkProgram result;
  result.spec = spec;
  result.weight_bytes = file.payload_bytes();
  result.program = builder.finish({value});
  result.weights = std::make_shared<weights::WeightFiles>();
  ANEBENCH_TRY(file.finish_into(*result.weights));
  add_input(result, content, chain.activation(), [](std::span<std::byte>) {});
  result.operations =
      static_cast<double>(depth) * conv1x1_operations(size * size, channels, channels);
  result.io_bytes = io_bytes(result.program);
  return result;
}

std::span<const PublishedModel> published_models() { return kModels; }

}  // namespace anebench::programs
