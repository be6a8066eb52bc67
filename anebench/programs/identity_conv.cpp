#include "anebench/programs/identity_conv.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "anebench/base/half.h"
#include "anebench/programs/program_parts.h"

namespace anebench::programs {
namespace {

using mil::DataType;
using mil::Type;
using mil::Value;

constexpr double kInputStep = 0.01;

std::vector<std::uint16_t> scaled_identity(std::size_t channels, double gain) {
  std::vector<std::uint16_t> weights(channels * channels, 0);
  for (std::size_t c = 0; c < channels; ++c) weights[c * channels + c] = half_from_double(gain);
  return weights;
}

Value make_input(const Type& type) {
  Value::Bytes bytes(static_cast<std::size_t>(type.byte_size().value_or(0)));
  const auto count = static_cast<std::size_t>(type.element_count().value_or(0));
  for (std::size_t i = 0; i < count; ++i) {
    mil::store_packed_element(type.data_type(), bytes, i, static_cast<double>(i + 1) * kInputStep);
  }
  return Value::packed(type, std::move(bytes));
}

}  // namespace

const std::vector<Key>& identity_conv_keys() {
  static const std::vector<Key> kKeys = {
      {"channels", "64", {}, 16384, "input and output channels"},
      {"width", "32", {}, 65536, "positions"},
      {"depth", "1", {}, 4096, "number of convolutions"},
      {"gain", "1", {}, 64, "the weights are this times the identity"},
      {"io", "fp32", {"fp32", "fp16"}, 0, "input and output type; fp32 goes through casts"},
      {"format", "1.3", {"1.3", "1.0"}, 0, "1.3 with opset ios18, or 1.0 with ios16"},
  };
  return kKeys;
}

Result<BenchmarkProgram> build_identity_conv(const ProgramSpec& spec) {
  const std::int64_t channels = spec.integer("channels");
  const std::int64_t width = spec.integer("width");
  const std::int64_t depth = spec.integer("depth");
  const bool has_casts = spec.word("io") == "fp32";
  const bool is_old = spec.word("format") == "1.0";

  const Type activation = Type::tensor(DataType::fp16, {1, channels, 1, width});
  const Type io = Type::tensor(has_casts ? DataType::fp32 : DataType::fp16, activation.shape());
  const Type weight = Type::tensor(DataType::fp16, {channels, channels, 1, 1});
  mil::Builder builder = start_program(is_old ? Format::v1_0 : Format::v1_3);
  WeightFileBuilder file;
  builder.input("x", io);
  std::string value = "x";
  if (has_casts) {
    append_cast(builder, "x_fp16", activation, value);
    value = "x_fp16";
  }
  Conv1x1 conv(builder);
  const auto matrix = scaled_identity(static_cast<std::size_t>(channels),
                                      static_cast<double>(spec.integer("gain")));
  for (std::int64_t layer = 0; layer < depth; ++layer) {
    const std::string suffix = fmt::format("{:03}", layer);
    ANEBENCH_ASSIGN(data, file.add(weight, std::as_bytes(std::span(matrix))));
    builder.constant("w_" + suffix, std::move(data));
    const std::string output = layer + 1 == depth ? "y" : "conv_" + suffix;
    conv.append(output, activation, value, "w_" + suffix);
    value = output;
  }
  if (has_casts) {
    append_cast(builder, "y_fp32", io, value);
    value = "y_fp32";
  }

  BenchmarkProgram result;
  result.spec = spec;
  result.weight_bytes = file.payload_bytes();
  result.program = builder.finish({value});
  result.weights = std::make_shared<weights::WeightFiles>();
  ANEBENCH_TRY(file.finish_into(*result.weights));
  result.inputs.push_back(make_input(io));
  result.operations = static_cast<double>(depth) * conv1x1_operations(width, channels, channels);
  result.io_bytes = io_bytes(result.program);
  return result;
}

}  // namespace anebench::programs
