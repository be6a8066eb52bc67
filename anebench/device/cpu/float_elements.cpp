#include "anebench/device/cpu/float_elements.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "anebench/base/bytes.h"
#include "anebench/base/half.h"
#include "anebench/device/cpu/parallel.h"

namespace anebench::device::cpu {

using mil::DataType;

void load_floats(DataType type, const std::byte* data, std::size_t first, std::span<float> out) {
  if (type == DataType::fp16) {
    floats_from_halves({reinterpret_cast<const std::uint16_t*>(data) + first, out.size()}, out);
  } else if (!out.empty()) {
    std::memcpy(out.data(), data + first * sizeof(float), out.size_bytes());
  }
}

void store_floats(DataType type, std::byte* data, std::size_t first,
                  std::span<const float> values) {
  if (type == DataType::fp16) {
    halves_from_floats(values, {reinterpret_cast<std::uint16_t*>(data) + first, values.size()});
  } else if (!values.empty()) {
    std::memcpy(data + first * sizeof(float), values.data(), values.size_bytes());
  }
}

void store_doubles(DataType type, std::byte* data, std::size_t first,
                   std::span<const double> values) {
  const std::size_t width = static_cast<std::size_t>(mil::bit_width(type)) / 8;
  ops::store_doubles(type, {data, (first + values.size()) * width}, first, values);
}

const float* as_floats(DataType type, const std::byte* data, std::size_t count, float* scratch,
                       ThreadPool& pool) {
  if (type == DataType::fp32) return reinterpret_cast<const float*>(data);
  constexpr double kNsPerElement = 0.1;
  parallel_ranges(pool, count, grain_of(kNsPerElement),
                  [&](std::size_t begin, std::size_t end, int) {
                    load_floats(type, data, begin, {scratch + begin, end - begin});
                  });
  return scratch;
}

std::vector<float> to_floats(const ops::Tensor& tensor) {
  std::vector<float> values(tensor.element_count());
  const std::span<const std::byte> bytes = tensor.bytes();
  if (tensor.data_type() == DataType::fp16) {
    // Constants in files need not lie at even addresses.
    std::vector<std::uint16_t> halves(values.size());
    for (std::size_t i = 0; i < halves.size(); ++i) {
      halves[i] = load_le<std::uint16_t>(bytes, i * sizeof(std::uint16_t));
    }
    floats_from_halves(halves, values);
  } else if (tensor.data_type() == DataType::fp32) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = load_le<float>(bytes, i * sizeof(float));
    }
  } else {
    std::ranges::transform(tensor.to_doubles(), values.begin(),
                           [](double value) { return static_cast<float>(value); });
  }
  return values;
}

Result<std::vector<float>> constant_floats(const Graph& graph, const GraphNode& node,
                                           std::string_view parameter) {
  if (!node.arguments.has(parameter)) return std::vector<float>();
  ANEBENCH_ASSIGN(constant, graph.constant(node, parameter));
  return to_floats(constant);
}

std::size_t saturating_product(std::initializer_list<std::size_t> counts) {
  std::size_t product = 1;
  for (const std::size_t count : counts) {
    const auto next = checked_mul<std::size_t>(product, count);
    if (!next) return std::numeric_limits<std::size_t>::max();
    product = *next;
  }
  return product;
}

std::size_t saturating_sum(std::initializer_list<std::size_t> counts) {
  std::size_t sum = 0;
  for (const std::size_t count : counts) {
    const auto next = checked_add<std::size_t>(sum, count);
    if (!next) return std::numeric_limits<std::size_t>::max();
    sum = *next;
  }
  return sum;
}

}  // namespace anebench::device::cpu
