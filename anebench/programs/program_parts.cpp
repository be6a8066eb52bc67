#include "anebench/programs/program_parts.h"

#include <utility>

#include "anebench/base/rng.h"
#include "anebench/programs/initialisation.h"

namespace anebench::programs {

using mil::DataType;
using mil::Type;
using mil::Value;

mil::Builder start_program(Format format) {
  if (format == Format::v1_0) {
    mil::Builder builder("1.0", mil::Opset::ios16);
    builder.program_attribute("buildInfo", mil::build_info({{"coremlc-version", "3505.4.1"}}));
    return builder;
  }
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.program_attribute("buildInfo", mil::build_info({{"coremlc-component-MIL", "3510.2.1"},
                                                          {"coremlc-version", "3505.4.1"},
                                                          {"coremltools-component-milinternal", ""},
                                                          {"coremltools-version", "9.0"}}));
  return builder;
}

Conv1x1::Conv1x1(mil::Builder& builder) : builder_(builder) {
  builder_.constant("pad_type", Value::string("valid"));
  builder_.constant("strides", Value::tensor<std::int32_t>({2}, {1, 1}));
  builder_.constant("pad", Value::tensor<std::int32_t>({4}, {0, 0, 0, 0}));
  builder_.constant("dilations", Value::tensor<std::int32_t>({2}, {1, 1}));
  builder_.constant("groups", Value::scalar<std::int32_t>(1));
}

void Conv1x1::append(std::string output, const Type& output_type, const std::string& x,
                     const std::string& weight) {
  builder_.op("conv", std::move(output), output_type,
              {{"dilations", "dilations"},
               {"groups", "groups"},
               {"pad", "pad"},
               {"pad_type", "pad_type"},
               {"strides", "strides"},
               {"weight", weight},
               {"x", x}});
}

Requantization::Requantization(mil::Builder& builder) : builder_(builder) {
  builder_.constant("act_scale", Value::fp16_scalar(kActivationScale));
  builder_.constant("q_dtype", Value::string("int8"));
}

void Requantization::append(const std::string& quantized, const std::string& output,
                            const mil::Shape& shape, const std::string& x) {
  builder_.op("quantize", quantized, Type::tensor(DataType::int8, shape),
              {{"input", x}, {"output_dtype", "q_dtype"}, {"scale", "act_scale"}});
  builder_.op("dequantize", output, Type::tensor(DataType::fp16, shape),
              {{"input", quantized}, {"scale", "act_scale"}});
}

void append_cast(mil::Builder& builder, const std::string& output, const Type& output_type,
                 const std::string& x) {
  const std::string dtype = output + "_dtype";
  builder.constant(dtype, Value::string(std::string(mil::to_string(output_type.data_type()))));
  builder.op("cast", output, output_type, {{"dtype", dtype}, {"x", x}});
}

std::span<std::uint16_t> as_halves(std::span<std::byte> bytes) {
  // Packed fp16 elements are little-endian patterns, as all supported machines store them.
  return {reinterpret_cast<std::uint16_t*>(bytes.data()), bytes.size() / sizeof(std::uint16_t)};
}

WeightFileBuilder::WeightFileBuilder(Content content, std::string path, std::size_t expected_bytes)
    : path_(std::move(path)) {
  if (content == Content::complete) {
    writer_.emplace(weights::BlobFileWriter::in_memory(expected_bytes));
  }
}

Result<Value> WeightFileBuilder::add(const Type& type, FillBytes fill) {
  const auto bytes = static_cast<std::uint64_t>(type.byte_size().value_or(0));
  const weights::BlobPlacement place = weights::place_blob(size_, bytes);
  if (writer_) {
    packed_.assign(static_cast<std::size_t>(bytes), std::byte{0});
    fill(packed_);
    const auto count = static_cast<std::uint64_t>(type.element_count().value_or(0));
    ANEBENCH_TRY(writer_->append(type.data_type(), packed_, count));
  }
  size_ = place.end;
  payload_bytes_ += static_cast<std::int64_t>(bytes);
  return Value::blob(type, {path_, place.offset});
}

Result<void> WeightFileBuilder::finish_into(weights::WeightFiles& files) {
  if (!writer_) return {};
  ANEBENCH_TRY(writer_->finish());
  return files.add(path_, writer_->take_image());
}

void add_input(BenchmarkProgram& benchmark, Content content, const Type& type, FillBytes fill) {
  if (content == Content::structure) return;
  Value::Bytes bytes(static_cast<std::size_t>(type.byte_size().value_or(0)));
  fill(bytes);
  benchmark.inputs.push_back(Value::packed(type, std::move(bytes)));
}

void fill_scaled_input(std::uint64_t seed, mil::DataType type, std::span<std::byte> bytes) {
  const auto element_bytes = static_cast<std::size_t>(mil::bit_width(type)) / 8;
  std::vector<std::int8_t> integers(bytes.size() / element_bytes);
  Rng rng = Rng(seed).fork(kInputStream);
  fill_input_grid(rng, integers);
  for (std::size_t i = 0; i < integers.size(); ++i) {
    mil::store_packed_element(type, bytes, i, integers[i] * kActivationScale);
  }
}

Result<void> check_program_size(const ProgramSpec& spec, double weight_bytes,
                                double surface_bytes) {
  constexpr double kMaxBytes = 0x1p40;
  if (weight_bytes <= kMaxBytes && surface_bytes <= kMaxBytes) return {};
  return fail(ErrorCode::resource_exhausted,
              "{}: its weights take {:.3g} bytes and its surfaces {:.3g}, more than {:.3g}",
              spec.to_string(), weight_bytes, surface_bytes, kMaxBytes);
}

double conv1x1_operations(std::int64_t positions, std::int64_t in_channels,
                          std::int64_t out_channels) {
  return 2.0 * static_cast<double>(positions) * static_cast<double>(in_channels) *
         static_cast<double>(out_channels);
}

std::int64_t io_bytes(const mil::Program& program) {
  const mil::Function* main = program.main();
  std::int64_t total = 0;
  for (const mil::NamedType& input : main->inputs) total += input.type.byte_size().value_or(0);
  for (const mil::Operation& operation : main->body.operations) {
    for (const mil::NamedType& output : operation.outputs) {
      for (const std::string& name : main->body.outputs) {
        if (name == output.name) total += output.type.byte_size().value_or(0);
      }
    }
  }
  return total;
}

}  // namespace anebench::programs
