// Recurrent layers: gru, lstm and rnn over sequences [steps, batch, inputs]. The hidden state stays
// in double from step to step; outputs are rounded once.
//
// Where the language leaves room, coremltools' own tests say what is meant: "reverse" reads the
// sequence backwards and gives its outputs in the order of reading, while the backward half of
// "bidirectional" gives them in the order of the sequence; gru multiplies the reset gate into the
// hidden state before the matrix product unless reset_after; lstm clips the cell state.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>

#include "anebench/ops/activation.h"
#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/recurrent.h"
#include "anebench/ops/shapes.h"
#include "anebench/ops/signature.h"

namespace anebench::ops {
namespace {

using mil::Dim;
using mil::Opset;
using mil::Type;
using Activation = RecurrentActivation;

double hard_sigmoid(double x) { return std::clamp(0.2 * x + 0.5, 0.0, 1.0); }
double hyperbolic_tangent(double x) { return std::tanh(x); }
double lecun_tanh(double x) { return 1.7159 * std::tanh(x * 2 / 3); }
double identity(double x) { return x; }

// --- Shapes -----------------------------------------------------------------------------------

struct Form {
  Dim steps = Dim::unknown();
  Dim batch = Dim::unknown();
  Dim inputs = Dim::unknown();
  std::int64_t hidden = 0;
  bool is_reverse = false;
  bool is_bidirectional = false;
  bool is_sequence = false;

  std::int64_t directions() const { return is_bidirectional ? 2 : 1; }
};

Result<void> check_shape(const Arguments& arguments, std::string_view parameter,
                         const mil::Shape& wanted) {
  if (!arguments.has(parameter)) return {};
  ANEBENCH_ASSIGN(type, arguments.tensor_type(parameter));
  if (mil::compatible(type, Type::tensor(type.data_type(), wanted))) return {};
  return arguments.error(
      parameter, fmt::format("has shape {}, wants {}", to_string(type.shape()), to_string(wanted)));
}

// `gates` is the number of hidden vectors that a step computes.
Result<Form> form_of(const Arguments& arguments, std::int64_t gates) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  if (x.rank() != 3) return arguments.error("x", fmt::format("has rank {}, wants 3", x.rank()));
  ANEBENCH_ASSIGN(recurrent, known_tensor(arguments, "weight_hh"));
  if (recurrent.dims.size() != 2 || recurrent.dims[0] % gates != 0 ||
      recurrent.dims[0] / gates != recurrent.dims[1]) {
    return arguments.error("weight_hh", fmt::format("wants [{} * H, H]", gates));
  }
  Form form{.steps = x.shape()[0],
            .batch = x.shape()[1],
            .inputs = x.shape()[2],
            .hidden = recurrent.dims[1]};
  ANEBENCH_ASSIGN(direction, arguments.string_or("direction", "forward"));
  form.is_reverse = direction == "reverse";
  form.is_bidirectional = direction == "bidirectional" && arguments.definition().name == "lstm";
  if (direction != "forward" && !form.is_reverse && !form.is_bidirectional) {
    return arguments.error("direction", fmt::format("is '{}'", direction));
  }
  ANEBENCH_ASSIGN(is_sequence, arguments.boolean_or("output_sequence", false));
  form.is_sequence = is_sequence;
  const mil::Shape state = {form.batch, form.hidden * form.directions()};
  ANEBENCH_TRY(check_shape(arguments, "initial_h", state));
  ANEBENCH_TRY(check_shape(arguments, "initial_c", state));
  for (const std::string_view suffix : {"", "_back"}) {
    const auto name = [&](std::string_view stem) { return fmt::format("{}{}", stem, suffix); };
    const Dim rows = gates * form.hidden;
    ANEBENCH_TRY(check_shape(arguments, name("weight_ih"), {rows, form.inputs}));
    ANEBENCH_TRY(check_shape(arguments, name("weight_hh"), {rows, form.hidden}));
    ANEBENCH_TRY(check_shape(arguments, name("bias"), {rows}));
    ANEBENCH_TRY(check_shape(arguments, name("peephole"), {3 * form.hidden}));
    if (suffix.empty() && !form.is_bidirectional) break;
    for (const std::string_view required : {"weight_ih_back", "weight_hh_back"}) {
      if (!arguments.has(required)) return arguments.error(required, "is missing");
    }
  }
  return form;
}

// The sequence (or its last element) and `states` final states.
Result<std::vector<Type>> output_types(const Arguments& arguments, const Form& form, int states) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  const Dim width = form.hidden * form.directions();
  std::vector<Type> types = {
      Type::tensor(x.data_type(), {form.is_sequence ? form.steps : Dim(1), form.batch, width})};
  for (int i = 0; i < states; ++i) {
    types.push_back(Type::tensor(x.data_type(), {form.batch, width}));
  }
  return types;
}

// --- One direction ----------------------------------------------------------------------------

struct Weights {
  std::vector<double> input;   // [rows, inputs]
  std::vector<double> hidden;  // [rows, H]
  std::vector<double> bias;    // [rows]
};

Result<std::vector<double>> doubles_or_zeros(OpContext& context, const std::string& parameter,
                                             std::size_t count) {
  if (!context.arguments().has(parameter)) return std::vector<double>(count, 0.0);
  ANEBENCH_ASSIGN(tensor, context.tensor(parameter));
  return tensor.to_doubles();
}

Result<Weights> weights_of(OpContext& context, std::string_view suffix) {
  ANEBENCH_ASSIGN(input, context.tensor(fmt::format("weight_ih{}", suffix)));
  ANEBENCH_ASSIGN(hidden, context.tensor(fmt::format("weight_hh{}", suffix)));
  const auto rows = static_cast<std::size_t>(hidden.dims()[0]);
  ANEBENCH_ASSIGN(bias, doubles_or_zeros(context, fmt::format("bias{}", suffix), rows));
  return Weights{input.to_doubles(), hidden.to_doubles(), std::move(bias)};
}

// The product of one matrix row and a vector.
double dot(const std::vector<double>& matrix, std::size_t row, std::span<const double> vector) {
  const double* weights = matrix.data() + row * vector.size();
  double sum = 0;
  for (std::size_t i = 0; i < vector.size(); ++i) sum += weights[i] * vector[i];
  return sum;
}

// What a batch element remembers from step to step; c is empty but for lstm.
struct State {
  std::vector<double> h;
  std::vector<double> c;
};
// Computes the next state from the input of a step.
using Step = std::function<void(std::span<const double> x, State& state)>;

// Where the results of one direction go.
struct Target {
  std::size_t first_column = 0;
  bool reads_backwards = false;
  bool writes_in_sequence_order = false;
};

// Runs one direction over all batch elements, at the same time where there are threads. `outputs`
// are the sequence, the final h and, for lstm, the final c.
Result<void> run_direction(OpContext& context, const Form& form, const Target& target,
                           const Step& step, std::vector<Tensor>& outputs) {
  ANEBENCH_ASSIGN(x_tensor, context.tensor("x"));
  ANEBENCH_ASSIGN(h_tensor, context.tensor("initial_h"));
  const bool has_cell = outputs.size() > 2;
  std::vector<double> initial_c;
  if (has_cell) {
    ANEBENCH_ASSIGN(c_tensor, context.tensor("initial_c"));
    initial_c = c_tensor.to_doubles();
  }
  const std::vector<double> x = x_tensor.to_doubles();
  const std::vector<double> initial_h = h_tensor.to_doubles();
  const auto steps = static_cast<std::size_t>(x_tensor.dims()[0]);
  const auto batch = static_cast<std::size_t>(x_tensor.dims()[1]);
  const auto inputs = static_cast<std::size_t>(x_tensor.dims()[2]);
  const auto hidden = static_cast<std::size_t>(form.hidden);
  const std::size_t width = hidden * static_cast<std::size_t>(form.directions());
  std::vector<std::span<std::byte>> bytes;
  for (Tensor& output : outputs) bytes.push_back(output.mutable_bytes());
  const mil::DataType type = outputs.front().data_type();
  context.parallel_for(batch, [&](std::size_t begin, std::size_t end) {
    for (std::size_t b = begin; b < end; ++b) {
      const std::size_t own = b * width + target.first_column;
      const auto row = [&](const std::vector<double>& values) {
        const auto first = values.begin() + static_cast<std::ptrdiff_t>(own);
        return std::vector<double>(first, first + static_cast<std::ptrdiff_t>(hidden));
      };
      State state{row(initial_h), has_cell ? row(initial_c) : std::vector<double>()};
      for (std::size_t k = 0; k < steps; ++k) {
        const std::size_t t = target.reads_backwards ? steps - 1 - k : k;
        step(std::span(x).subspan((t * batch + b) * inputs, inputs), state);
        if (form.is_sequence) {
          const std::size_t at = target.writes_in_sequence_order ? t : k;
          store_doubles(type, bytes[0], at * batch * width + own, state.h);
        }
      }
      if (!form.is_sequence) store_doubles(type, bytes[0], own, state.h);
      store_doubles(type, bytes[1], own, state.h);
      if (has_cell) store_doubles(type, bytes[2], own, state.c);
    }
  });
  return {};
}

Result<std::vector<Tensor>> make_outputs(const std::vector<Type>& types) {
  std::vector<Tensor> outputs;
  for (const Type& type : types) {
    ANEBENCH_ASSIGN(output, Tensor::create(type));
    outputs.push_back(std::move(output));
  }
  return outputs;
}

// --- rnn --------------------------------------------------------------------------------------

Result<std::vector<Type>> infer_rnn(const Arguments& arguments) {
  ANEBENCH_ASSIGN(form, form_of(arguments, 1));
  ANEBENCH_TRY(recurrent_activation(arguments, "activation", "tanh"));
  return output_types(arguments, form, 1);
}

Result<std::vector<Tensor>> evaluate_rnn(OpContext& context) {
  ANEBENCH_ASSIGN(types, infer_rnn(context.arguments()));
  ANEBENCH_ASSIGN(form, form_of(context.arguments(), 1));
  ANEBENCH_ASSIGN(activation, recurrent_activation(context.arguments(), "activation", "tanh"));
  ANEBENCH_ASSIGN(weights, weights_of(context, ""));
  ANEBENCH_ASSIGN(outputs, make_outputs(types));
  const Step step = [&](std::span<const double> x, State& state) {
    std::vector<double> next(state.h.size());
    for (std::size_t i = 0; i < next.size(); ++i) {
      next[i] =
          activation(weights.bias[i] + dot(weights.input, i, x) + dot(weights.hidden, i, state.h));
    }
    state.h = std::move(next);
  };
  ANEBENCH_TRY(run_direction(context, form, {.reads_backwards = form.is_reverse}, step, outputs));
  return outputs;
}

// --- gru: reset, output and update gate -------------------------------------------------------

Result<std::vector<Type>> infer_gru(const Arguments& arguments) {
  ANEBENCH_ASSIGN(form, form_of(arguments, 3));
  ANEBENCH_TRY(check_shape(arguments, "input_bias", {3 * form.hidden}));
  ANEBENCH_TRY(recurrent_activation(arguments, "activation", "tanh"));
  ANEBENCH_TRY(recurrent_activation(arguments, "recurrent_activation", "sigmoid"));
  return output_types(arguments, form, 1);
}

Result<std::vector<Tensor>> evaluate_gru(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(types, infer_gru(arguments));
  ANEBENCH_ASSIGN(form, form_of(arguments, 3));
  ANEBENCH_ASSIGN(activation, recurrent_activation(arguments, "activation", "tanh"));
  ANEBENCH_ASSIGN(recurrent, recurrent_activation(arguments, "recurrent_activation", "sigmoid"));
  ANEBENCH_ASSIGN(reset_after, arguments.boolean_or("reset_after", false));
  ANEBENCH_ASSIGN(weights, weights_of(context, ""));
  ANEBENCH_ASSIGN(input_bias, doubles_or_zeros(context, "input_bias", weights.bias.size()));
  ANEBENCH_ASSIGN(outputs, make_outputs(types));
  const auto hidden = static_cast<std::size_t>(form.hidden);
  const Step step = [&](std::span<const double> x, State& state) {
    std::vector<double> reset(hidden);
    std::vector<double> update(hidden);
    std::vector<double> kept(hidden);
    for (std::size_t i = 0; i < hidden; ++i) {
      const auto gate = [&](std::size_t row) {
        return recurrent(input_bias[row] + weights.bias[row] + dot(weights.input, row, x) +
                         dot(weights.hidden, row, state.h));
      };
      reset[i] = gate(i);
      update[i] = gate(2 * hidden + i);
      kept[i] = reset[i] * state.h[i];
    }
    std::vector<double> next(hidden);
    for (std::size_t i = 0; i < hidden; ++i) {
      const std::size_t row = hidden + i;
      const double remembered =
          reset_after ? reset[i] * (dot(weights.hidden, row, state.h) + weights.bias[row])
                      : dot(weights.hidden, row, kept) + weights.bias[row];
      const double output = activation(dot(weights.input, row, x) + input_bias[row] + remembered);
      next[i] = (1 - update[i]) * output + update[i] * state.h[i];
    }
    state.h = std::move(next);
  };
  ANEBENCH_TRY(run_direction(context, form, {.reads_backwards = form.is_reverse}, step, outputs));
  return outputs;
}

// --- lstm: input, forget, output and cell gate ------------------------------------------------

Result<std::vector<Type>> infer_lstm(const Arguments& arguments) {
  ANEBENCH_ASSIGN(form, form_of(arguments, 4));
  ANEBENCH_TRY(recurrent_activation(arguments, "recurrent_activation", "sigmoid"));
  ANEBENCH_TRY(recurrent_activation(arguments, "cell_activation", "tanh"));
  ANEBENCH_TRY(recurrent_activation(arguments, "activation", "tanh"));
  return output_types(arguments, form, 2);
}

Result<void> run_lstm_direction(OpContext& context, const Form& form, std::string_view suffix,
                                const Target& target, std::vector<Tensor>& outputs) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(recurrent, recurrent_activation(arguments, "recurrent_activation", "sigmoid"));
  ANEBENCH_ASSIGN(cell, recurrent_activation(arguments, "cell_activation", "tanh"));
  ANEBENCH_ASSIGN(activation, recurrent_activation(arguments, "activation", "tanh"));
  ANEBENCH_ASSIGN(given, arguments.number_or("clip", std::numeric_limits<double>::infinity()));
  const double clip = std::abs(given);
  ANEBENCH_ASSIGN(weights, weights_of(context, suffix));
  const auto hidden = static_cast<std::size_t>(form.hidden);
  ANEBENCH_ASSIGN(peephole,
                  doubles_or_zeros(context, fmt::format("peephole{}", suffix), 3 * hidden));
  const Step step = [&](std::span<const double> x, State& state) {
    std::vector<double> next(hidden);
    for (std::size_t i = 0; i < hidden; ++i) {
      const auto sum = [&](std::size_t gate) {
        const std::size_t row = gate * hidden + i;
        return weights.bias[row] + dot(weights.input, row, x) + dot(weights.hidden, row, state.h);
      };
      const double in = recurrent(sum(0) + peephole[i] * state.c[i]);
      const double forget = recurrent(sum(1) + peephole[hidden + i] * state.c[i]);
      const double candidate = cell(sum(3));
      state.c[i] = std::clamp(forget * state.c[i] + in * candidate, -clip, clip);
      const double out = recurrent(sum(2) + peephole[2 * hidden + i] * state.c[i]);
      next[i] = out * activation(state.c[i]);
    }
    state.h = std::move(next);
  };
  return run_direction(context, form, target, step, outputs);
}

Result<std::vector<Tensor>> evaluate_lstm(OpContext& context) {
  ANEBENCH_ASSIGN(types, infer_lstm(context.arguments()));
  ANEBENCH_ASSIGN(form, form_of(context.arguments(), 4));
  ANEBENCH_ASSIGN(outputs, make_outputs(types));
  ANEBENCH_TRY(
      run_lstm_direction(context, form, "", {.reads_backwards = form.is_reverse}, outputs));
  if (form.is_bidirectional) {
    ANEBENCH_TRY(run_lstm_direction(context, form, "_back",
                                    {.first_column = static_cast<std::size_t>(form.hidden),
                                     .reads_backwards = true,
                                     .writes_in_sequence_order = true},
                                    outputs));
  }
  return outputs;
}

// The matrix products, which outweigh the rest: steps * batch * rows * (inputs + H) multiply-adds.
template <int kGates>
Result<double> count_recurrent(const Arguments& arguments, std::span<const Type> /*outputs*/) {
  ANEBENCH_ASSIGN(form, form_of(arguments, kGates));
  ANEBENCH_ASSIGN(x, known_tensor(arguments, "x"));
  const double rows = static_cast<double>(kGates * form.hidden * form.directions());
  return 2 * static_cast<double>(x.dims[0]) * static_cast<double>(x.dims[1]) * rows *
         static_cast<double>(x.dims[2] + form.hidden);
}

// --- Parameters -------------------------------------------------------------------------------

constexpr Parameter tensor_parameter(std::string_view name, TypeSet types, bool constant = false,
                                     bool optional = false, std::string_view fallback = "") {
  return {.name = name,
          .types = types,
          .type_variable = "T",
          .optional = optional,
          .constant = constant,
          .default_text = fallback};
}
constexpr Parameter kDirection = optional_parameter("direction", kString, "forward");
constexpr Parameter kActivation = optional_parameter("activation", kString, "tanh");
constexpr Parameter kRecurrentActivation =
    optional_parameter("recurrent_activation", kString, "sigmoid");
constexpr Parameter kOutputSequence = optional_parameter("output_sequence", kBool, "false");

// The parameters of both versions, which differ in the types that they take.
#define ANEBENCH_RNN_PARAMETERS(types)                                                        \
  tensor_parameter("x", types), tensor_parameter("initial_h", types),                         \
      tensor_parameter("weight_ih", types, true), tensor_parameter("weight_hh", types, true), \
      tensor_parameter("bias", types, true, true, "zeros"), kDirection, kOutputSequence

constexpr Parameter kRnn13[] = {ANEBENCH_RNN_PARAMETERS(kFp32), kActivation};
constexpr Parameter kRnn17[] = {ANEBENCH_RNN_PARAMETERS(kFloats), kActivation};
constexpr Version kRnnVersions[] = {{Opset::ios13, kRnn13}, {Opset::ios17, kRnn17}};

constexpr Parameter kGru13[] = {ANEBENCH_RNN_PARAMETERS(kFp32), kRecurrentActivation, kActivation};
constexpr Parameter kGru17[] = {ANEBENCH_RNN_PARAMETERS(kFloats), kRecurrentActivation,
                                kActivation};
constexpr Parameter kGru18[] = {
    ANEBENCH_RNN_PARAMETERS(kFloats),
    kRecurrentActivation,
    kActivation,
    {.name = "reset_after", .types = kBool, .optional = true, .constant = true},
    tensor_parameter("input_bias", kFloats, true, true)};
#undef ANEBENCH_RNN_PARAMETERS
constexpr Version kGruVersions[] = {
    {Opset::ios13, kGru13}, {Opset::ios17, kGru17}, {Opset::ios18, kGru18}};

#define ANEBENCH_LSTM_PARAMETERS(types)                                                          \
  tensor_parameter("x", types), tensor_parameter("initial_h", types),                            \
      tensor_parameter("initial_c", types), tensor_parameter("weight_ih", types, true),          \
      tensor_parameter("weight_hh", types, true),                                                \
      tensor_parameter("bias", types, true, true, "zeros"),                                      \
      tensor_parameter("peephole", types, true, true, "zeros"),                                  \
      tensor_parameter("weight_ih_back", types, true, true),                                     \
      tensor_parameter("weight_hh_back", types, true, true),                                     \
      tensor_parameter("bias_back", types, true, true),                                          \
      tensor_parameter("peephole_back", types, true, true), kDirection, kOutputSequence,         \
      kRecurrentActivation, optional_parameter("cell_activation", kString, "tanh"), kActivation, \
      tensor_parameter("clip", types, true, true, "no clipping")

constexpr Parameter kLstm13[] = {ANEBENCH_LSTM_PARAMETERS(kFp32)};
constexpr Parameter kLstm17[] = {ANEBENCH_LSTM_PARAMETERS(kFloats)};
#undef ANEBENCH_LSTM_PARAMETERS
constexpr Version kLstmVersions[] = {{Opset::ios13, kLstm13}, {Opset::ios17, kLstm17}};

constexpr Definition kRecurrentDefinitions[] = {
    {.name = "gru",
     .family = "recurrent",
     .versions = kGruVersions,
     .infer = infer_gru,
     .evaluate = evaluate_gru,
     .count_operations = count_recurrent<3>},
    {.name = "lstm",
     .family = "recurrent",
     .versions = kLstmVersions,
     .infer = infer_lstm,
     .evaluate = evaluate_lstm,
     .count_operations = count_recurrent<4>},
    {.name = "rnn",
     .family = "recurrent",
     .versions = kRnnVersions,
     .infer = infer_rnn,
     .evaluate = evaluate_rnn,
     .count_operations = count_recurrent<1>},
};

}  // namespace

Result<RecurrentActivation> recurrent_activation(const Arguments& arguments,
                                                 std::string_view parameter,
                                                 std::string_view fallback) {
  struct Named {
    std::string_view name;
    RecurrentActivation function;
  };
  // Both spellings of the hard sigmoid occur in the documentation.
  constexpr Named kActivations[] = {
      {"sigmoid", sigmoid},           {"tanh", hyperbolic_tangent}, {"relu", relu},
      {"linear", identity},           {"scaled_tanh", lecun_tanh},  {"hard_sigmoid", hard_sigmoid},
      {"sigmoid_hard", hard_sigmoid},
  };
  ANEBENCH_ASSIGN(name, arguments.string_or(parameter, fallback));
  const auto* found = std::ranges::find(kActivations, name, &Named::name);
  if (found != std::end(kActivations)) return found->function;
  return arguments.error(parameter, fmt::format("is '{}', wants sigmoid, tanh, relu, linear, "
                                                "scaled_tanh or hard_sigmoid",
                                                name));
}

std::span<const Definition> recurrent_family() { return kRecurrentDefinitions; }

}  // namespace anebench::ops
