#include "anebench/programs/weight_formats.h"

#include <array>
#include <bit>
#include <cmath>
#include <utility>
#include <vector>

#include "anebench/base/half.h"
#include "anebench/programs/initialisation.h"

namespace anebench::programs {
namespace {

using mil::DataType;
using mil::Shape;
using mil::Type;
using mil::Value;

// The published programs' constants.
constexpr double kProbeRange = 0.05;
constexpr double kProbeScale = 0.01;
constexpr double kChainScale = 0.125;  // 0x1p-3
constexpr int kChainSteps = 1000;      // −0.500, −0.499, … 0.499

constexpr std::int64_t kPerTensor = -1;
constexpr std::int64_t kBlock = 32;

constexpr std::array<WeightFormat, 16> kFormats = {{
    {"fp16", "fp16 weights", WeightOperation::dense, DataType::fp16},
    {"w8", "int8 affine, a scale per output channel", WeightOperation::affine, DataType::int8},
    {"w8_per_tensor", "int8 affine, one scale", WeightOperation::affine, DataType::int8,
     kPerTensor},
    // Outside the language, so that the device's answer is on record.
    {"w8_raw", "int8 weights given to conv as they are", WeightOperation::dense, DataType::int8, 0,
     false},
    {"u4", "uint4 affine, a scale per output channel", WeightOperation::affine, DataType::uint4, 0,
     false},
    {"u4b32", "uint4 blockwise, blocks of 32 input channels", WeightOperation::blockwise,
     DataType::uint4, kBlock},
    {"i4", "int4 blockwise, a scale per output channel", WeightOperation::blockwise,
     DataType::int4},
    {"i4b32", "int4 blockwise, blocks of 32 input channels", WeightOperation::blockwise,
     DataType::int4, kBlock},
    {"lut1", "1-bit lookup table", WeightOperation::lookup, DataType::uint1},
    {"lut2", "2-bit lookup table", WeightOperation::lookup, DataType::uint2},
    {"lut3", "3-bit lookup table", WeightOperation::lookup, DataType::uint3},
    {"lut4", "4-bit lookup table", WeightOperation::lookup, DataType::uint4},
    {"lut4_ios16", "4-bit lookup table, iOS 16 form", WeightOperation::lookup_ios16,
     DataType::uint4, 0, false},
    {"lut6", "6-bit lookup table", WeightOperation::lookup, DataType::uint6},
    {"lut8", "8-bit lookup table", WeightOperation::lookup, DataType::uint8},
    {"sparse", "fp16 weights, half of them zero and not stored", WeightOperation::sparse,
     DataType::fp16},
}};

bool is_signed(DataType type) { return type == DataType::int8 || type == DataType::int4; }

void fill_within(Rng& rng, double range, std::span<std::uint16_t> halves) {
  for (std::uint16_t& half : halves) half = half_from_double((2 * rng.uniform() - 1) * range);
}

// Every bit pattern of a packed integer type: random bytes are uniform. Unused high bits of the
// last byte stay zero.
void fill_random_bits(Rng& rng, const Type& type, std::span<std::byte> bytes) {
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(rng.next() >> 56);
  const std::int64_t bits = type.element_count().value_or(0) * mil::bit_width(type.data_type());
  if (bits % 8 != 0) bytes.back() &= static_cast<std::byte>((1u << (bits % 8)) - 1);
}

void fill_codes(Rng& rng, const WeightValues::Codes& codes, const Type& type,
                std::span<std::byte> bytes) {
  if (codes.high - codes.low + 1 == 1 << mil::bit_width(type.data_type())) {
    fill_random_bits(rng, type, bytes);
    return;
  }
  if (type.data_type() == DataType::int8) {
    fill_uniform(rng, codes.low, codes.high,
                 {reinterpret_cast<std::int8_t*>(bytes.data()), bytes.size()});
    return;
  }
  const auto count = static_cast<std::size_t>(type.element_count().value_or(0));
  for (std::size_t i = 0; i < count; ++i) {
    mil::store_packed_element(type.data_type(), bytes, i,
                              static_cast<double>(rng.uniform_int(codes.low, codes.high)));
  }
}

// Exactly the first `ones` of a random order: each choice of elements is equally likely.
void fill_mask(Rng& rng, std::int64_t count, std::int64_t ones, std::span<std::byte> bytes) {
  for (std::int64_t i = 0; i < count; ++i) {
    if (rng.uniform_int(1, count - i) > ones) continue;
    bytes[static_cast<std::size_t>(i / 8)] |= static_cast<std::byte>(1u << (i % 8));
    --ones;
  }
}

// One weight on its way into the program.
class Maker {
 public:
  Maker(mil::Builder& builder, const WeightFormat& format, const WeightValues& values,
        const WeightRequest& request, AddConstant add)
      : builder_(builder),
        format_(format),
        values_(values),
        request_(request),
        rng_(request.rng),
        add_(add) {}

  Result<void> append() {
    switch (format_.operation) {
      case WeightOperation::dense: return append_dense();
      case WeightOperation::affine: return append_affine();
      case WeightOperation::blockwise: return append_blockwise();
      case WeightOperation::lookup: return append_lookup();
      case WeightOperation::lookup_ios16: return append_lookup_ios16();
      case WeightOperation::sparse: return append_sparse();
    }
    return fail(ErrorCode::internal, "weight format \"{}\" has no operation", format_.name);
  }

 private:
  Shape shape() const { return {request_.out, request_.in, 1, 1}; }
  Type dense_type() const { return Type::tensor(DataType::fp16, shape()); }
  std::int64_t count() const { return request_.out * request_.in; }

  Result<Value> add_codes(const Type& type) {
    const WeightValues::Codes codes = values_.codes(format_);
    return add_("weight", type,
                [&](std::span<std::byte> bytes) { fill_codes(rng_, codes, type, bytes); });
  }
  Result<Value> add_constant(std::string_view role, const Type& type, double value) {
    return add_(role, type, [&](std::span<std::byte> bytes) {
      const auto elements = static_cast<std::size_t>(type.element_count().value_or(0));
      for (std::size_t i = 0; i < elements; ++i) {
        mil::store_packed_element(type.data_type(), bytes, i, value);
      }
    });
  }
  Result<Value> add_table(const Type& type, int entries) {
    return add_("lut", type, [&](std::span<std::byte> bytes) {
      const auto halves = as_halves(bytes);
      for (int j = 0; j < entries; ++j) {
        halves[static_cast<std::size_t>(j)] = half_from_double(values_.table_entry(j, entries));
      }
    });
  }

  Result<void> append_dense() {
    const Type type = Type::tensor(format_.data_type, shape());
    if (format_.data_type != DataType::fp16) {
      ANEBENCH_ASSIGN(value, add_codes(type));
      builder_.constant(request_.name, std::move(value));
      return {};
    }
    ANEBENCH_ASSIGN(value, add_("weight", type, [&](std::span<std::byte> bytes) {
                      values_.fill_dense(rng_, as_halves(bytes));
                    }));
    builder_.constant(request_.name, std::move(value));
    return {};
  }

  Result<void> append_affine() {
    const WeightValues::Codes codes = values_.codes(format_);
    ANEBENCH_ASSIGN(data, add_codes(Type::tensor(format_.data_type, shape())));
    Value scale = Value::fp16_scalar(codes.scale);
    Value zero = Value::scalar<std::int8_t>(static_cast<std::int8_t>(codes.zero));
    if (format_.block != kPerTensor) {
      const auto vector = [&](DataType type) { return Type::tensor(type, {request_.out}); };
      ANEBENCH_ASSIGN(scales, add_constant("scale", vector(DataType::fp16), codes.scale));
      ANEBENCH_ASSIGN(zeros, add_constant("zp", vector(format_.data_type), codes.zero));
      scale = std::move(scales);
      zero = std::move(zeros);
    }
    builder_.op_with_attributes("constexpr_affine_dequantize", request_.name, dense_type(),
                                {{"axis", Value::scalar<std::int32_t>(0)},
                                 {"quantized_data", std::move(data)},
                                 {"scale", std::move(scale)},
                                 {"zero_point", std::move(zero)}});
    return {};
  }

  Result<void> append_blockwise() {
    const std::int64_t block = format_.block == 0 ? request_.in : format_.block;
    if (request_.in % block != 0) {
      return fail(ErrorCode::invalid_argument,
                  "weight format {}: blocks of {} need input channels that divide by it, not {}",
                  format_.name, block, request_.in);
    }
    const WeightValues::Codes codes = values_.codes(format_);
    const Shape blocks = {request_.out, request_.in / block, 1, 1};
    ANEBENCH_ASSIGN(data, add_codes(Type::tensor(format_.data_type, shape())));
    ANEBENCH_ASSIGN(scale,
                    add_constant("scale", Type::tensor(DataType::fp16, blocks), codes.scale));
    std::vector<mil::Builder::Input> inputs = {{"data", std::move(data)},
                                               {"scale", std::move(scale)}};
    if (codes.zero != 0) {
      ANEBENCH_ASSIGN(offset,
                      add_constant("zp", Type::tensor(format_.data_type, blocks), codes.zero));
      inputs.emplace_back("offset", std::move(offset));
    }
    builder_.op("constexpr_blockwise_shift_scale", request_.name, dense_type(), std::move(inputs));
    return {};
  }

  Result<void> append_lookup() {
    const Type index_type = Type::tensor(format_.data_type, shape());
    ANEBENCH_ASSIGN(indices, add_("weight", index_type, [&](std::span<std::byte> bytes) {
                      fill_random_bits(rng_, index_type, bytes);
                    }));
    const int entries = 1 << mil::bit_width(format_.data_type);
    ANEBENCH_ASSIGN(table,
                    add_table(Type::tensor(DataType::fp16, {1, 1, 1, 1, entries, 1}), entries));
    builder_.op("constexpr_lut_to_dense", request_.name, dense_type(),
                {{"indices", std::move(indices)}, {"lut", std::move(table)}});
    return {};
  }

  // Packed indices in uint8, everything in attributes.
  Result<void> append_lookup_ios16() {
    const int bits = mil::bit_width(format_.data_type);
    const Type packed = Type::tensor(DataType::uint8, {(count() * bits + 7) / 8});
    const Type index_type = Type::tensor(format_.data_type, shape());
    ANEBENCH_ASSIGN(indices, add_("weight", packed, [&](std::span<std::byte> bytes) {
                      fill_random_bits(rng_, index_type, bytes);
                    }));
    const int entries = 1 << bits;
    ANEBENCH_ASSIGN(table, add_table(Type::tensor(DataType::fp16, {entries}), entries));
    const auto dim = [](std::int64_t size) { return static_cast<std::uint32_t>(size); };
    builder_.op_with_attributes("constexpr_lut_to_dense", request_.name, dense_type(),
                                {{"indices", std::move(indices)},
                                 {"lut", std::move(table)},
                                 {"shape", Value::tensor<std::uint32_t>(
                                               {4}, {dim(request_.out), dim(request_.in), 1, 1})}});
    return {};
  }

  Result<void> append_sparse() {
    const std::int64_t ones = (count() + 1) / 2;
    ANEBENCH_ASSIGN(
        mask, add_("mask", Type::tensor(DataType::uint1, shape()),
                   [&](std::span<std::byte> bytes) { fill_mask(rng_, count(), ones, bytes); }));
    ANEBENCH_ASSIGN(
        data, add_("weight", Type::tensor(DataType::fp16, {ones}), [&](std::span<std::byte> bytes) {
          values_.fill_nonzero(rng_, as_halves(bytes));
        }));
    builder_.op("constexpr_sparse_to_dense", request_.name, dense_type(),
                {{"mask", std::move(mask)}, {"nonzero_data", std::move(data)}});
    return {};
  }

  mil::Builder& builder_;
  const WeightFormat& format_;
  const WeightValues& values_;
  const WeightRequest& request_;
  Rng rng_;
  AddConstant add_;
};

}  // namespace

double WeightFormat::bits() const {
  const double data = mil::bit_width(data_type);
  if (operation == WeightOperation::sparse) return data / 2 + 1;
  // A scale in fp16 and perhaps an offset of the data's type.
  if (operation == WeightOperation::blockwise && block > 0) {
    return data + (16 + data) / static_cast<double>(block);
  }
  return data;
}

std::span<const WeightFormat> weight_formats() { return kFormats; }

const WeightFormat* find_weight_format(std::string_view name) {
  for (const WeightFormat& format : kFormats) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

WeightValues WeightValues::published_probe() { return {Scheme::published_probe, 1, false}; }
WeightValues WeightValues::published_chain() { return {Scheme::published_chain, 1, false}; }
WeightValues WeightValues::scaled(std::int64_t channels, bool relu) {
  return {Scheme::scaled, channels, relu};
}

double WeightValues::deviation() const {
  return std::sqrt((has_relu_ ? 2.0 : 1.0) / static_cast<double>(channels_));
}

WeightValues::Codes WeightValues::codes(const WeightFormat& format) const {
  const int bits = mil::bit_width(format.data_type);
  const int half = 1 << (bits - 1);
  const bool has_sign = is_signed(format.data_type);
  if (scheme_ != Scheme::scaled) {
    const bool is_centred = !has_sign && format.operation == WeightOperation::affine;
    const double scale = scheme_ == Scheme::published_chain ? kChainScale : kProbeScale;
    const int low = has_sign ? -half : 0;
    return {low, low + 2 * half - 1, is_centred ? half : 0, scale};
  }
  if (bits == 8) {
    const WeightGrid grid = scaled_weight_grid(channels_, has_relu_);
    return {-grid.m, grid.m, 0, grid.scale()};
  }
  // The lowest code is left out, so that the mean is 0: a common part of all weights would grow
  // from layer to layer by itself. Uniform integers in −m…m have the variance m(m + 1)/3.
  const int m = half - 1;
  const int zero = has_sign ? 0 : half;
  return {zero - m, zero + m, zero, deviation() / std::sqrt(m * (m + 1) / 3.0)};
}

void WeightValues::fill_dense(Rng& rng, std::span<std::uint16_t> halves) const {
  if (scheme_ == Scheme::published_probe) return fill_within(rng, kProbeRange, halves);
  if (scheme_ == Scheme::published_chain) {
    for (std::uint16_t& half : halves) {
      const auto step = static_cast<double>(rng.uniform_int(0, kChainSteps - 1));
      half = half_from_double(step / kChainSteps - 0.5);
    }
    return;
  }
  const WeightGrid grid = scaled_weight_grid(channels_, has_relu_);
  std::vector<std::int8_t> integers(halves.size());
  fill_uniform(rng, -grid.m, grid.m, integers);
  scale_to_halves(integers, grid.scale(), halves);
}

void WeightValues::fill_nonzero(Rng& rng, std::span<std::uint16_t> halves) const {
  // Uniform values in ±r, half of them replaced by zeros, have the variance r²/6.
  const double scaled_range = std::sqrt(6.0) * deviation();
  fill_within(rng, scheme_ == Scheme::scaled ? scaled_range : kProbeRange, halves);
}

double WeightValues::table_entry(int j, int entries) const {
  if (scheme_ != Scheme::scaled) return (j - entries / 2) * kProbeScale;
  // Steps around 0: n equally likely ones of size s have the variance s²(n² − 1)/12.
  const double n = entries;
  return (j - (n - 1) / 2) * deviation() * std::sqrt(12 / (n * n - 1));
}

Result<void> append_weight(mil::Builder& builder, const WeightFormat& format,
                           const WeightValues& values, const WeightRequest& request,
                           AddConstant add) {
  return Maker(builder, format, values, request, add).append();
}

}  // namespace anebench::programs
