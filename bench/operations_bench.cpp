// What real models run between their convolutions: each operation on the CPU device's kernels and
// by its reference evaluation (on the CPU device's threads as well), in time of one evaluation.
//
//   operations_bench --benchmark_filter='linear'
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "anebench/base/rng.h"
#include "anebench/device/cpu/cpu_device.h"
#include "anebench/device/loaded_program.h"
#include "anebench/device/reference/reference_device.h"
#include "anebench/mil/builder.h"

namespace anebench {
namespace {

using mil::DataType;
using mil::Shape;
using mil::Type;
using mil::Value;

Value random_halves(const Shape& shape) {
  Rng rng(1);
  std::vector<double> values(static_cast<std::size_t>(*mil::element_count(shape)));
  for (double& value : values) value = rng.uniform() * 2 - 1;
  return Value::fp16_tensor(shape, values);
}

Type half(Shape shape) { return Type::tensor(DataType::fp16, std::move(shape)); }

// One layer of a transformer's sizes: 128 tokens of 512 numbers, 8 heads.
struct Case {
  const char* name;
  Shape x;
  Shape y;
  std::vector<mil::Builder::Input> arguments;
};

std::vector<Case> cases() {
  const Value last = Value::scalar<std::int32_t>(-1);
  const Value last_axes = Value::tensor<std::int32_t>({1}, std::vector<std::int32_t>{-1});
  const Value heads_outward =
      Value::tensor<std::int32_t>({4}, std::vector<std::int32_t>{0, 2, 1, 3});
  return {
      {"linear", {1, 128, 512}, {1, 128, 512}, {{"weight", random_halves({512, 512})}}},
      {"matmul", {8, 128, 64}, {8, 128, 128}, {{"y", random_halves({8, 64, 128})}}},
      {"softmax", {8, 128, 128}, {8, 128, 128}, {{"axis", last}}},
      {"layer_norm", {1, 128, 512}, {1, 128, 512}, {{"axes", last_axes}}},
      {"silu", {1, 128, 512}, {1, 128, 512}, {}},
      {"transpose", {1, 128, 8, 64}, {1, 8, 128, 64}, {{"perm", heads_outward}}},
  };
}

void run_case(benchmark::State& state, const Case& c, bool on_reference) {
  auto device = on_reference ? device::open_reference({}) : device::open_cpu("cpu", best_isa(), {});
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", half(c.x));
  std::vector<mil::Builder::Input> arguments = {{"x", "x"}};
  arguments.insert(arguments.end(), c.arguments.begin(), c.arguments.end());
  builder.op(c.name, "y", half(c.y), arguments);
  auto loaded = device ? device::LoadedProgram::open(**device, builder.finish({"y"}), nullptr, {})
                       : tl::unexpected(device.error());
  // Once untimed: libraries make their code when it is first called for.
  if (!loaded || !loaded->set_inputs({random_halves(c.x)}) || !loaded->evaluate()) {
    state.SkipWithError("the operation does not run");
    return;
  }
  for (auto _ : state) {
    if (!loaded->evaluate()) {
      state.SkipWithError("the operation fails");
      break;
    }
  }
}

const bool kRegistered = [] {
  for (const Case& c : cases()) {
    for (const bool on_reference : {false, true}) {
      const std::string name = std::string(c.name) + (on_reference ? "/reference" : "/cpu");
      benchmark::RegisterBenchmark(name.c_str(), [c, on_reference](benchmark::State& s) {
        run_case(s, c, on_reference);
      })->UseRealTime();
    }
  }
  return true;
}();

}  // namespace
}  // namespace anebench
