#include "anebench/device/cpu/fused_elementwise.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "anebench/base/half.h"
#include "anebench/device/cpu/kernel.h"
#include "anebench/device/cpu/parallel.h"

namespace anebench::device::cpu {
namespace {

using mil::DataType;
using Kind = FusedElementwise::Kind;
using Instruction = FusedElementwise::Instruction;

constexpr std::size_t kMaxSlots = FusedElementwise::kMaxSlots;
// Elements of a piece: with all slots in use they fill the first-level cache.
constexpr std::size_t kPieceElements = 256;

std::size_t element_bytes(DataType type) {
  return static_cast<std::size_t>(mil::bit_width(type)) / 8;
}

// How operand slots are walked along one dimension of the shape, neighbouring dimensions joined
// where all operands walk them alike.
struct Axis {
  std::size_t size = 1;
  std::array<std::size_t, kMaxSlots> strides = {};  // in elements
};

std::vector<Axis> joined_axes(const FusedElementwise& run) {
  std::vector<Axis> axes;  // innermost first
  std::vector<std::size_t> next(run.operands.size(), 1);
  for (std::size_t d = 0; d < run.shape.size(); ++d) {
    const auto size = static_cast<std::size_t>(run.shape[run.shape.size() - 1 - d].size());
    Axis axis{.size = size};
    for (std::size_t i = 0; i < next.size(); ++i) {
      const mil::Shape& own = run.operands[i].type.shape();
      const std::size_t own_size =
          d < own.size() ? static_cast<std::size_t>(own[own.size() - 1 - d].size()) : 1;
      axis.strides[i] = own_size == 1 ? 0 : next[i];
      next[i] *= own_size;
    }
    if (size == 1) continue;
    const bool joins = !axes.empty() && [&] {
      for (std::size_t i = 0; i < next.size(); ++i) {
        if (axis.strides[i] != axes.back().strides[i] * axes.back().size) return false;
      }
      return true;
    }();
    if (joins) {
      axes.back().size *= size;
    } else {
      axes.push_back(axis);
    }
  }
  if (axes.empty()) axes.push_back({});
  return axes;
}

// One piece of a slot. fp16 results have their patterns in `data`, and their values in `floats`
// where an instruction computes with them.
struct Piece {
  const void* data = nullptr;
  const float* floats = nullptr;
  // One element stands for all: only where nothing but arithmetic reads the slot.
  bool is_scalar = false;
};

struct Storage {
  alignas(64) std::array<std::array<std::byte, kPieceElements * sizeof(float)>, kMaxSlots> data;
  alignas(64) std::array<std::array<float, kPieceElements>, kMaxSlots> floats;
};

template <typename T>
void choose(const void* mask, const void* a, const void* b, void* out, std::size_t count) {
  const auto* flags = static_cast<const std::uint8_t*>(mask);
  const auto* yes = static_cast<const T*>(a);
  const auto* no = static_cast<const T*>(b);
  auto* to = static_cast<T*>(out);
  for (std::size_t i = 0; i < count; ++i) to[i] = flags[i] != 0 ? yes[i] : no[i];
}

void fill(std::size_t width, const void* value, void* out, std::size_t count) {
  auto* target = static_cast<std::byte*>(out);
  for (std::size_t i = 0; i < count; ++i) std::memcpy(target + i * width, value, width);
}

class FusedOperation final : public TensorOperation {
 public:
  explicit FusedOperation(const FusedElementwise& run)
      : operands_(run.operands), instructions_(run.instructions), axes_(joined_axes(run)) {
    for (const Axis& axis : axes_) count_ *= axis.size;
    const std::size_t slots = operands_.size() + instructions_.size();
    needs_floats_.assign(slots, false);
    needs_data_.assign(slots, false);
    for (const Instruction& instruction : instructions_) {
      const bool computes = instruction.kind == Kind::binary || instruction.kind == Kind::cast;
      for (const std::size_t slot : instruction.inputs) {
        (computes ? needs_floats_ : needs_data_)[slot] = true;
      }
    }
  }

  Result<void> run(const Memory& memory, ThreadPool& pool) const override {
    if (count_ == 0) return {};
    const std::size_t length = axes_.front().size;
    const std::size_t pieces = (length + kPieceElements - 1) / kPieceElements;
    // Half a nanosecond an element and instruction, and something for starting a piece.
    const double piece_ns =
        static_cast<double>(instructions_.size() * std::min(length, kPieceElements)) / 2 + 20;
    parallel_ranges(pool, count_ / length * pieces, grain_of(piece_ns),
                    [&](std::size_t begin, std::size_t end, int) {
                      Storage storage;
                      for (std::size_t i = begin; i < end; ++i) {
                        run_piece(memory, storage, i / pieces, i % pieces * kPieceElements);
                      }
                    });
    return {};
  }

 private:
  void run_piece(const Memory& memory, Storage& storage, std::size_t row, std::size_t first) const {
    const std::size_t count = std::min(kPieceElements, axes_.front().size - first);
    std::array<Piece, kMaxSlots> slots;
    for (std::size_t i = 0; i < operands_.size(); ++i) {
      slots[i] = load(memory, storage, i, row, first, count);
    }
    for (std::size_t i = 0; i < instructions_.size(); ++i) {
      const Instruction& instruction = instructions_[i];
      const std::size_t slot = operands_.size() + i;
      void* out = storage.data[slot].data();
      if (instruction.output) {
        out = memory.write(*instruction.output) +
              (row * axes_.front().size + first) * element_bytes(instruction.type);
      }
      slots[slot] = execute(instruction, slots, out, storage.floats[slot].data(), slot, count);
    }
  }

  Piece load(const Memory& memory, Storage& storage, std::size_t slot, std::size_t row,
             std::size_t first, std::size_t count) const {
    const FusedElementwise::Operand& operand = operands_[slot];
    const DataType type = operand.type.data_type();
    const std::size_t width = element_bytes(type);
    std::size_t at = first * axes_.front().strides[slot];
    for (std::size_t d = 1; d < axes_.size(); ++d) {
      at += row % axes_[d].size * axes_[d].strides[slot];
      row /= axes_[d].size;
    }
    Piece piece;
    piece.data = memory.read(operand.location) + at * width;
    const bool is_repeated = axes_.front().strides[slot] == 0;
    piece.is_scalar = is_repeated && !needs_data_[slot];
    if (is_repeated && needs_data_[slot]) {
      fill(width, piece.data, storage.data[slot].data(), count);
      piece.data = storage.data[slot].data();
    }
    if (needs_floats_[slot]) {
      piece.floats =
          widened(type, piece.data, storage.floats[slot].data(), piece.is_scalar ? 1 : count);
    }
    return piece;
  }

  static const float* widened(DataType type, const void* data, float* out, std::size_t count) {
    if (type != DataType::fp16) return static_cast<const float*>(data);
    cpu::cast(static_cast<const std::uint16_t*>(data), out, count);
    return out;
  }

  Piece execute(const Instruction& instruction, const std::array<Piece, kMaxSlots>& slots,
                void* out, float* floats, std::size_t slot, std::size_t count) const {
    const bool is_half = instruction.type == DataType::fp16;
    const Piece& x = slots[instruction.inputs[0]];
    switch (instruction.kind) {
      case Kind::binary: {
        const Piece& y = slots[instruction.inputs[1]];
        // fp16 results are computed beside their place and rounded into it.
        float* const values = is_half ? floats : static_cast<float*>(out);
        binary(instruction.binary, Operand<float>{x.floats, x.is_scalar},
               Operand<float>{y.floats, y.is_scalar}, values, count);
        if (is_half) cpu::cast(values, static_cast<std::uint16_t*>(out), count);
        break;
      }
      case Kind::relu:
        if (is_half) {
          relu(static_cast<const std::uint16_t*>(x.data), static_cast<std::uint16_t*>(out), count);
        } else {
          relu(static_cast<const float*>(x.data), static_cast<float*>(out), count);
        }
        break;
      case Kind::cast:
        if (x.is_scalar) {
          std::fill_n(floats, count, *x.floats);
        } else {
          std::copy_n(x.floats, count, floats);
        }
        if (is_half) {
          cpu::cast(floats, static_cast<std::uint16_t*>(out), count);
        } else {
          std::memcpy(out, floats, count * sizeof(float));
        }
        break;
      case Kind::select: {
        const void* a = slots[instruction.inputs[1]].data;
        const void* b = slots[instruction.inputs[2]].data;
        switch (element_bytes(instruction.type)) {
          case 1: choose<std::uint8_t>(x.data, a, b, out, count); break;
          case 2: choose<std::uint16_t>(x.data, a, b, out, count); break;
          default: choose<std::uint32_t>(x.data, a, b, out, count);
        }
        break;
      }
      case Kind::table: instruction.table->apply(x.data, out, count); break;
    }
    Piece piece{.data = out};
    if (needs_floats_[slot]) piece.floats = widened(instruction.type, out, floats, count);
    return piece;
  }

  std::vector<FusedElementwise::Operand> operands_;
  std::vector<Instruction> instructions_;
  std::vector<Axis> axes_;  // innermost first, never empty
  std::size_t count_ = 1;
  // By slot: whether its elements are computed with, or read as they are.
  std::vector<bool> needs_floats_;
  std::vector<bool> needs_data_;
};

}  // namespace

std::unique_ptr<TensorOperation> make_fused_elementwise(const FusedElementwise& run) {
  return std::make_unique<FusedOperation>(run);
}

}  // namespace anebench::device::cpu
