#include "anebench/device/cpu/tensor_operations.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "anebench/device/cpu/kernel.h"
#include "anebench/device/cpu/parallel.h"
#include "anebench/ops/context.h"
#include "anebench/ops/evaluate.h"

namespace anebench::device::cpu {
namespace {

using mil::DataType;

// Quantizing or dequantizing an element: an estimate, for sharing out work.
constexpr double kAffineNs = 0.5;

template <typename T>
const T* read(const Memory& memory, Location location) {
  return reinterpret_cast<const T*>(memory.read(location));
}
template <typename T>
T* write(const Memory& memory, Location location) {
  return reinterpret_cast<T*>(memory.write(location));
}

// Calls body(affine, first, count) for the rows of [0, count), or parts of them, on the pool.
template <typename Body>
void for_affine_rows(const std::vector<Affine8>& affines, std::size_t row, std::size_t count,
                     ThreadPool& pool, const Body& body) {
  parallel_ranges(pool, count, grain_of(kAffineNs),
                  [&](std::size_t first, std::size_t end, int /*worker*/) {
                    while (first < end) {
                      const std::size_t size = std::min(end - first, row - first % row);
                      body(affines[first / row % affines.size()], first, size);
                      first += size;
                    }
                  });
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
    parallel_ranges(pool_, count, /*grain=*/1,
                    [&](std::size_t begin, std::size_t end, int) { body(begin, end); });
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
  return make_operation([=](const Memory& memory, ThreadPool& pool) {
    parallel_copy(memory.read(x), memory.write(out), bytes, pool);
  });
}

std::unique_ptr<TensorOperation> make_quantize(std::vector<Affine8> affines, std::size_t row,
                                               Location x, Location out, std::size_t count) {
  return make_operation(
      [affines = std::move(affines), row, x, out, count](const Memory& memory, ThreadPool& pool) {
        const auto* from = read<std::uint16_t>(memory, x);
        auto* to = write<std::uint8_t>(memory, out);
        for_affine_rows(affines, row, count, pool,
                        [&](const Affine8& affine, std::size_t first, std::size_t size) {
                          quantize(from + first, affine, to + first, size);
                        });
      });
}

std::unique_ptr<TensorOperation> make_dequantize(std::vector<Affine8> affines, std::size_t row,
                                                 Location x, Location out, std::size_t count) {
  return make_operation(
      [affines = std::move(affines), row, x, out, count](const Memory& memory, ThreadPool& pool) {
        const auto* from = read<std::uint8_t>(memory, x);
        auto* to = write<std::uint16_t>(memory, out);
        for_affine_rows(affines, row, count, pool,
                        [&](const Affine8& affine, std::size_t first, std::size_t size) {
                          dequantize(from + first, affine, to + first, size);
                        });
      });
}

std::unique_ptr<TensorOperation> make_reference(const ops::Arguments& arguments,
                                                std::vector<NamedLocation> inputs,
                                                std::vector<NamedLocation> outputs) {
  return std::make_unique<ReferenceOperation>(arguments, std::move(inputs), std::move(outputs));
}

}  // namespace anebench::device::cpu
