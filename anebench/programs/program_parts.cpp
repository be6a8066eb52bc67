#include "anebench/programs/program_parts.h"

#include <utility>

namespace anebench::programs {

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

void append_cast(mil::Builder& builder, const std::string& output, const Type& output_type,
                 const std::string& x) {
  const std::string dtype = output + "_dtype";
  builder.constant(dtype, Value::string(std::string(mil::to_string(output_type.data_type()))));
  builder.op("cast", output, output_type, {{"dtype", dtype}, {"x", x}});
}

WeightFileBuilder::WeightFileBuilder(std::string path, std::size_t expected_bytes)
    : path_(std::move(path)), writer_(weights::BlobFileWriter::in_memory(expected_bytes)) {}

Result<Value> WeightFileBuilder::add(const Type& type, std::span<const std::byte> packed) {
  const auto count = static_cast<std::uint64_t>(type.element_count().value_or(0));
  ANEBENCH_ASSIGN(offset, writer_.append(type.data_type(), packed, count));
  payload_bytes_ += static_cast<std::int64_t>(packed.size());
  return Value::blob(type, {path_, offset});
}

Result<void> WeightFileBuilder::finish_into(weights::WeightFiles& files) {
  ANEBENCH_TRY(writer_.finish());
  return files.add(path_, writer_.take_image());
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
