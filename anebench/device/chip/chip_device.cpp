#include "anebench/device/chip/chip_device.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "anebench/device/basic_request.h"
#include "anebench/device/chip/chip_limits.h"
#include "anebench/device/virtual_executable.h"

namespace anebench::device {
namespace {

std::string_view kernel_of(const LayerWork& layer) {
  switch (layer.kind) {
    case LayerWork::Kind::conv1x1:
    case LayerWork::Kind::conv3x3:
    case LayerWork::Kind::conv: return layer.is_int8 ? "convolution, int8" : "convolution, fp16";
    case LayerWork::Kind::matrix_product: return layer.is_int8 ? "product, int8" : "product, fp16";
    case LayerWork::Kind::other: break;
  }
  return "fp16";
}

// The call, the transfer, and the layers.
void add_steps(const FunctionPrediction& predicted, VirtualProgram& program) {
  const auto add = [&](std::string name, std::vector<std::size_t> operations, std::string kernel,
                       double ns) {
    program.steps.push_back({std::move(name), std::move(operations), std::move(kernel), ""});
    program.plan.step_ns.push_back(ns);
  };
  add("call", {}, "call", predicted.prediction.call_ns);
  add("inputs and outputs", {}, "transfer", predicted.prediction.io_ns);
  for (std::size_t i = 0; i < predicted.work.layers.size(); ++i) {
    const LayerWork& layer = predicted.work.layers[i];
    const LayerTime& time = predicted.prediction.layers[i];
    add(layer.name, layer.covered, fmt::format("{}: {}", kernel_of(layer), to_string(time.bound)),
        time.ns);
  }
}

class ChipDevice final : public Device {
 public:
  ChipDevice(const ChipTable& table, const Chip& chip, const ChipOptions& options)
      : table_(table), chip_(chip), machine_(options.noise, options.seed) {
    const ChipFamily& family = table.family_of(chip);
    info_.name = std::string(kChipPrefix) + chip.name;
    info_.description = fmt::format("a model of the {}'s engine: predicts times", chip.title);
    info_.origin = Origin::predicted;
    info_.isa = family.subtype;
    info_.has_outputs = false;
    info_.remarks = {
        "predicts times and computes nothing; arithmetic counts as fp16, or int8 by "
        "int8 between quantize and dequantize"};
    info_.remarks.insert(info_.remarks.end(), chip.remarks.begin(), chip.remarks.end());
    if (chip.engines > 1) {
      info_.remarks.push_back(
          fmt::format("has {} engines, of which a program uses one", chip.engines));
    }
  }

  const DeviceInfo& info() const override { return info_; }
  const Clock& clock() const override { return machine_.clock(); }

  Result<std::vector<Peak>> peaks() override {
    const ChipFamily& family = table_.family_of(chip_);
    const auto source = [](const ChipConstant& constant) {
      return fmt::format("{}: {}", to_string(constant.kind), constant.source);
    };
    const double fp16 = family.fp16_tops.value * 1e12;
    return std::vector<Peak>{
        {"fp16", fp16, Origin::predicted, source(family.fp16_tops)},
        {"int8", fp16 * family.int8_factor.value, Origin::predicted, source(family.int8_factor)}};
  }

  Result<std::optional<Bandwidth>> bandwidth() override {
    return std::optional<Bandwidth>(Bandwidth{
        chip_.weight_gbs.value * 1e9, Origin::predicted,
        fmt::format("{}: {}", to_string(chip_.weight_gbs.kind), chip_.weight_gbs.source)});
  }

  Result<std::unique_ptr<Executable>> compile(const mil::Program& program,
                                              std::shared_ptr<weights::WeightFiles>,
                                              const CompileOptions& options) override {
    ANEBENCH_ASSIGN(start, start_virtual_program(program, options, "the chip model"));
    ANEBENCH_ASSIGN(predicted, predict_function(*start.function, table_, chip_));
    if (!predicted.broken_limits.empty() && !options.lenient) {
      return fail(ErrorCode::unsupported, "{}", fmt::join(predicted.broken_limits, "; "));
    }
    add_steps(predicted, start.program);
    start.program.notes = std::move(predicted.broken_limits);
    return make_virtual_executable(std::move(start.program), machine_);
  }

  Result<SurfacePointer> create_surface(const mil::Type& type) override {
    return create_memory_surface(type, CompileOptions{}.max_memory);
  }

 private:
  const ChipTable& table_;
  const Chip& chip_;
  DeviceInfo info_;
  VirtualMachine machine_;
};

}  // namespace

Result<std::unique_ptr<Device>> open_chip(std::string_view name, const ChipOptions& options) {
  const ChipTable& table = chip_table();
  if (const Chip* chip = table.find(name)) {
    return std::make_unique<ChipDevice>(table, *chip, options);
  }
  std::vector<std::string_view> known;
  for (const Chip& chip : table.chips) known.push_back(chip.name);
  return fail(ErrorCode::invalid_argument, "there is no chip \"{}\"; the model knows {}", name,
              fmt::join(known, ", "));
}

FunctionPrediction predict_work(const mil::Function& function, ProgramWork work,
                                const ChipTable& table, const Chip& chip) {
  FunctionPrediction result;
  result.work = std::move(work);
  result.prediction = predict(result.work, cost_parameters(table, chip));
  result.broken_limits = broken_limits(function, result.work, table.family_of(chip));
  return result;
}

Result<FunctionPrediction> predict_function(const mil::Function& function, const ChipTable& table,
                                            const Chip& chip) {
  ANEBENCH_ASSIGN(work, ProgramWork::of(function));
  return predict_work(function, std::move(work), table, chip);
}

}  // namespace anebench::device
