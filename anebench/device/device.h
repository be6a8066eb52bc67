// A device: something that compiles and evaluates MIL programs. One interface for the reference
// evaluator, the CPU, the chip model and the Neural Engine; one conformance suite runs against all.
//
//   ANEBENCH_ASSIGN(device, device::open("cpu", {.threads = 2}));
//   fmt::print("{}\n", device->info().description);
//
// A device outlives its executables and surfaces. Compiling and creating surfaces may be called
// from several threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "anebench/base/clock.h"
#include "anebench/base/origin.h"
#include "anebench/base/result.h"
#include "anebench/device/executable.h"
#include "anebench/device/surface.h"
#include "anebench/mil/program.h"
#include "anebench/ops/limits.h"
#include "anebench/weights/weight_files.h"

namespace anebench::device {

// The highest arithmetic rate of a device in one precision.
struct Peak {
  std::string precision;  // "fp32", "fp16", "int8"
  double ops_per_second = 0;
  Origin origin = Origin::measured;
  // What was measured or where it was published, e.g. "register-only FMA loop, 2 threads".
  std::string source;
};

// The highest rate at which a device reads memory that no cache holds.
struct Bandwidth {
  double bytes_per_second = 0;
  Origin origin = Origin::measured;
  std::string source;  // as a peak's
};

struct DeviceInfo {
  std::string name;         // as given on the command line: "cpu:avx512vnni"
  std::string description;  // one line for people
  // What its times are: measured or predicted (or stand-in, simulated).
  Origin origin = Origin::measured;
  std::string isa;  // or the engine's subtype; empty where there is none
  int threads = 1;
  // False: it computes nothing and only says what time a program takes. Its outputs are never
  // checked, and inputs are never read.
  bool has_outputs = true;
  // Results of each fp16 op are within one rounding of fp32 arithmetic (experiments/op_check.h).
  bool rounds_every_op = false;
  // How fp16 arithmetic is done, and other things that a reader of results must know.
  std::vector<std::string> remarks;
  // Library, driver or system versions: {"oneDNN", "2.6.3"}.
  std::vector<std::pair<std::string, std::string>> versions;
};

struct CompileOptions {
  // Execute programs that break rules of the language but whose meaning is plain.
  bool lenient = false;
  // Read weight files strictly: warnings become errors.
  bool strict_weights = false;
  // What int8 convolution does where dequantization is not exact: the floating-point path, or
  // integers all the same (within one quantization step).
  enum class Int8Mode { exact, fast } int8_mode = Int8Mode::exact;
  // Refuse programs that plan more than this many bytes.
  std::size_t max_memory = std::size_t{16} << 30;
  std::string function = "main";
  // Iterations that all loops of one evaluation may make together; a program that never ends fails
  // there (ErrorCode::resource_exhausted).
  std::int64_t max_iterations = ops::kDefaultMaxIterations;
  // What random operations without a seed of their own draw from. Every evaluation of a request
  // draws other numbers; requests of one executable draw the same.
  std::uint64_t random_seed = 0;
  // Quality of service that the Neural Engine's framework is asked for (21: its default); other
  // devices take no heed of it.
  int qos = 21;
};

class Device {
 public:
  virtual ~Device() = default;

  virtual const DeviceInfo& info() const = 0;
  virtual const Clock& clock() const = 0;

  // Measures or looks up the peaks; may take up to a second the first time. Empty where nothing is
  // known.
  virtual Result<std::vector<Peak>> peaks() = 0;

  // The same for memory; nothing where it is not known.
  virtual Result<std::optional<Bandwidth>> bandwidth() { return std::optional<Bandwidth>(); }

  // `weights` may be null for programs without weight files. The executable keeps it.
  virtual Result<std::unique_ptr<Executable>> compile(const mil::Program& program,
                                                      std::shared_ptr<weights::WeightFiles> weights,
                                                      const CompileOptions& options) = 0;

  // Bound to this device's executables. Limited by CompileOptions' default max_memory.
  virtual Result<SurfacePointer> create_surface(const mil::Type& type) = 0;

  // A short loop of the device's usual inner work, run between measurements: its rate falls when
  // something else uses the core. Nanoseconds it took by clock(); nothing where there is none.
  virtual std::optional<double> run_canary() { return std::nullopt; }

  // How many more programs this process may compile; nothing where there is no limit.
  virtual std::optional<std::size_t> compilations_left() const { return std::nullopt; }
};

struct DeviceOptions {
  // 0: all hardware threads.
  int threads = 0;
};

// What `anebench devices` lists.
struct DeviceListing {
  std::string name;
  std::string description;
  // Why it cannot be opened on this machine; empty where it can.
  std::string unavailable_reason;
};

// All devices known to this build that compute, in a fixed order, the unavailable ones with their
// reason. The models of chips ("chip:m5") are not among them: nothing runs there
// (chip/chip_constants.h has their table).
std::vector<DeviceListing> list_devices();

// Errors: invalid_argument for an unknown name (with the nearest known ones), unavailable with the
// reason.
Result<std::unique_ptr<Device>> open(std::string_view name, const DeviceOptions& options = {});

}  // namespace anebench::device
