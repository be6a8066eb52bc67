// What computes behind the stand-in: the program's text and weight files, given to this library's
// own CPU device. Inputs and outputs are taken in the alphabetical order of their names.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/device.h"

namespace anebench::standin {

using WeightContents = std::map<std::string, std::vector<std::byte>>;  // by name in the text

class Evaluator {
 public:
  // Parses and compiles. Errors say what a compiler would.
  static Result<std::unique_ptr<Evaluator>> create(const std::string& text,
                                                   const WeightContents& files);

  Result<void> load() { return executable_->load(); }
  Result<void> unload() { return executable_->unload(); }
  // Takes effect at the next load.
  Result<void> replace(const WeightContents& files);

  const std::vector<mil::NamedType>& inputs() const { return inputs_; }
  const std::vector<mil::NamedType>& outputs() const { return outputs_; }
  // Buffers at least as large as the values. Thread-safe.
  Result<void> evaluate(std::span<const std::byte* const> inputs,
                        std::span<std::byte* const> outputs);

 private:
  // Surfaces of one evaluation, used again by the next.
  struct Lane {
    std::unique_ptr<device::Request> request;
    std::vector<device::SurfacePointer> inputs;
    std::vector<device::SurfacePointer> outputs;
  };
  Result<Lane> make_lane();
  Result<Lane> take_lane();

  std::unique_ptr<device::Executable> executable_;
  device::Device* device_ = nullptr;
  std::vector<mil::NamedType> inputs_;
  std::vector<mil::NamedType> outputs_;
  // Positions in the program's own order.
  std::vector<std::size_t> input_positions_;
  std::vector<std::size_t> output_positions_;
  std::mutex mutex_;
  std::vector<Lane> lanes_;
};

}  // namespace anebench::standin
