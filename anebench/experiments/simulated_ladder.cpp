#include "anebench/experiments/simulated_ladder.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include "anebench/experiments/ladder_measure.h"
#include "anebench/programs/program_parts.h"

namespace anebench::experiments {
namespace {

constexpr LadderRung kSmallestRung = {64, 1};

mil::Program structure_shim(const LadderRung& r, std::int64_t depth, bool w8a8) {
  using namespace mil;
  auto b = programs::start_program(programs::Format::v1_3);
  const Type act = Type::tensor(DataType::fp16, {1, r.channels, 1, r.positions});
  const Type act8 = Type::tensor(DataType::int8, {1, r.channels, 1, r.positions});
  const Type dense = Type::tensor(DataType::fp16, {r.channels, r.channels, 1, 1});
  const Type packed = Type::tensor(DataType::int8, {r.channels, r.channels, 1, 1});
  b.input("x", act);
  programs::Conv1x1 conv(b);
  b.constant("s", Value::fp16_scalar(0.125));
  b.constant("t", Value::string("int8"));
  std::string x = "x";
  const auto requantize = [&](std::string n) {
    b.op("quantize", "q" + n, act8, {{"input", x}, {"output_dtype", "t"}, {"scale", "s"}});
    b.op("dequantize", "d" + n, act, {{"input", "q" + n}, {"scale", "s"}});
    x = "d" + n;
  };
  if (w8a8) requantize("i");
  for (int i = 0; i < depth; ++i) {
    const std::string n = std::to_string(i);
    if (w8a8) {
      b.op_with_attributes("constexpr_affine_dequantize", "w" + n, dense,
                           {{"axis", Value::scalar<std::int32_t>(0)},
                            {"quantized_data", Value::blob(packed, {"@model_path/w", 64})},
                            {"scale", Value::fp16_scalar(0.125)},
                            {"zero_point", Value::scalar<std::int8_t>(0)}});
    } else {
      b.constant("w" + n, Value::blob(dense, {"@model_path/w", 64}));
    }
    const bool last = i + 1 == depth;
    conv.append(last ? "y" : "c" + n, act, x, "w" + n);
    x = last ? "y" : "c" + n;
    if (w8a8 && !last) requantize(n);
  }
  return b.finish({"y"});
}

}  // namespace

measure::Work SimulatedLadder::Chain::work() const {
  return [this] { return executable->evaluate(*request); };
}

Result<SimulatedLadder::Chain> SimulatedLadder::compile(const LadderRung& rung, std::int64_t depth,
                                                        bool is_w8a8) {
  const auto program = structure_shim(rung, depth, is_w8a8);
  Chain chain;
  ANEBENCH_ASSIGN(executable, device_->compile(program, nullptr, {}));
  chain.executable = std::move(executable);
  ANEBENCH_TRY(chain.executable->load());
  ANEBENCH_ASSIGN(request, chain.executable->create_request());
  chain.request = std::move(request);
  return chain;
}

Result<double> SimulatedLadder::time_ns(const Chain& chain) {
  const std::int64_t start = device_->clock().now_ns();
  ANEBENCH_TRY(chain.executable->evaluate(*chain.request));
  return static_cast<double>(device_->clock().now_ns() - start);
}

Result<SimulatedLadder::Shape> SimulatedLadder::prepare(const LadderRung& rung, double floor_ns) {
  ANEBENCH_ASSIGN(one_layer, compile(rung, 1, false));
  ANEBENCH_ASSIGN(one_ns, time_ns(one_layer));
  Shape shape;
  shape.fp16.rung = rung;
  shape.fp16.depth = ladder_depth(rung, one_ns - floor_ns, floor_ns);
  ANEBENCH_ASSIGN(baseline, compile(rung, shape.fp16.depth, false));
  ANEBENCH_ASSIGN(variant, compile(rung, shape.fp16.depth, true));
  shape.baseline = std::move(baseline);
  shape.variant = std::move(variant);
  return shape;
}

Result<std::unique_ptr<SimulatedLadder>> SimulatedLadder::open(device::Mechanism mechanism,
                                                               LadderSize size) {
  std::unique_ptr<SimulatedLadder> ladder(
      new SimulatedLadder(device::open_simulated({.mechanism = mechanism})));
  ANEBENCH_ASSIGN(smallest, ladder->compile(kSmallestRung, 1, false));
  ladder->smallest_ = std::move(smallest);
  ANEBENCH_ASSIGN(floor_ns, ladder->time_ns(ladder->smallest_));
  for (const LadderRung& rung : ladder_rungs(size)) {
    ANEBENCH_ASSIGN(shape, ladder->prepare(rung, floor_ns));
    ladder->shapes_.push_back(std::move(shape));
  }
  const auto weights = [](const Shape& shape) {
    return shape.fp16.rung.channels * shape.fp16.rung.channels * shape.fp16.depth;
  };
  const auto lightest =
      std::min_element(ladder->shapes_.begin(), ladder->shapes_.end(),
                       [&](const Shape& a, const Shape& b) { return weights(a) < weights(b); });
  ladder->anchor_ = static_cast<std::size_t>(lightest - ladder->shapes_.begin());
  return ladder;
}

Result<Finding> SimulatedLadder::run(const ConfusionOptions& options, stats::NoiseKind noise,
                                     std::uint64_t seed) {
  device_->restart(noise, seed);
  LadderMeter meter(device_->clock(),
                    {.plan = options.plan, .shapes = shapes_.size(), .seed = seed});
  ANEBENCH_TRY(meter.start(smallest_.work(), shapes_[anchor_].baseline.work()));
  VerdictInput input;
  input.floor_ns = meter.floor_ns();
  for (std::size_t i = 0; i < shapes_.size(); ++i) {
    const Shape& shape = shapes_[i];
    const auto pair = meter.compare(shape.baseline.work(), shape.variant.work(), 2 * i);
    if (pair.error) return fail(*pair.error);
    LadderShape& measured = input.shapes.emplace_back();
    measured.fp16 = shape.fp16;
    measured.ratio = pair.ratio;
    measured.fp16.time_ns = pair.a.time_ns.value;
    if (options.anchored) {
      ANEBENCH_ASSIGN(anchored, meter.anchored_time(shape.baseline.work(), 2 * i + 1));
      measured.fp16.time_ns = anchored.time_ns;
    }
  }
  return judge(input, options.rules);
}

}  // namespace anebench::experiments
