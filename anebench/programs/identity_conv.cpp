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

constexpr double kInputStep = 0.01;

// The diagonal of a zeroed matrix.
void fill_diagonal(std::span<std::uint16_t> matrix, std::size_t channels, double gain) {
  for (std::size_t c = 0; c < channels; ++c) matrix[c * channels + c] = half_from_double(gain);
}

void fill_input(const Type& type, std::span<std::byte> bytes) {
  const auto count = static_cast<std::size_t>(type.element_count().value_or(0));
  for (std::size_t i = 0; i < count; ++i) {
    mil::store_packed_element(type.data_type(), bytes, i, static_cast<double>(i + 1) * kInputStep);
  }
}

}  // namespace

const std::vector<Key>& identity_conv_keys() {
  static const std::vector<Key> kKeys = {
      {"channels", "64", {}, 16384, "input and output channels"},
      {"width", "32", {}, 65536, "positions"},
      {"depth", "1", {}, 4096, "number of convolutions"},
      {"gain", "1", {}, 64, "the last weights are this times the identity"},
      {"io", "fp32", {"fp32", "fp16"}, 0, "input and output type; fp32 goes through casts"},
      {"format", "1.3", {"1.3", "1.0"}, 0, "1.3 with opset ios18, or 1.0 with ios16"},
  };
  return kKeys;
}

Result<BenchmarkProgram> build_identity_conv(const ProgramSpec& spec, Content content) {
  const std::int64_t channels = spec.integer("channels");
  const std::int64_t width = spec.integer("width");
  const std::int64_t depth = spec.integer("depth");
  const bool has_casts = spec.word("io") == "fp32";
  const bool is_old = spec.word("format") == "1.0";

  const auto matrix_size = static_cast<double>(channels * channels);
  ANEBENCH_TRY(check_program_size(spec, 2 * matrix_size * static_cast<double>(depth),
                                  4 * static_cast<double>(channels * width)));

  const Type activation = Type::tensor(DataType::fp16, {1, channels, 1, width});
  const Type io = Type::tensor(has_casts ? DataType::fp32 : DataType::fp16, activation.shape());
  const Type weight = Type::tensor(DataType::fp16, {channels, channels, 1, 1});
  mil::Builder builder = start_program(is_old ? Format::v1_0 : Format::v1_3);
  WeightFileBuilder file(content);
  builder.input("x", io);
  std::string value = "x";
  if (has_casts) {
    append_cast(builder, "x_fp16", activation, value);
    value = "x_fp16";
  }
  Conv1x1 conv(builder);
  const auto gain = static_cast<double>(spec.integer("gain"));
  for (std::int64_t layer = 0; layer < depth; ++layer) {
    const std::string suffix = fmt::format("{:03}", layer);
    const auto fill_weight = [&](std::span<std::byte> bytes) {
      fill_diagonal(as_halves(bytes), static_cast<std::size_t>(channels),
                    layer + 1 == depth ? gain : 1.0);
    };
    ANEBENCH_ASSIGN(data, file.add(weight, fill_weight));
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
  add_input(result, content, io, [&](std::span<std::byte> bytes) { fill_input(io, bytes); });
  result.operations = static_cast<double>(depth) * conv1x1_operations(width, channels, channels);
  result.io_bytes = io_bytes(result.program);
  return result;
}

}  // namespace anebench::programs
