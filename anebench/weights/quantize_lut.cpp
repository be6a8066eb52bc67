// Quantization to lookup tables ("palettization").
#include <algorithm>
#include <cmath>

#include "anebench/weights/k_means.h"
#include "anebench/weights/quantize.h"
#include "anebench/weights/quantize_common.h"

namespace anebench::weights {
namespace {

using mil::DataType;

Result<DataType> index_type(int bits) {
  switch (bits) {
    case 1: return DataType::uint1;
    case 2: return DataType::uint2;
    case 3: return DataType::uint3;
    case 4: return DataType::uint4;
    case 6: return DataType::uint6;
    case 8: return DataType::uint8;
    default:
      return fail(ErrorCode::invalid_argument, "{} bits where a table index has 1, 2, 3, 4, 6 or 8",
                  bits);
  }
}

// An ascending table of `size` numbers for the values.
std::vector<double> make_table(std::span<const float> values, std::size_t size,
                               LutOptions::Method method) {
  if (method == LutOptions::Method::uniform) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    return equally_spaced(static_cast<double>(*low) + 0.0, static_cast<double>(*high) + 0.0, size);
  }
  if (auto distinct = distinct_values(values, size)) {
    distinct->resize(size, distinct->back());
    return *std::move(distinct);
  }
  return k_means(points_of(values), size);
}

// The middles between neighbours of an ascending table, as many as it has entries; the last one is
// not used.
void append_middles(std::span<const double> table, std::vector<double>& middles) {
  for (std::size_t i = 0; i + 1 < table.size(); ++i) {
    middles.push_back((table[i] + table[i + 1]) / 2);
  }
  middles.push_back(table.back());
}

// The nearest entry of a table of 2^n numbers; of two, the first: as many as middles lie below the
// value. Without branches, as there are many values.
std::size_t nearest(std::span<const double> middles, double value) {
  std::size_t index = 0;
  for (std::size_t step = middles.size() / 2; step > 0; step /= 2) {
    index += middles[index + step - 1] < value ? step : 0;
  }
  return index;
}

}  // namespace

Result<LutTensor> quantize_lut(std::span<const float> values, const mil::Shape& shape,
                               const LutOptions& options) {
  ANEBENCH_TRY(check_values(values, shape));
  ANEBENCH_TRY(check_real_type(options.lut_type));
  ANEBENCH_ASSIGN(type, index_type(options.bits));
  ANEBENCH_ASSIGN(axis, checked_axis(options.axis, shape));
  ANEBENCH_ASSIGN(groups,
                  Groups::along_axis(shape, axis, options.group_size.value_or(shape[axis].size())));

  std::vector<std::vector<float>> members(groups.count());
  for (std::vector<float>& group : members) group.reserve(values.size() / groups.count());
  groups.for_each_run([&](std::size_t first, std::size_t count, std::size_t group) {
    const auto run = values.subspan(first, count);
    members[group].insert(members[group].end(), run.begin(), run.end());
  });

  const std::size_t size = std::size_t{1} << options.bits;
  std::vector<double> tables;
  tables.reserve(groups.count() * size);
  std::vector<double> middles;
  middles.reserve(groups.count() * size);
  for (std::vector<float>& group : members) {
    for (const double entry : make_table(group, size, options.method)) {
      tables.push_back(rounded_to(options.lut_type, entry));
      if (!std::isfinite(tables.back())) {
        return fail(ErrorCode::invalid_argument, "the value {} is too large for a table of {}",
                    entry, mil::to_string(options.lut_type));
      }
    }
    append_middles(std::span(tables).last(size), middles);
    group = {};
  }

  std::vector<std::uint8_t> indices(values.size());
  std::vector<float> restored(values.size());
  groups.for_each_run([&](std::size_t first, std::size_t count, std::size_t group) {
    const auto table = std::span(tables).subspan(group * size, size);
    const auto between = std::span(middles).subspan(group * size, size);
    for (std::size_t i = first; i < first + count; ++i) {
      const std::size_t index = nearest(between, static_cast<double>(values[i]));
      indices[i] = static_cast<std::uint8_t>(index);
      restored[i] = static_cast<float>(table[index]);
    }
  });

  mil::Shape lut_shape = groups.counts();
  lut_shape.emplace_back(static_cast<std::int64_t>(size));
  lut_shape.emplace_back(1);
  return LutTensor{.indices = code_tensor(type, shape, indices),
                   .lut = real_tensor(options.lut_type, std::move(lut_shape), tables),
                   .error = quantization_error(values, restored)};
}

Result<Ios16Lut> to_ios16(const LutTensor& tensor) {
  const mil::Type& index = tensor.indices.type();
  const std::int64_t size = std::int64_t{1} << mil::bit_width(index.data_type());
  if (index.data_type() == DataType::uint3) {
    return fail(ErrorCode::unsupported, "iOS 16's form of lookup tables has no 3-bit indices");
  }
  if (tensor.lut.type().element_count() != size) {
    return fail(ErrorCode::unsupported, "iOS 16's form holds one lookup table, not those of {}",
                mil::to_string(tensor.lut.type()));
  }
  ANEBENCH_ASSIGN(shape, shape_value(index.shape()));
  const auto packed = tensor.indices.bytes();
  const auto table = tensor.lut.bytes();
  return Ios16Lut{
      .indices = mil::Value::packed(
          mil::Type::tensor(DataType::uint8, {static_cast<std::int64_t>(packed.size())}),
          {packed.begin(), packed.end()}),
      .lut = mil::Value::packed(mil::Type::tensor(tensor.lut.type().data_type(), {size}),
                                {table.begin(), table.end()}),
      .shape = std::move(shape)};
}

}  // namespace anebench::weights
