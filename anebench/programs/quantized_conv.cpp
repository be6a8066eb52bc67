#include "anebench/programs/quantized_conv.h"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <utility>

#include "anebench/base/half.h"
#include "anebench/base/rng.h"
#include "anebench/programs/initialisation.h"
#include "anebench/programs/program_parts.h"

namespace anebench::programs {
namespace {

using mil::DataType;
using mil::Shape;
using mil::Type;
using mil::Value;

// The published probe's constants.
constexpr double kWeightRange = 0.05;  // fp16 weights are uniform in ±this
constexpr double kScale = 0.01;
constexpr std::int64_t kBlock = 32;
constexpr int kUint4ZeroPoint = 8;

constexpr std::uint64_t kInputStream = 0;
constexpr std::uint64_t kWeightStream = 1;

// What a variant's weight operation needs.
struct Context {
  const ProgramSpec& spec;
  mil::Builder& builder;
  weights::WeightFiles& files;
  std::int64_t in = 0;
  std::int64_t out = 0;
  Rng rng;
  std::int64_t weight_bytes = 0;

  Shape weight_shape() const { return {out, in, 1, 1}; }
  Type dense() const { return Type::tensor(DataType::fp16, weight_shape()); }

  // Each constant lies in a file of its own, as in the published probe.
  Result<Value> add_file(std::string_view name, const Type& type,
                         std::span<const std::byte> packed) {
    WeightFileBuilder file(fmt::format("@model_path/weights/{}", name));
    ANEBENCH_ASSIGN(value, file.add(type, packed));
    weight_bytes += file.payload_bytes();
    ANEBENCH_TRY(file.finish_into(files));
    return value;
  }

  // Uniform over the whole range of an integer type.
  Result<Value> random_integers(std::string_view name, const Type& type) {
    Value::Bytes bytes(static_cast<std::size_t>(type.byte_size().value_or(0)));
    // Every bit pattern is a value of the type, so random bytes are uniform; unused high bits of
    // the last byte stay zero.
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(rng.next() >> 56);
    clear_padding(type, bytes);
    return add_file(name, type, bytes);
  }

  Result<Value> constant_fill(std::string_view name, const Type& type, double value) {
    Value::Bytes bytes(static_cast<std::size_t>(type.byte_size().value_or(0)));
    const auto count = static_cast<std::size_t>(type.element_count().value_or(0));
    for (std::size_t i = 0; i < count; ++i) {
      mil::store_packed_element(type.data_type(), bytes, i, value);
    }
    return add_file(name, type, bytes);
  }

  static void clear_padding(const Type& type, Value::Bytes& bytes) {
    const std::int64_t bits = type.element_count().value_or(0) * mil::bit_width(type.data_type());
    if (bits % 8 != 0) bytes.back() &= static_cast<std::byte>((1u << (bits % 8)) - 1);
  }
};

using Weight = Result<void> (*)(Context&);

Result<void> fp16_weight(Context& c) {
  std::vector<std::uint16_t> halves(static_cast<std::size_t>(c.in * c.out));
  for (std::uint16_t& half : halves) {
    half = half_from_double((2 * c.rng.uniform() - 1) * kWeightRange);
  }
  ANEBENCH_ASSIGN(value, c.add_file("weight.bin", c.dense(), std::as_bytes(std::span(halves))));
  c.builder.constant("W", std::move(value));
  return {};
}

// int8 data given to the convolution as it is: outside the language, so that the answer is on
// record.
Result<void> raw_int8_weight(Context& c) {
  ANEBENCH_ASSIGN(value,
                  c.random_integers("weight.bin", Type::tensor(DataType::int8, c.weight_shape())));
  c.builder.constant("W", std::move(value));
  return {};
}

enum class Granularity : std::uint8_t { per_channel, per_tensor };

Result<void> affine_weight(Context& c, DataType type, Granularity granularity, int zero_point) {
  ANEBENCH_ASSIGN(data, c.random_integers("weight.bin", Type::tensor(type, c.weight_shape())));
  Value scale = Value::fp16_scalar(kScale);
  Value zero = Value::scalar<std::int8_t>(static_cast<std::int8_t>(zero_point));
  if (granularity == Granularity::per_channel) {
    ANEBENCH_ASSIGN(scales,
                    c.constant_fill("scale.bin", Type::tensor(DataType::fp16, {c.out}), kScale));
    ANEBENCH_ASSIGN(zeros, c.constant_fill("zp.bin", Type::tensor(type, {c.out}), zero_point));
    scale = std::move(scales);
    zero = std::move(zeros);
  }
  c.builder.op_with_attributes("constexpr_affine_dequantize", "W", c.dense(),
                               {{"axis", Value::scalar<std::int32_t>(0)},
                                {"quantized_data", std::move(data)},
                                {"scale", std::move(scale)},
                                {"zero_point", std::move(zero)}});
  return {};
}

Result<void> blockwise_weight(Context& c, DataType type) {
  if (c.in % kBlock != 0) {
    return fail(ErrorCode::invalid_argument,
                "{}: blocks of {} need input channels that divide by it", c.spec.to_string(),
                kBlock);
  }
  ANEBENCH_ASSIGN(data, c.random_integers("weight.bin", Type::tensor(type, c.weight_shape())));
  const Type scales = Type::tensor(DataType::fp16, {c.out, c.in / kBlock, 1, 1});
  ANEBENCH_ASSIGN(scale, c.constant_fill("scale.bin", scales, kScale));
  c.builder.op("constexpr_blockwise_shift_scale", "W", c.dense(),
               {{"data", std::move(data)}, {"scale", std::move(scale)}});
  return {};
}

// The table (j − n/2)·0.01 for n entries.
std::vector<std::uint16_t> lookup_table(int entries) {
  std::vector<std::uint16_t> table;
  for (int j = 0; j < entries; ++j) table.push_back(half_from_double((j - entries / 2) * kScale));
  return table;
}

Result<void> lut_weight(Context& c, DataType index_type) {
  ANEBENCH_ASSIGN(indices,
                  c.random_integers("weight.bin", Type::tensor(index_type, c.weight_shape())));
  const int entries = 1 << mil::bit_width(index_type);
  const auto table = lookup_table(entries);
  const Type lut = Type::tensor(DataType::fp16, {1, 1, 1, 1, entries, 1});
  ANEBENCH_ASSIGN(values, c.add_file("lut.bin", lut, std::as_bytes(std::span(table))));
  c.builder.op("constexpr_lut_to_dense", "W", c.dense(),
               {{"indices", std::move(indices)}, {"lut", std::move(values)}});
  return {};
}

// The iOS 16 form: packed indices in uint8, everything in attributes.
Result<void> lut_ios16_weight(Context& c) {
  const Type packed = Type::tensor(DataType::uint8, {c.out * c.in / 2});
  ANEBENCH_ASSIGN(indices, c.random_integers("weight.bin", packed));
  const auto table = lookup_table(16);
  ANEBENCH_ASSIGN(lut, c.add_file("lut.bin", Type::tensor(DataType::fp16, {16}),
                                  std::as_bytes(std::span(table))));
  const auto dim = [](std::int64_t size) { return static_cast<std::uint32_t>(size); };
  c.builder.op_with_attributes(
      "constexpr_lut_to_dense", "W", c.dense(),
      {{"indices", std::move(indices)},
       {"lut", std::move(lut)},
       {"shape", Value::tensor<std::uint32_t>({4}, {dim(c.out), dim(c.in), 1, 1})}});
  return {};
}

Result<void> w8(Context& c) {
  return affine_weight(c, DataType::int8, Granularity::per_channel, 0);
}
Result<void> w8_per_tensor(Context& c) {
  return affine_weight(c, DataType::int8, Granularity::per_tensor, 0);
}
Result<void> u4(Context& c) {
  return affine_weight(c, DataType::uint4, Granularity::per_channel, kUint4ZeroPoint);
}
Result<void> u4b32(Context& c) { return blockwise_weight(c, DataType::uint4); }
Result<void> i4b32(Context& c) { return blockwise_weight(c, DataType::int4); }
Result<void> lut1(Context& c) { return lut_weight(c, DataType::uint1); }
Result<void> lut2(Context& c) { return lut_weight(c, DataType::uint2); }
Result<void> lut3(Context& c) { return lut_weight(c, DataType::uint3); }
Result<void> lut4(Context& c) { return lut_weight(c, DataType::uint4); }
Result<void> lut6(Context& c) { return lut_weight(c, DataType::uint6); }
Result<void> lut8(Context& c) { return lut_weight(c, DataType::uint8); }

struct Row {
  QuantizedConvVariant variant;
  Weight weight;
};

// In the order of the probe's table.
constexpr std::array<Row, 14> kRows = {{
    {{"fp16", "fp16 weights", true}, fp16_weight},
    {{"w8", "int8 affine, a scale per output channel", true}, w8},
    {{"w8_per_tensor", "int8 affine, one scale", true}, w8_per_tensor},
    {{"w8_raw", "int8 weights given to conv as they are", false}, raw_int8_weight},
    {{"u4", "uint4 affine, a scale per output channel", false}, u4},
    {{"u4b32", "uint4 blockwise, blocks of 32 input channels", true}, u4b32},
    {{"i4b32", "int4 blockwise, blocks of 32 input channels", true}, i4b32},
    {{"lut1", "1-bit lookup table", true}, lut1},
    {{"lut2", "2-bit lookup table", true}, lut2},
    {{"lut3", "3-bit lookup table", true}, lut3},
    {{"lut4", "4-bit lookup table", true}, lut4},
    {{"lut4_ios16", "4-bit lookup table, iOS 16 form", false}, lut_ios16_weight},
    {{"lut6", "6-bit lookup table", true}, lut6},
    {{"lut8", "8-bit lookup table", true}, lut8},
}};

Value make_input(const ProgramSpec& spec, const Type& type) {
  Rng rng = Rng(static_cast<std::uint64_t>(spec.integer("seed"))).fork(kInputStream);
  Value::Bytes bytes(static_cast<std::size_t>(type.byte_size().value_or(0)));
  const auto count = static_cast<std::size_t>(type.element_count().value_or(0));
  std::vector<std::int8_t> grid(count);
  fill_input_grid(rng, grid);
  for (std::size_t i = 0; i < count; ++i) {
    mil::store_packed_element(type.data_type(), bytes, i, grid[i] * kActivationScale);
  }
  return Value::packed(type, std::move(bytes));
}

}  // namespace

const std::vector<QuantizedConvVariant>& quantized_conv_variants() {
  static const std::vector<QuantizedConvVariant> kVariants = [] {
    std::vector<QuantizedConvVariant> variants;
    for (const Row& row : kRows) variants.push_back(row.variant);
    return variants;
  }();
  return kVariants;
}

const std::vector<Key>& quantized_conv_keys() {
  static const std::vector<Key> kKeys = [] {
    std::vector<std::string_view> names;
    for (const Row& row : kRows) names.push_back(row.variant.name);
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

Result<BenchmarkProgram> build_quantized_conv(const ProgramSpec& spec) {
  const std::int64_t in = spec.integer("in_channels");
  const std::int64_t out = spec.integer("out_channels");
  const std::int64_t width = spec.integer("width");
  const Row* row = nullptr;
  for (const Row& candidate : kRows) {
    if (candidate.variant.name == spec.word("variant")) row = &candidate;
  }
  if (row == nullptr) {
    return fail(ErrorCode::invalid_argument, "{}: unknown variant", spec.to_string());
  }

  BenchmarkProgram result;
  result.spec = spec;
  result.weights = std::make_shared<weights::WeightFiles>();
  mil::Builder builder = start_program(Format::v1_3);
  const Type x = Type::tensor(DataType::fp16, {1, in, 1, width});
  const Type y = Type::tensor(DataType::fp16, {1, out, 1, width});
  const Type input = Type::tensor(DataType::fp32, x.shape());
  builder.input("x", input);
  append_cast(builder, "x_fp16", x, "x");
  Context context{
      spec, builder, *result.weights,
      in,   out,     Rng(static_cast<std::uint64_t>(spec.integer("seed"))).fork(kWeightStream)};
  ANEBENCH_TRY(row->weight(context));
  Conv1x1(builder).append("y_fp16", y, "x_fp16", "W");
  append_cast(builder, "y", Type::tensor(DataType::fp32, y.shape()), "y_fp16");

  result.weight_bytes = context.weight_bytes;
  result.program = builder.finish({"y"});
  result.inputs.push_back(make_input(spec, input));
  result.operations = conv1x1_operations(width, in, out);
  result.io_bytes = io_bytes(result.program);
  return result;
}

}  // namespace anebench::programs
