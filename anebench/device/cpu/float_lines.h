// A tensor of fp16 or fp32 as lines of floats along neighbouring dimensions: what normalizations,
// softmax and reductions walk through, whichever dimensions those are.
//
//   const auto lines = FloatLines::along(dims, chosen);  // nothing where those are no neighbours
//   transform_lines(*lines, type, x, out, scratch, pool, ns,
//                   [](std::size_t line, std::span<float> v) {…});
//
// Lines whose elements are not neighbours in memory are gathered several at a time, so that what is
// loaded of a cache line is used. Sums are in double, so that long lines lose nothing.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "anebench/device/cpu/float_elements.h"
#include "anebench/device/cpu/parallel.h"
#include "anebench/ops/extremum.h"

namespace anebench::device::cpu {

struct FloatLines {
  // Nothing where the chosen dimensions (but those of 1) are no neighbours.
  static std::optional<FloatLines> along(std::span<const std::int64_t> dims,
                                         const std::vector<bool>& chosen);

  std::size_t outer = 1;
  std::size_t length = 1;
  std::size_t inner = 1;  // elements between those of a line

  std::size_t count() const { return outer * inner; }
  // Lines that are gathered together.
  std::size_t at_once() const { return inner < kGathered ? inner : kGathered; }
  // Of the floats of all threads.
  std::size_t scratch_bytes(std::size_t threads) const {
    return saturating_product({threads, at_once(), length, sizeof(float)});
  }
  static constexpr std::size_t kGathered = 16;
};

// Lanes of sums and maxima that are independent, so that loops over lines are vectorised.
inline constexpr std::size_t kLineLanes = 8;

template <typename Term>
double sum_of(std::span<const float> values, const Term& term) {
  std::array<double, kLineLanes> sums = {};
  std::size_t i = 0;
  for (; i + kLineLanes <= values.size(); i += kLineLanes) {
    for (std::size_t lane = 0; lane < kLineLanes; ++lane) sums[lane] += term(values[i + lane]);
  }
  double sum = 0;
  for (; i < values.size(); ++i) sum += term(values[i]);
  for (const double lane : sums) sum += lane;
  return sum;
}

// better(a, b) is one of the two, and of several numbers the same in any order. Precondition: not
// empty.
template <typename Better>
float best_of(std::span<const float> values, const Better& better) {
  std::array<float, kLineLanes> lanes;
  lanes.fill(values[0]);
  std::size_t i = 0;
  for (; i + kLineLanes <= values.size(); i += kLineLanes) {
    for (std::size_t lane = 0; lane < kLineLanes; ++lane) {
      lanes[lane] = better(lanes[lane], values[i + lane]);
    }
  }
  float best = values[0];
  for (; i < values.size(); ++i) best = better(best, values[i]);
  for (const float lane : lanes) best = better(best, lane);
  return best;
}
inline float greatest_of(std::span<const float> values) {
  return best_of(values, [](float a, float b) { return ops::greater_of(a, b); });
}
inline float least_of(std::span<const float> values) {
  return best_of(values, [](float a, float b) { return ops::lesser_of(a, b); });
}

// Reads lines as floats: body(first, floats) gets the number of the first of some lines and their
// floats, one line behind the other; `floats` is scratch memory that body may change.
template <typename Body>
void for_each_lines(const FloatLines& lines, mil::DataType type, const std::byte* x,
                    std::byte* scratch, ThreadPool& pool, double ns_per_element, const Body& body) {
  const std::size_t at_once = lines.at_once();
  const std::size_t groups = at_once == 0 ? 0 : (lines.inner + at_once - 1) / at_once;
  const double group_ns = static_cast<double>(at_once * lines.length) * (ns_per_element + 0.3);
  const std::size_t stride = at_once * lines.length;
  parallel_ranges(pool, lines.outer * groups, grain_of(group_ns),
                  [&](std::size_t begin, std::size_t end, int worker) {
                    float* const floats = reinterpret_cast<float*>(scratch) +
                                          static_cast<std::size_t>(worker) * stride;
                    for (std::size_t i = begin; i < end; ++i) {
                      const std::size_t first = i % groups * at_once;
                      const std::size_t count = std::min(at_once, lines.inner - first);
                      const std::size_t origin = i / groups * lines.length * lines.inner + first;
                      if (lines.inner == 1) {
                        load_floats(type, x, origin, {floats, lines.length});
                      } else {
                        std::array<float, FloatLines::kGathered> row;
                        for (std::size_t k = 0; k < lines.length; ++k) {
                          load_floats(type, x, origin + k * lines.inner, {row.data(), count});
                          for (std::size_t j = 0; j < count; ++j)
                            floats[j * lines.length + k] = row[j];
                        }
                      }
                      body(i / groups * lines.inner + first, count, origin, floats);
                    }
                  });
}

// transform(line, values) replaces each line's values in place; they become the lines of `out`,
// which has the shape and type of x.
template <typename Transform>
void transform_lines(const FloatLines& lines, mil::DataType type, const std::byte* x,
                     std::byte* out, std::byte* scratch, ThreadPool& pool, double ns_per_element,
                     const Transform& transform) {
  for_each_lines(lines, type, x, scratch, pool, ns_per_element,
                 [&](std::size_t line, std::size_t count, std::size_t origin, float* floats) {
                   for (std::size_t j = 0; j < count; ++j) {
                     transform(line + j, std::span(floats + j * lines.length, lines.length));
                   }
                   if (lines.inner == 1) {
                     store_floats(type, out, origin, {floats, lines.length});
                     return;
                   }
                   std::array<float, FloatLines::kGathered> row;
                   for (std::size_t k = 0; k < lines.length; ++k) {
                     for (std::size_t j = 0; j < count; ++j) row[j] = floats[j * lines.length + k];
                     store_floats(type, out, origin + k * lines.inner, {row.data(), count});
                   }
                 });
}

// values[i] becomes exp(values[i] − shift) for numbers up to the shift; returns their sum. Within
// two units of fp32's last place. NaN stays NaN; what is below fp32's normal numbers becomes 0.
double exponentials(std::span<float> values, float shift);
// values become softmax(values).
void softmax_line(std::span<float> values);

}  // namespace anebench::device::cpu
