#include "anebench/programs/quantized_conv.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

#include "anebench/programs/initialisation.h"
#include "anebench/programs/program_parts.h"
#include "anebench/programs/weight_formats.h"

namespace anebench::programs {
namespace {

using mil::DataType;
using mil::Type;
using mil::Value;

constexpr std::string_view kW8A8 = "w8a8";

// Appends the weight "W"; each of its constants lies in a file of its own, as in the published
// probe. Returns the bytes stored.
Result<std::int64_t> append_weight_files(const ProgramSpec& spec, Content content,
                                         mil::Builder& builder, weights::WeightFiles& files) {
  const bool is_w8a8 = spec.word("variant") == kW8A8;
  const WeightFormat* format = find_weight_format(is_w8a8 ? "w8_per_tensor" : spec.word("variant"));
  if (format == nullptr) {
    return fail(ErrorCode::invalid_argument, "{}: unknown variant", spec.to_string());
  }
  const std::int64_t in = spec.integer("in_channels");
  std::int64_t bytes = 0;
  const auto add = [&](std::string_view role, const Type& type, FillBytes fill) -> Result<Value> {
    WeightFileBuilder file(content, fmt::format("@model_path/weights/{}.bin", role));
    ANEBENCH_ASSIGN(value, file.add(type, fill));
    bytes += file.payload_bytes();
    ANEBENCH_TRY(file.finish_into(files));
    return value;
  };
  // Steps of 0.01 make dequantized weights inexact; W8A8 is to show integer arithmetic, whose
  // steps are powers of two.
  const auto values = is_w8a8 ? WeightValues::scaled(in, false) : WeightValues::published_probe();
  const auto seed = static_cast<std::uint64_t>(spec.integer("seed"));
  ANEBENCH_TRY(append_weight(builder, *format, values,
                             {.name = "W",
                              .out = spec.integer("out_channels"),
                              .in = in,
                              .rng = Rng(seed).fork(kFirstWeightStream)},
                             add),
               spec.to_string());
  return bytes;
}

}  // namespace

const std::vector<QuantizedConvVariant>& quantized_conv_variants() {
  static const std::vector<QuantizedConvVariant> kVariants = [] {
    std::vector<QuantizedConvVariant> variants;
    for (const WeightFormat& format : weight_formats()) {
      variants.push_back({format.name, format.description, format.is_valid});
    }
    variants.push_back({kW8A8, "int8 weights and an input quantized to int8", true});
    return variants;
  }();
  return kVariants;
}

const std::vector<Key>& quantized_conv_keys() {
  static const std::vector<Key> kKeys = [] {
    std::vector<std::string_view> names;
    for (const QuantizedConvVariant& variant : quantized_conv_variants()) {
      names.push_back(variant.name);
    }
    return std::vector<Key>{
        {"in_channels", "768", {}, 65536, "input channels"},
        {"out_channels", "768", {}, 65536, "output channels"},
        {"width", "64", {}, 65536, "positions (sequence length)"},
        {"variant", "fp16", names, 0, "how the weight is stored"},
        {"seed", "1", {}, INT64_MAX, "seed of weights and input"},
    };
  }();
  return kKeys;
}

Result<BenchmarkProgram> build_quantized_conv(const ProgramSpec& spec, Content content) {
  const std::int64_t in = spec.integer("in_channels");
  const std::int64_t out = spec.integer("out_channels");
  const std::int64_t width = spec.integer("width");

  BenchmarkProgram result;
  result.spec = spec;
  result.weights = std::make_shared<weights::WeightFiles>();
  mil::Builder builder = start_program(Format::v1_3);
  const Type x = Type::tensor(DataType::fp16, {1, in, 1, width});
  const Type y = Type::tensor(DataType::fp16, {1, out, 1, width});
  const Type input = Type::tensor(DataType::fp32, x.shape());
  builder.input("x", input);
  append_cast(builder, "x_fp16", x, "x");
  ANEBENCH_ASSIGN(weight_bytes, append_weight_files(spec, content, builder, *result.weights));
  std::string conv_input = "x_fp16";
  if (spec.word("variant") == kW8A8) {
    Requantization(builder).append("q", "dq", x.shape(), conv_input);
    conv_input = "dq";
  }
  Conv1x1(builder).append("y_fp16", y, conv_input, "W");
  append_cast(builder, "y", Type::tensor(DataType::fp32, y.shape()), "y_fp16");

  result.weight_bytes = weight_bytes;
  result.program = builder.finish({"y"});
  add_input(result, content, input, [&](std::span<std::byte> bytes) {
    fill_scaled_input(static_cast<std::uint64_t>(spec.integer("seed")), input.data_type(), bytes);
  });
  result.operations = conv1x1_operations(width, in, out);
  result.io_bytes = io_bytes(result.program);
  return result;
}

}  // namespace anebench::programs
