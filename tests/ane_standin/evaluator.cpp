#include "evaluator.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include "anebench/mil/text_parser.h"
#include "anebench/weights/weight_files.h"
#include "personality.h"

namespace anebench::standin {
namespace {

constexpr int kThreads = 2;

// One device for each way of computing, for ever: models outlive personalities.
Result<device::Device*> device_of(const Personality& wanted) {
  static std::mutex mutex;
  static auto* devices = new std::map<std::string, std::unique_ptr<device::Device>>;
  const std::lock_guard lock(mutex);
  const std::string name = wanted.has_native_int8 ? "cpu" : "cpu:dequant";
  auto& known = (*devices)[name];
  if (known == nullptr) {
    ANEBENCH_ASSIGN(opened, device::open(name, {.threads = kThreads}));
    known = std::move(opened);
  }
  return known.get();
}

std::vector<std::size_t> alphabetical(const std::vector<mil::NamedType>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a].name < values[b].name; });
  return order;
}

std::vector<mil::NamedType> in_order(const std::vector<mil::NamedType>& values,
                                     const std::vector<std::size_t>& order) {
  std::vector<mil::NamedType> result;
  for (const std::size_t i : order) result.push_back(values[i]);
  return result;
}

}  // namespace

Result<std::unique_ptr<Evaluator>> Evaluator::create(const std::string& text,
                                                     const WeightContents& files) {
  ANEBENCH_ASSIGN(program, mil::parse_text(text));
  ANEBENCH_ASSIGN(device, device_of(personality()));
  ANEBENCH_ASSIGN(weights, weights::WeightFiles::from_memory(files));
  device::CompileOptions options;
  // The real compiler takes the classic programs, which bend a rule.
  options.lenient = true;
  ANEBENCH_ASSIGN(executable, device->compile(program, weights, options));
  auto evaluator = std::make_unique<Evaluator>();
  evaluator->device_ = device;
  evaluator->input_positions_ = alphabetical(executable->inputs());
  evaluator->output_positions_ = alphabetical(executable->outputs());
  evaluator->inputs_ = in_order(executable->inputs(), evaluator->input_positions_);
  evaluator->outputs_ = in_order(executable->outputs(), evaluator->output_positions_);
  evaluator->executable_ = std::move(executable);
  return evaluator;
}

Result<void> Evaluator::replace(const WeightContents& files) {
  for (const auto& [name, content] : files) {
    ANEBENCH_TRY(executable_->replace_weight_file(name, content));
  }
  return {};
}

Result<Evaluator::Lane> Evaluator::make_lane() {
  Lane lane;
  ANEBENCH_ASSIGN(request, executable_->create_request());
  lane.request = std::move(request);
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    ANEBENCH_ASSIGN(surface, device_->create_surface(inputs_[i].type));
    ANEBENCH_TRY(lane.request->bind_input(input_positions_[i], surface));
    lane.inputs.push_back(std::move(surface));
  }
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    ANEBENCH_ASSIGN(surface, device_->create_surface(outputs_[i].type));
    ANEBENCH_TRY(lane.request->bind_output(output_positions_[i], surface));
    lane.outputs.push_back(std::move(surface));
  }
  return lane;
}

Result<Evaluator::Lane> Evaluator::take_lane() {
  {
    const std::lock_guard lock(mutex_);
    if (!lanes_.empty()) {
      Lane lane = std::move(lanes_.back());
      lanes_.pop_back();
      return lane;
    }
  }
  return make_lane();
}

Result<void> Evaluator::evaluate(std::span<const std::byte* const> inputs,
                                 std::span<std::byte* const> outputs) {
  ANEBENCH_ASSIGN(lane, take_lane());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto bytes = lane.inputs[i]->bytes();
    std::memcpy(bytes.data(), inputs[i], bytes.size());
  }
  ANEBENCH_TRY(executable_->evaluate(*lane.request));
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto bytes = lane.outputs[i]->bytes();
    std::memcpy(outputs[i], bytes.data(), bytes.size());
  }
  const std::lock_guard lock(mutex_);
  lanes_.push_back(std::move(lane));
  return {};
}

}  // namespace anebench::standin
