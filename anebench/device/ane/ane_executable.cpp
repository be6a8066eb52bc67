#include "anebench/device/ane/ane_executable.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "anebench/device/ane/ane_request.h"

namespace anebench::device::ane {
namespace {

class AneExecutable final : public Executable {
 public:
  AneExecutable(std::shared_ptr<const Framework> framework, AneCompilation compilation,
                const Clock& clock)
      : framework_(std::move(framework)),
        inputs_(std::move(compilation.inputs)),
        outputs_(std::move(compilation.outputs)),
        notes_(std::move(compilation.notes)),
        clock_(clock) {
    const PreparedProgram& prepared = compilation.prepared;
    notes_.insert(notes_.end(), prepared.notes.begin(), prepared.notes.end());
    add_ports(Port::Place::input, inputs_);
    add_ports(Port::Place::output, outputs_);
  }

  Result<void> compile(const PreparedPart& part, std::uint32_t qos) {
    ANEBENCH_ASSIGN(model, AneModel::compile(framework_, part.source, qos));
    ExecutablePart& compiled = parts_.emplace_back();
    compiled.model = std::move(model);
    for (const mil::NamedType& value : part.inputs) compiled.inputs.push_back(port_of(value));
    for (const mil::NamedType& value : part.outputs) compiled.outputs.push_back(port_of(value));
    for (const AneSource::File& file : part.source.files) {
      resident_bytes_ += file.content.bytes.size();
    }
    if (part.operations.empty()) return {};
    steps_.push_back({fmt::format("part_{:03}", parts_.size() - 1), part.operations,
                      framework_->is_stand_in() ? "ane (stand-in)" : "ane", ""});
    part_of_step_.push_back(parts_.size() - 1);
    return {};
  }

  const std::vector<mil::NamedType>& inputs() const override { return inputs_; }
  const std::vector<mil::NamedType>& outputs() const override { return outputs_; }

  Result<void> load() override {
    if (is_loaded_) return fail(ErrorCode::invalid_argument, "the program is loaded already");
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      auto loaded = parts_[i].model->load();
      if (loaded) continue;
      // What the failure of taking it back would say is less than why it is needed.
      for (std::size_t j = 0; j < i; ++j) (void)parts_[j].model->unload();
      return loaded;
    }
    is_loaded_ = true;
    return {};
  }

  Result<void> unload() override {
    if (!is_loaded_) return fail(ErrorCode::invalid_argument, "the program is not loaded");
    is_loaded_ = false;
    Result<void> result;
    for (const ExecutablePart& part : parts_) {
      auto unloaded = part.model->unload();
      if (!unloaded && result) result = std::move(unloaded);
    }
    return result;
  }

  bool is_loaded() const override { return is_loaded_; }

  Result<void> replace_weight_file(const std::string& file,
                                   std::vector<std::byte> content) override {
    bool is_known = false;
    for (const ExecutablePart& part : parts_) {
      if (!part.model->has_file(file)) continue;
      ANEBENCH_TRY(part.model->replace_file(file, content));
      is_known = true;
    }
    if (is_known) return {};
    return fail(ErrorCode::not_found, "the program has no weight file {}", file);
  }

  Result<std::unique_ptr<Request>> create_request() override {
    return std::make_unique<AneRequest>(framework_, inputs_, outputs_, parts_, between_);
  }

  Result<void> evaluate(Request& request, StepObserver* observer) override {
    if (!is_loaded_) return fail(ErrorCode::invalid_argument, "the program is not loaded");
    auto& bound = static_cast<AneRequest&>(request);
    ANEBENCH_TRY(bound.require_bound());
    ANEBENCH_TRY(bound.prepare());
    if (observer == nullptr) {
      for (std::size_t i = 0; i < parts_.size(); ++i) ANEBENCH_TRY(bound.run(i));
      return {};
    }
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const std::int64_t start = clock_.now_ns();
      ANEBENCH_TRY(bound.run(i));
      const auto step = std::find(part_of_step_.begin(), part_of_step_.end(), i);
      if (step == part_of_step_.end()) continue;
      observer->on_step(static_cast<std::size_t>(step - part_of_step_.begin()), start,
                        clock_.now_ns());
    }
    return {};
  }

  const std::vector<Step>& steps() const override { return steps_; }
  const std::vector<std::string>& notes() const override { return notes_; }
  std::size_t resident_bytes() const override { return resident_bytes_; }
  bool is_bit_exact() const override { return false; }

 private:
  void add_ports(Port::Place place, const std::vector<mil::NamedType>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) ports_[values[i].name] = {place, i};
  }
  // A value that is no input or output of the function passes between parts.
  Port port_of(const mil::NamedType& value) {
    const auto [found, is_new] =
        ports_.try_emplace(value.name, Port{Port::Place::between, between_.size()});
    if (is_new) between_.push_back(value.type);
    return found->second;
  }

  std::shared_ptr<const Framework> framework_;
  std::vector<mil::NamedType> inputs_;
  std::vector<mil::NamedType> outputs_;
  std::vector<std::string> notes_;
  const Clock& clock_;
  std::map<std::string, Port> ports_;
  std::vector<mil::Type> between_;
  std::vector<ExecutablePart> parts_;
  std::vector<Step> steps_;
  std::vector<std::size_t> part_of_step_;
  std::size_t resident_bytes_ = 0;
  bool is_loaded_ = false;
};

}  // namespace

Result<std::unique_ptr<Executable>> compile_for_ane(std::shared_ptr<const Framework> framework,
                                                    AneCompilation compilation,
                                                    const Clock& clock) {
  const std::vector<PreparedPart> parts = std::move(compilation.prepared.parts);
  const std::uint32_t qos = compilation.qos;
  auto executable =
      std::make_unique<AneExecutable>(std::move(framework), std::move(compilation), clock);
  for (const PreparedPart& part : parts) ANEBENCH_TRY(executable->compile(part, qos));
  return executable;
}

}  // namespace anebench::device::ane
