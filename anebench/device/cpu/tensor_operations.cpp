#include "anebench/device/cpu/tensor_operations.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "anebench/ops/context.h"
#include "anebench/ops/evaluate.h"

namespace anebench::device::cpu {
namespace {

using mil::DataType;

// Elements that one index of a parallel loop covers: tens of microseconds.
constexpr std::size_t kPiece = 64 * 1024;

// Calls body(first, count) for pieces of [0, count) over the pool, or on this thread alone where
// there are few.
template <typename Body>
void for_pieces(ThreadPool& pool, std::size_t count, const Body& body) {
  constexpr std::size_t kWorthSharing = 4 * kPiece;
  if (count < kWorthSharing) {
    if (count > 0) body(std::size_t{0}, count);
    return;
  }
  pool.parallel_for((count + kPiece - 1) / kPiece, [&](std::size_t piece, int) {
    body(piece * kPiece, std::min(kPiece, count - piece * kPiece));
  });
}

template <typename T>
const T* read(const Memory& memory, Location location) {
  return reinterpret_cast<const T*>(memory.read(location));
}
template <typename T>
T* write(const Memory& memory, Location location) {
  return reinterpret_cast<T*>(memory.write(location));
}

// An operation made of a callable (const Memory&, first, count) over elements.
template <typename Body>
class Elementwise final : public TensorOperation {
 public:
  Elementwise(std::size_t count, Body body) : count_(count), body_(std::move(body)) {}
  Result<void> run(const Memory& memory, ThreadPool& pool) const override {
    for_pieces(pool, count_,
               [&](std::size_t first, std::size_t count) { body_(memory, first, count); });
    return {};
  }

 private:
  std::size_t count_;
  Body body_;
};

template <typename Body>
std::unique_ptr<TensorOperation> make_elementwise(std::size_t count, Body body) {
  return std::make_unique<Elementwise<Body>>(count, std::move(body));
}

// Splits [first, first + count) at row ends and calls body(affine, first, count).
template <typename Body>
void for_rows(const std::vector<Affine8>& affines, std::size_t row, std::size_t first,
              std::size_t count, const Body& body) {
  const std::size_t end = first + count;
  while (first < end) {
    const std::size_t size = std::min(end - first, row - first % row);
    body(affines[first / row % affines.size()], first, size);
    first += size;
  }
}

// Finds tensors at their places in memory, and splits work over the pool.
class MemoryContext final : public ops::OpContext, public ops::ValueSource {
 public:
  MemoryContext(const ops::Arguments& arguments, const ops::TensorEnvironment& values,
                ThreadPool& pool)
      : arguments_(arguments), values_(values), pool_(pool) {
    arguments_.read_values_from(*this);
  }

  const ops::Arguments& arguments() const override { return arguments_; }
  Result<ops::RuntimeValue> value(std::string_view parameter, std::size_t index) override {
    return ops::find_value(arguments_, values_, parameter, index);
  }
  std::optional<ops::RuntimeValue> find_value(std::string_view name) const override {
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    return found->second;
  }
  void parallel_for(std::size_t count,
                    const std::function<void(std::size_t, std::size_t)>& body) override {
    // Some more ranges than threads, so that an uneven start costs little.
    const std::size_t ranges = std::min(count, static_cast<std::size_t>(pool_.size()) * 4);
    pool_.parallel_for(ranges, [&](std::size_t range, int) {
      body(count * range / ranges, count * (range + 1) / ranges);
    });
  }

 private:
  ops::Arguments arguments_;
  const ops::TensorEnvironment& values_;
  ThreadPool& pool_;
};

class ReferenceOperation final : public TensorOperation {
 public:
  ReferenceOperation(const ops::Arguments& arguments, std::vector<NamedLocation> inputs,
                     std::vector<NamedLocation> outputs)
      : arguments_(arguments), inputs_(std::move(inputs)), outputs_(std::move(outputs)) {}

  Result<void> run(const Memory& memory, ThreadPool& pool) const override {
    ops::TensorEnvironment environment;
    for (const NamedLocation& input : inputs_) {
      const auto size = static_cast<std::size_t>(input.type.byte_size().value_or(0));
      const std::span<const std::byte> bytes(memory.read(input.location), size);
      // The bytes outlive the evaluation of this operation.
      ANEBENCH_ASSIGN(tensor, ops::Tensor::view(input.type, {.bytes = bytes, .owner = nullptr}));
      environment.insert_or_assign(input.name, std::move(tensor));
    }
    MemoryContext context(arguments_, environment, pool);
    ANEBENCH_ASSIGN(values, ops::run(context));
    ANEBENCH_ASSIGN(results, ops::to_tensors(values), arguments_.describe());
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      if (i >= results.size() || !(results[i].type() == outputs_[i].type)) {
        return fail(ErrorCode::internal, "{} gave another result than {}", arguments_.describe(),
                    mil::to_string(outputs_[i].type));
      }
      const std::span<const std::byte> bytes = results[i].bytes();
      if (!bytes.empty()) {
        std::memcpy(memory.write(outputs_[i].location), bytes.data(), bytes.size());
      }
    }
    return {};
  }

 private:
  const ops::Arguments& arguments_;
  std::vector<NamedLocation> inputs_;
  std::vector<NamedLocation> outputs_;
};

}  // namespace

std::unique_ptr<TensorOperation> make_copy(Location x, Location out, std::size_t bytes) {
  return make_elementwise(bytes, [=](const Memory& memory, std::size_t first, std::size_t size) {
    std::memcpy(memory.write(out) + first, memory.read(x) + first, size);
  });
}

std::unique_ptr<TensorOperation> make_quantize(std::vector<Affine8> affines, std::size_t row,
                                               Location x, Location out, std::size_t count) {
  return make_elementwise(
      count, [affines = std::move(affines), row, x, out](const Memory& memory, std::size_t begin,
                                                         std::size_t count_here) {
        for_rows(affines, row, begin, count_here,
                 [&](const Affine8& affine, std::size_t first, std::size_t size) {
                   quantize(read<std::uint16_t>(memory, x) + first, affine,
                            write<std::uint8_t>(memory, out) + first, size);
                 });
      });
}

std::unique_ptr<TensorOperation> make_dequantize(std::vector<Affine8> affines, std::size_t row,
                                                 Location x, Location out, std::size_t count) {
  return make_elementwise(
      count, [affines = std::move(affines), row, x, out](const Memory& memory, std::size_t begin,
                                                         std::size_t count_here) {
        for_rows(affines, row, begin, count_here,
                 [&](const Affine8& affine, std::size_t first, std::size_t size) {
                   dequantize(read<std::uint8_t>(memory, x) + first, affine,
                              write<std::uint16_t>(memory, out) + first, size);
                 });
      });
}

std::unique_ptr<TensorOperation> make_reference(const ops::Arguments& arguments,
                                                std::vector<NamedLocation> inputs,
                                                std::vector<NamedLocation> outputs) {
  return std::make_unique<ReferenceOperation>(arguments, std::move(inputs), std::move(outputs));
}

}  // namespace anebench::device::cpu
