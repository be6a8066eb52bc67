// Kernels of lstm and gru over fp16 and fp32: the inputs of all steps meet their weights in one
// matrix product, then each step multiplies the hidden state, which stays in fp32 from step to
// step.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "anebench/device/cpu/float_elements.h"
#include "anebench/device/cpu/gemm.h"
#include "anebench/device/cpu/kernel.h"
#include "anebench/device/cpu/parallel.h"
#include "anebench/ops/recurrent.h"

namespace anebench::device::cpu {
namespace {

using mil::DataType;
using ops::RecurrentActivation;

struct Activations {
  RecurrentActivation recurrent = nullptr;
  RecurrentActivation cell = nullptr;  // lstm
  RecurrentActivation output = nullptr;
};
float apply_activation(RecurrentActivation function, float x) {
  return static_cast<float>(function(static_cast<double>(x)));
}

// What lstm and gru have in common.
struct Recurrence {
  std::size_t steps = 0;
  std::size_t batch = 0;
  std::size_t inputs = 0;
  std::size_t hidden = 0;
  std::size_t gates = 4;  // hidden vectors that a step computes
  std::size_t directions = 1;
  bool is_reverse = false;
  bool is_sequence = false;
  DataType type = DataType::fp16;

  std::size_t rows() const { return gates * hidden; }
  std::size_t width() const { return hidden * directions; }
  // Inputs that meet the weights: those of all batch elements in all steps.
  std::size_t input_count() const { return steps * batch; }
  // Floats of scratch memory: a widened input; for each direction its sums, and what a step works
  // with.
  std::size_t x_floats() const { return type == DataType::fp16 ? input_count() * inputs : 0; }
  std::size_t sum_floats() const { return saturating_product({input_count(), rows()}); }
  std::size_t state_floats() const { return batch * (rows() + 3 * hidden); }
  std::size_t direction_floats() const { return saturating_sum({sum_floats(), state_floats()}); }
};

struct DirectionWeights {
  std::vector<float> input;       // [rows, inputs]
  std::vector<float> hidden;      // [rows, hidden]
  std::vector<float> bias;        // [rows]
  std::vector<float> peephole;    // [3 * hidden]; lstm
  std::vector<float> input_bias;  // [rows]; gru

  std::size_t bytes() const {
    return (input.size() + hidden.size() + bias.size() + peephole.size() + input_bias.size()) *
           sizeof(float);
  }
};

// What a step works with, of all batch elements.
struct StepState {
  const float* x;   // [batch, rows]: what comes from the input, with the bias
  float* products;  // [batch, rows]
  float* h;         // [batch, hidden]
  float* c;         // [batch, hidden]; lstm
  float* kept;      // [batch, hidden]; gru
};

// products = h · (rows [first, first + count) of the weights)ᵀ.
void multiply_hidden(const Recurrence& form, const DirectionWeights& weights, const float* h,
                     std::size_t first, std::size_t count, float* products) {
  const auto hidden = static_cast<std::int64_t>(form.hidden);
  multiply({.m = static_cast<std::int64_t>(form.batch),
            .n = static_cast<std::int64_t>(count),
            .k = hidden,
            .row_a = hidden,
            .row_b = hidden,
            .row_c = static_cast<std::int64_t>(form.rows()),
            .transposed_b = true},
           h, weights.hidden.data() + first * form.hidden, products + first);
}

struct LstmCell {
  Activations activations;
  float clip = std::numeric_limits<float>::infinity();

  void step(const Recurrence& form, const DirectionWeights& weights, const StepState& state) const {
    const std::size_t hidden = form.hidden;
    multiply_hidden(form, weights, state.h, 0, form.rows(), state.products);
    for (std::size_t b = 0; b < form.batch; ++b) {
      const float* x = state.x + b * form.rows();
      const float* products = state.products + b * form.rows();
      float* c = state.c + b * hidden;
      float* h = state.h + b * hidden;
      const auto sum = [&](std::size_t gate, std::size_t i) {
        return x[gate * hidden + i] + products[gate * hidden + i];
      };
      for (std::size_t i = 0; i < hidden; ++i) {
        const float in =
            apply_activation(activations.recurrent, sum(0, i) + weights.peephole[i] * c[i]);
        const float forget = apply_activation(activations.recurrent,
                                              sum(1, i) + weights.peephole[hidden + i] * c[i]);
        const float candidate = apply_activation(activations.cell, sum(3, i));
        c[i] = std::clamp(forget * c[i] + in * candidate, -clip, clip);
        const float out = apply_activation(activations.recurrent,
                                           sum(2, i) + weights.peephole[2 * hidden + i] * c[i]);
        h[i] = out * apply_activation(activations.output, c[i]);
      }
    }
  }
};

// Gates: reset, output, update.
struct GruCell {
  Activations activations;
  bool reset_after = false;

  void step(const Recurrence& form, const DirectionWeights& weights, const StepState& state) const {
    const std::size_t hidden = form.hidden;
    if (reset_after) {
      multiply_hidden(form, weights, state.h, 0, form.rows(), state.products);
    } else {
      // The output gate comes when what is kept of the state is known.
      multiply_hidden(form, weights, state.h, 0, hidden, state.products);
      multiply_hidden(form, weights, state.h, 2 * hidden, hidden, state.products);
    }
    for (std::size_t b = 0; b < form.batch; ++b) {
      const float* x = state.x + b * form.rows();
      float* products = state.products + b * form.rows();
      for (std::size_t i = 0; i < hidden; ++i) {
        products[i] = apply_activation(activations.recurrent, x[i] + products[i]);
        products[2 * hidden + i] =
            apply_activation(activations.recurrent, x[2 * hidden + i] + products[2 * hidden + i]);
        state.kept[b * hidden + i] = products[i] * state.h[b * hidden + i];
      }
    }
    if (!reset_after) {
      multiply_hidden(form, weights, state.kept, hidden, hidden, state.products);
    }
    for (std::size_t b = 0; b < form.batch; ++b) {
      const float* x = state.x + b * form.rows();
      const float* products = state.products + b * form.rows();
      float* h = state.h + b * hidden;
      for (std::size_t i = 0; i < hidden; ++i) {
        const std::size_t row = hidden + i;
        // The bias of this gate is left out of x: it belongs to what the reset gate scales.
        const float remembered = reset_after ? products[i] * (products[row] + weights.bias[row])
                                             : products[row] + weights.bias[row];
        const float output = apply_activation(activations.output, x[row] + remembered);
        const float update = products[2 * hidden + i];
        h[i] = (1 - update) * output + update * h[i];
      }
    }
  }
};

template <typename Cell>
class RecurrentOperation final : public TensorOperation {
 public:
  RecurrentOperation(const Recurrence& form, const Cell& cell,
                     std::vector<DirectionWeights> weights, std::vector<float> added,
                     const KernelOperands& at)
      : form_(form), cell_(cell), weights_(std::move(weights)), added_(std::move(added)), at_(at) {}

  Result<void> run(const Memory& memory, ThreadPool& pool) const override {
    auto* scratch = reinterpret_cast<float*>(memory.write(at_.scratch));
    const float* x = as_floats(form_.type, memory.read(at_.inputs[0]),
                               form_.input_count() * form_.inputs, scratch, pool);
    const auto scratch_of = [&](std::size_t direction) {
      return scratch + form_.x_floats() + direction * form_.direction_floats();
    };
    // The inputs of all directions, one behind the other.
    const std::size_t count = form_.input_count();
    const double input_ns = 2 * static_cast<double>(form_.rows()) *
                            static_cast<double>(form_.inputs) / kOperationsPerNs;
    parallel_ranges(
        pool, form_.directions * count, grain_of(input_ns),
        [&](std::size_t begin, std::size_t end, int /*worker*/) {
          while (begin < end) {
            const std::size_t direction = begin / count;
            const std::size_t first = begin % count;
            const std::size_t size = std::min(end - begin, count - first);
            multiply_inputs(direction, first, size, x, scratch_of(direction));
            begin += size;
          }
        },
        /*ranges_per_thread=*/1);
    pool.parallel_for(form_.directions, [&](std::size_t direction, int /*worker*/) {
      run_direction(memory, direction, scratch_of(direction));
    });
    return {};
  }

  std::size_t resident_bytes() const override {
    std::size_t bytes = added_.size() * sizeof(float);
    for (const DirectionWeights& weights : weights_) bytes += weights.bytes();
    return bytes;
  }

 private:
  // What inputs [first, first + count) add to the gates, with what is added to all.
  void multiply_inputs(std::size_t direction, std::size_t first, std::size_t count, const float* x,
                       float* sums) const {
    const std::size_t rows = form_.rows();
    const auto inputs = static_cast<std::int64_t>(form_.inputs);
    sums += first * rows;
    multiply({.m = static_cast<std::int64_t>(count),
              .n = static_cast<std::int64_t>(rows),
              .k = inputs,
              .row_a = inputs,
              .row_b = inputs,
              .row_c = static_cast<std::int64_t>(rows),
              .transposed_b = true},
             x + first * form_.inputs, weights_[direction].input.data(), sums);
    const float* added = added_.data() + direction * rows;
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t row = 0; row < rows; ++row) sums[i * rows + row] += added[row];
    }
  }

  // `scratch` begins with the direction's sums.
  void run_direction(const Memory& memory, std::size_t direction, float* scratch) const {
    const std::size_t rows = form_.rows();
    const std::size_t states = form_.batch * form_.hidden;
    const DirectionWeights& weights = weights_[direction];
    float* const sums = scratch;
    StepState state{.x = nullptr,
                    .products = sums + form_.sum_floats(),
                    .h = nullptr,
                    .c = nullptr,
                    .kept = nullptr};
    state.h = state.products + form_.batch * rows;
    state.c = state.h + states;
    state.kept = state.c + states;
    const bool has_cell = at_.inputs.size() > 2;
    const auto each_state = [&](const auto& move) {
      for (std::size_t b = 0; b < form_.batch; ++b) {
        move(b * form_.width() + direction * form_.hidden, b * form_.hidden);
      }
    };
    each_state([&](std::size_t from, std::size_t to) {
      load_floats(form_.type, memory.read(at_.inputs[1]), from, {state.h + to, form_.hidden});
      if (has_cell) {
        load_floats(form_.type, memory.read(at_.inputs[2]), from, {state.c + to, form_.hidden});
      }
    });
    const auto store_state = [&](std::size_t output, std::size_t first, const float* values) {
      each_state([&](std::size_t to, std::size_t from) {
        store_floats(form_.type, memory.write(at_.outputs[output]), first + to,
                     {values + from, form_.hidden});
      });
    };
    const bool is_backward_half = direction == 1;
    const bool backwards = form_.is_reverse || is_backward_half;
    for (std::size_t k = 0; k < form_.steps; ++k) {
      const std::size_t t = backwards ? form_.steps - 1 - k : k;
      state.x = sums + t * form_.batch * rows;
      cell_.step(form_, weights, state);
      // The backward half gives its outputs in the order of the sequence, "reverse" in that of
      // reading.
      const std::size_t at = is_backward_half ? t : k;
      if (form_.is_sequence) store_state(0, at * form_.batch * form_.width(), state.h);
    }
    if (!form_.is_sequence) store_state(0, 0, state.h);
    store_state(1, 0, state.h);
    if (has_cell) store_state(2, 0, state.c);
  }

  Recurrence form_;
  Cell cell_;
  std::vector<DirectionWeights> weights_;
  std::vector<float> added_;  // [directions, rows]: what is added to the products with the input
  KernelOperands at_;
};

// --- Planning ---------------------------------------------------------------------------------

Result<std::vector<float>> floats_or_zeros(const KernelRequest& request,
                                           const std::string& parameter, std::size_t count) {
  ANEBENCH_ASSIGN(floats, constant_floats(request.graph, request.node, parameter));
  if (floats.empty()) floats.assign(count, 0.0F);
  return floats;
}

Result<DirectionWeights> direction_weights(const KernelRequest& request, const Recurrence& form,
                                           std::string_view suffix) {
  const auto name = [&](std::string_view stem) { return fmt::format("{}{}", stem, suffix); };
  ANEBENCH_ASSIGN(input, floats_or_zeros(request, name("weight_ih"), 0));
  ANEBENCH_ASSIGN(hidden, floats_or_zeros(request, name("weight_hh"), 0));
  ANEBENCH_ASSIGN(bias, floats_or_zeros(request, name("bias"), form.rows()));
  ANEBENCH_ASSIGN(peephole, floats_or_zeros(request, name("peephole"), 3 * form.hidden));
  ANEBENCH_ASSIGN(input_bias, floats_or_zeros(request, "input_bias", form.rows()));
  return DirectionWeights{std::move(input), std::move(hidden), std::move(bias), std::move(peephole),
                          std::move(input_bias)};
}

// The shape and the plan but for `make`; nothing in `reason` where a kernel serves.
struct RecurrencePlan {
  Recurrence form;
  KernelPlan plan;
  std::string reason;
};
Result<RecurrencePlan> plan_recurrence(const KernelRequest& request, std::size_t gates) {
  const ops::Arguments& arguments = request.arguments();
  RecurrencePlan result;
  Recurrence& form = result.form;
  std::vector<std::string_view> read = {"x", "initial_h"};
  if (request.node.outputs.size() == 3) read.emplace_back("initial_c");
  for (const std::string_view parameter : read) {
    const ValueId value = request.value(parameter);
    if (value == kNone) {
      result.reason = "an input is a literal";
      return result;
    }
    if (request.type(value).data_type() != request.output_type().data_type()) {
      result.reason = "inputs of different types";
      return result;
    }
    result.plan.inputs.push_back(value);
  }
  const mil::Type& x = request.type(result.plan.inputs[0]);
  form.type = x.data_type();
  if (!is_fp16_or_fp32(form.type)) {
    result.reason = "only fp16 and fp32 have a kernel";
    return result;
  }
  ANEBENCH_ASSIGN(direction, arguments.string_or("direction", "forward"));
  ANEBENCH_ASSIGN(is_sequence, arguments.boolean_or("output_sequence", false));
  ANEBENCH_ASSIGN(recurrent, arguments.tensor_type("weight_hh"));
  const auto size = [&](std::size_t d) { return static_cast<std::size_t>(x.shape()[d].size()); };
  form.steps = size(0);
  form.batch = size(1);
  form.inputs = size(2);
  form.hidden = static_cast<std::size_t>(recurrent.shape()[1].size());
  form.gates = gates;
  form.is_reverse = direction == "reverse";
  form.directions = direction == "bidirectional" ? 2 : 1;
  form.is_sequence = is_sequence;
  for (const mil::Argument& argument : request.graph.operation(request.node.operation).inputs) {
    const bool is_read = std::ranges::find(read, argument.parameter) != read.end();
    if (!is_read && !arguments.is_constant(argument.parameter)) {
      result.reason = "weights are computed at run time";
      return result;
    }
  }
  if (form.batch * form.hidden == 0 || form.steps == 0) result.reason = "empty tensors";
  result.plan.name = std::string(arguments.definition().name);
  result.plan.scratch_bytes = saturating_product(
      {saturating_sum(
           {form.x_floats(), saturating_product({form.directions, form.direction_floats()})}),
       sizeof(float)});
  result.plan.weight_bytes = saturating_product(
      {form.directions, form.rows(), form.inputs + form.hidden + 4, sizeof(float)});
  return result;
}

Result<std::vector<DirectionWeights>> all_weights(const KernelRequest& request,
                                                  const Recurrence& form) {
  std::vector<DirectionWeights> weights;
  for (std::size_t direction = 0; direction < form.directions; ++direction) {
    ANEBENCH_ASSIGN(own, direction_weights(request, form, direction == 0 ? "" : "_back"));
    weights.push_back(std::move(own));
  }
  return weights;
}

Result<KernelChoice> plan_lstm(const KernelRequest& request) {
  const ops::Arguments& arguments = request.arguments();
  ANEBENCH_ASSIGN(planned, plan_recurrence(request, 4));
  if (!planned.reason.empty()) return KernelChoice::none(planned.reason);
  LstmCell cell;
  ANEBENCH_ASSIGN(recurrent,
                  ops::recurrent_activation(arguments, "recurrent_activation", "sigmoid"));
  ANEBENCH_ASSIGN(candidate, ops::recurrent_activation(arguments, "cell_activation", "tanh"));
  ANEBENCH_ASSIGN(output, ops::recurrent_activation(arguments, "activation", "tanh"));
  ANEBENCH_ASSIGN(clip, arguments.number_or("clip", std::numeric_limits<double>::infinity()));
  cell.activations = {recurrent, candidate, output};
  cell.clip = static_cast<float>(std::fabs(clip));
  planned.plan.make = [request, cell, form = planned.form](
                          const KernelOperands& at) -> Result<std::unique_ptr<TensorOperation>> {
    ANEBENCH_ASSIGN(weights, all_weights(request, form));
    std::vector<float> added;
    for (const DirectionWeights& own : weights) {
      added.insert(added.end(), own.bias.begin(), own.bias.end());
    }
    return std::make_unique<RecurrentOperation<LstmCell>>(form, cell, std::move(weights),
                                                          std::move(added), at);
  };
  return std::move(planned.plan);
}

Result<KernelChoice> plan_gru(const KernelRequest& request) {
  const ops::Arguments& arguments = request.arguments();
  ANEBENCH_ASSIGN(planned, plan_recurrence(request, 3));
  if (!planned.reason.empty()) return KernelChoice::none(planned.reason);
  GruCell cell;
  ANEBENCH_ASSIGN(recurrent,
                  ops::recurrent_activation(arguments, "recurrent_activation", "sigmoid"));
  ANEBENCH_ASSIGN(output, ops::recurrent_activation(arguments, "activation", "tanh"));
  ANEBENCH_ASSIGN(reset_after, arguments.boolean_or("reset_after", false));
  cell.activations = {.recurrent = recurrent, .output = output};
  cell.reset_after = reset_after;
  planned.plan.make = [request, cell, form = planned.form](
                          const KernelOperands& at) -> Result<std::unique_ptr<TensorOperation>> {
    ANEBENCH_ASSIGN(weights, all_weights(request, form));
    std::vector<float> added = weights[0].input_bias;
    for (std::size_t row = 0; row < added.size(); ++row) {
      const bool is_output_gate = row / form.hidden == 1;
      if (!is_output_gate) added[row] += weights[0].bias[row];
    }
    return std::make_unique<RecurrentOperation<GruCell>>(form, cell, std::move(weights),
                                                         std::move(added), at);
  };
  return std::move(planned.plan);
}

constexpr KernelEntry kRecurrentKernels[] = {{"gru", plan_gru}, {"lstm", plan_lstm}};

}  // namespace

std::span<const KernelEntry> recurrent_kernels() { return kRecurrentKernels; }

}  // namespace anebench::device::cpu
