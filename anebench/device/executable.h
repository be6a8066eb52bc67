// A compiled program on a device, and the requests that run it. The life cycle is the Neural
// Engine's: compile (Device::compile) → load → evaluate … → unload → load …
//
//   ANEBENCH_ASSIGN(executable, device->compile(program, weights, options));
//   ANEBENCH_TRY(executable->load());
//   ANEBENCH_ASSIGN(request, executable->create_request());
//   ANEBENCH_TRY(request->bind_input(0, x));
//   ANEBENCH_TRY(request->bind_output(0, y));
//   ANEBENCH_TRY(executable->evaluate(*request));
//
// `evaluate` may run concurrently on different requests of one executable; everything else needs
// outside synchronisation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/surface.h"
#include "anebench/mil/program.h"
#include "anebench/weights/weight_files.h"

namespace anebench::device {

// One unit that the device executes: the placement of the operations that it covers.
struct Step {
  // Stable within the executable, e.g. "conv_003".
  std::string name;
  // Indices into the function's operations, ascending.
  std::vector<std::size_t> operations;
  // What executes them, e.g. "conv1x1_int8_avx512vnni" or "reference".
  std::string kernel;
  // Why a slower path than the device's best was taken; empty where it was not.
  std::string fallback_reason;
};

// Called on the evaluating thread. A device that cannot tell its steps apart calls nothing.
class StepObserver {
 public:
  virtual ~StepObserver() = default;
  // `step` indexes Executable::steps(); times are the device clock's. Steps that a device executes
  // side by side share their time and are told as if one after another.
  virtual void on_step(std::size_t step, std::int64_t start_ns, std::int64_t end_ns) = 0;
};

// The states of a program (a language model's caches, say): an object of its own, which outlives
// evaluations and goes from request to request. It begins with zeros. Indices are positions in
// Executable::states(). Not to be used by two evaluations at a time.
class ProgramState {
 public:
  virtual ~ProgramState() = default;
  virtual Result<mil::Value> read(std::size_t index) const = 0;
  // The value's type must be that of the state.
  virtual Result<void> write(std::size_t index, const mil::Value& value) = 0;
  // Back to zeros.
  virtual Result<void> reset() = 0;
};
using ProgramStatePointer = std::shared_ptr<ProgramState>;

// The surfaces of one evaluation and its scratch memory. Belongs to the executable that made it and
// must not outlive it.
class Request {
 public:
  virtual ~Request() = default;

  // Binds by position in Executable::inputs() / outputs(). The surface's type must be the
  // declared one. One surface may not be both an input and an output of the same request: a device
  // may read inputs after it has begun to write outputs.
  virtual Result<void> bind_input(std::size_t index, SurfacePointer surface) = 0;
  virtual Result<void> bind_output(std::size_t index, SurfacePointer surface) = 0;
  // What evaluations read and write; from Executable::create_state() of the request's executable.
  // Programs with states need one, others have none.
  virtual Result<void> bind_state(ProgramStatePointer state);
  // After an evaluation: an output that no surface was bound for, because its dimensions are
  // unknown before (then one may be bound) or because it is no numeric tensor (a class label, a
  // dictionary).
  virtual Result<mil::Value> output_value(std::size_t index) const;
};

class Executable {
 public:
  virtual ~Executable() = default;

  // The function's inputs (without states) and outputs in program order. Inputs with unknown
  // dimensions take surfaces of any size that fits the known ones.
  virtual const std::vector<mil::NamedType>& inputs() const = 0;
  virtual const std::vector<mil::NamedType>& outputs() const = 0;

  // The function's states, with the types of what they hold; empty unless the program has some.
  virtual const std::vector<mil::NamedType>& states() const;
  virtual Result<ProgramStatePointer> create_state();

  // Makes the weights ready (reads, checks and packs them). Loading what is loaded is an error.
  virtual Result<void> load() = 0;
  virtual Result<void> unload() = 0;
  virtual bool is_loaded() const = 0;
  // Replaces the bytes of a weight file; takes effect at the next load. `file` is the path as the
  // program spells it ("@model_path/weights/weight.bin").
  virtual Result<void> replace_weight_file(const std::string& file,
                                           std::vector<std::byte> content) = 0;

  virtual Result<std::unique_ptr<Request>> create_request() = 0;
  // Runs the program once. Errors: not loaded; a surface not bound; the device's own.
  virtual Result<void> evaluate(Request& request, StepObserver* observer = nullptr) = 0;

  // Complete after load(). Where a function has open dimensions they may depend on the inputs'
  // shapes: then they are those of the latest evaluation, and change with the next of other shapes.
  virtual const std::vector<Step>& steps() const = 0;
  // Language rules that were bent in lenient mode, and the device's remarks on the weights.
  virtual const std::vector<std::string>& notes() const = 0;
  // Bytes that the loaded executable holds: packed weights and constants.
  virtual std::size_t resident_bytes() const = 0;
  // True where outputs equal the reference's in every bit (see the device's info for why not); with
  // open dimensions, those of the latest evaluation.
  virtual bool is_bit_exact() const = 0;
};

}  // namespace anebench::device
